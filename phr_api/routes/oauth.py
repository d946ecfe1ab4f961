"""The token endpoint for programs: a clinic's system or an operator's signs in with a key of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse

from phr_api import throttle
from phr_api.doors import Conn, Public, look
from phr_api.sign_in import assertion
from phr_api.sign_in.id_token import NotAccepted
from store import clients, sessions

ROUTER = APIRouter(prefix="/oauth", tags=["tokens"], dependencies=[Public])

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FAULT: dict[str, Any] = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"description": "RFC 6749, section 5.2", "content": {"application/json": {"schema": _FAULT}}}
    for status in (400, 401, 429)
}


@dataclass(frozen=True, slots=True)
class ProgramToken:
    """``expires_in`` in seconds. There is no refresh token: ask again with a new assertion."""

    access_token: str
    token_type: str
    expires_in: int


@ROUTER.post(
    "/token",
    response_model=ProgramToken,
    responses=_ANSWERS,
    summary="施設のシステムのトークン / A token for a clinic's or an operator's program",
)
def token(
    request: Request,
    conn: Conn,
    *,
    grant_type: Annotated[str, Form(max_length=100)],
    client_assertion_type: Annotated[str, Form(max_length=100)],
    client_assertion: Annotated[str, Form(max_length=8000)],
) -> ProgramToken | Response:
    """`client_credentials` with `private_key_jwt` (RFC 7523). The assertion: `iss` and `sub` the client id, `aud` this
    endpoint, `exp` within five minutes, a `jti` that is new."""
    if grant_type != "client_credentials":
        return _fault(400, "unsupported_grant_type")
    if client_assertion_type != _TYPE:
        return _fault(400, "invalid_request")
    own = request.app.state.settings.public_url.rstrip("/")
    try:
        keys = clients.keys(conn, assertion.claimed_by(client_assertion))
        found = assertion.read(client_assertion, keys, audiences=(f"{own}/oauth/token", own), now=datetime.now(UTC))
    except NotAccepted:
        return _refused(request, conn)
    if not clients.use_assertion(conn, found.client_id, found.jti, found.expires_at):
        return _refused(request, conn)
    sessions.sweep(conn)
    made = sessions.open(conn, client_id=found.client_id, ttl=clients.TOKEN_TTL)
    who = sessions.who(conn, made)
    assert who is not None
    look(conn, who, None, items="session", purpose="own", request=request, action="sign_in")
    answer = ProgramToken(made, "Bearer", int(clients.TOKEN_TTL.total_seconds()))
    return answer


def _refused(request: Request, conn: Conn) -> Response:
    """Wrong, used, expired and unknown look alike, and are counted."""
    wait = throttle.waiting(request, conn, "client")
    answer = _fault(429 if wait else 401, "invalid_client")
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _fault(status: int, error: str) -> Response:
    return JSONResponse({"error": error}, status)
