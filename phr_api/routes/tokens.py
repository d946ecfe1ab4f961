"""Tokens for a person's telephone app.

The app is connected by a one-time code that the person reads off a browser in which they have just signed in: no
redirect that another app could claim, no list of apps to keep, and the same for every telephone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from phr_api import throttle
from phr_api.doors import Conn, Public, look
from phr_api.inputs import Word
from phr_api.problems import Problem
from store import sessions, tokens
from store.tokens import Reused, Tokens

ROUTER = APIRouter(prefix="/api/tokens", tags=["tokens"], dependencies=[Public])

_Token = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class Connection(BaseModel):
    """The code that the page 「サインイン中の機器」 shows, and what to call this telephone in its list."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code": "7K3M-9QTD-0F5W-2XHR", "device": "花子のスマホ"}}
    )

    code: Word
    device: Word


class Refreshing(BaseModel):
    """The newest refresh token of this app."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: _Token


@dataclass(frozen=True, slots=True)
class TokensShape:
    """``expires_in``: seconds the access token is good. Each refresh token is good once: keep the newest."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


@ROUTER.post("", status_code=201, response_model=TokensShape, summary="アプリをつなぐ / Connect an app by its code")
def connect(request: Request, conn: Conn, *, wanted: Connection) -> TokensShape | Response:
    """Wrong, used and expired codes are answered alike (404)."""
    made = tokens.connect(conn, wanted.code, wanted.device)
    if made is None:
        return throttle.refused(request, conn, "app_code", _no_code())
    who = sessions.who(conn, made.access)
    assert who is not None
    look(conn, who, made.person_id, items="session", purpose="own", request=request, action="sign_in")
    return _shape(made)


@ROUTER.post("/refresh", response_model=TokensShape, summary="新しいトークン / New tokens for the refresh token")
def refresh(request: Request, conn: Conn, *, held: Refreshing) -> TokensShape | Response:
    """Unknown, used and expired tokens are answered alike (401). One that comes a second time disconnects the app."""
    try:
        made = tokens.refresh(conn, held.refresh_token)
    except Reused:
        made = None  # and the app is out: that is committed with this answer
    if made is None:
        return throttle.refused(request, conn, "refresh", _not_good())
    return _shape(made)


@ROUTER.post("/revoke", status_code=204, summary="アプリを外す / Disconnect this app")
def revoke(conn: Conn, *, held: Refreshing) -> None:
    """Its tokens end now. The same answer for any token (RFC 7009, section 2.2)."""
    tokens.revoke(conn, held.refresh_token)


def _shape(made: Tokens) -> TokensShape:
    return TokensShape(made.access, made.refresh, "Bearer", int(tokens.ACCESS_TTL.total_seconds()))


def _no_code() -> Problem:
    return Problem(
        404,
        "このコードは使えません",
        "「サインイン中の機器」の画面で新しいコードを出してください。コードは10分間、1回だけ使えます。"
        " No such code, or used, or expired: ask for a new one (ten minutes, one use).",
    )


def _not_good() -> Problem:
    return Problem(
        401,
        "もう一度つないでください",
        "「サインイン中の機器」の画面で新しいコードを出し、アプリをつなぎ直してください。"
        " This refresh token is not good (any more): connect the app again with a new code.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
