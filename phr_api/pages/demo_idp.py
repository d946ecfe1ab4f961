"""The pages and endpoints of the demonstration's provider: choosing an invented person stands for a password.

This router exists only in the embedded mode.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from phr_api.demo_desk import TOKEN_SECONDS, Asked, Desk
from phr_api.doors import Conn, Public
from phr_api.pages._html import render
from phr_api.problems import Problem, not_found
from phr_api.sign_in.provider import Door
from phr_api.town import stories
from store import accounts, directory, people, staff
from store.clock import civil_day

ROUTER = APIRouter(prefix="/demo-idp", tags=["pages", "demo"], include_in_schema=False, dependencies=[Public])

_Text = Annotated[str, Field(max_length=500)]


class Asking(BaseModel):
    """OpenID Connect Core 1.0, section 3.1.2.1; what the desk has no use for is passed over."""

    model_config = ConfigDict(extra="ignore")

    client_id: _Text
    redirect_uri: _Text
    state: _Text
    nonce: _Text
    code_challenge: _Text
    code_challenge_method: _Text
    response_type: _Text


class Choice(Asking):
    """The same again, and who was chosen."""

    public_id: UUID | None = None
    staff_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None


@ROUTER.get("/{door}/.well-known/openid-configuration")
def metadata(door: Door, request: Request) -> dict[str, Any]:
    return _desk(request).metadata(door)


@ROUTER.get("/{door}/keys")
def keys(door: Door, request: Request) -> dict[str, Any]:
    return _desk(request).keys()


@ROUTER.get("/{door}/authorize")
def choose(door: Door, request: Request, conn: Conn, *, asking: Annotated[Asking, Query()]) -> HTMLResponse:
    """Who would you like to be?"""
    _understood(request, door, asking)
    _as_the_town(conn)
    town, told = directory.everyone(conn) if door == "citizen" else [], stories()
    return render(
        "demo_idp.html",
        request,
        door=door,
        asking=asking,
        personas=[(person, contact, told[contact.name]) for person, contact in town if contact.name in told],
        neighbours=[(person, contact) for person, contact in town if contact.name not in told],
        nurses=staff.listing(conn),
        today=civil_day(datetime.now(UTC)),
    )


@ROUTER.post("/{door}/authorize")
def chosen(door: Door, request: Request, conn: Conn, *, choice: Annotated[Choice, Form()]) -> RedirectResponse:
    """Back to the service with a code, as whoever was chosen."""
    asked = _understood(request, door, choice)
    desk = _desk(request)
    _as_the_town(conn)
    subject = _tied(conn, desk, door, choice)
    answer = {"code": desk.give(door, asked, subject), "state": asked.state, "iss": desk.issuer(door)}
    return RedirectResponse(f"{asked.redirect_uri}?{urlencode(answer)}", 303)


@ROUTER.post("/{door}/token")
def token(
    door: Door,
    request: Request,
    *,
    grant_type: Annotated[_Text, Form()],
    code: Annotated[_Text, Form()],
    code_verifier: Annotated[_Text, Form()],
    redirect_uri: Annotated[_Text, Form()],
) -> Response:
    """The ID token for a code (RFC 6749, section 4.1.3, with RFC 7636)."""
    desk, sent = _desk(request), request.headers.get("authorization", "")
    made = desk.redeem(door, sent, code=code, verifier=code_verifier, redirect_uri=redirect_uri)
    if made is None or grant_type != "authorization_code":
        return JSONResponse({"error": "invalid_grant"}, 400)
    # the access token opens nothing: there is nothing to ask the desk for
    answer = {"id_token": made, "access_token": "-", "token_type": "Bearer"}  # nosec B105 - no secrets
    return JSONResponse(answer | {"expires_in": TOKEN_SECONDS})


def _as_the_town(conn: psycopg.Connection) -> None:
    """A provider knows everybody; the API's own role, in which this transaction began, knows nobody yet."""
    conn.execute("set local role none")


def _tied(conn: psycopg.Connection, desk: Desk, door: str, choice: Choice) -> str:
    """The subject of who was chosen. Their account is tied here, as the city's desk does it in earnest."""
    person = people.by_public_id(conn, choice.public_id) if choice.public_id and door == "citizen" else None
    nurse = staff.by_id(conn, choice.staff_id) if choice.staff_id and door == "staff" else None
    if person is None and (nurse is None or nurse.left_at is not None):
        raise not_found()
    subject = f"person-{person.public_id}" if person else f"staff-{nurse.staff_id if nurse else 0}"
    accounts.link(
        conn,
        desk.issuer(door),
        subject,
        evidence="demo",
        linked_by="demo",
        person_id=person.person_id if person else None,
        staff_id=nurse.staff_id if nurse else None,
    )
    return subject


def _understood(request: Request, door: str, asking: Asking) -> Asked:
    asked = Asked(
        asking.client_id, asking.redirect_uri, asking.state, asking.nonce, code_challenge=asking.code_challenge
    )
    usual = (asking.response_type, asking.code_challenge_method) == ("code", "S256")
    if not usual or not _desk(request).knows(door, asked):
        raise Problem(
            400, "読み取れません", "サインインの画面から、もう一度お試しください。 Not this service's request."
        )
    return asked


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk
