"""Signing in at the city's providers, and signing out."""

from __future__ import annotations

import logging
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Annotated
from urllib.parse import urlencode

import psycopg
from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import throttle
from phr_api.doors import COOKIE, Conn, Public, connection, keep, sign_in, sign_out
from phr_api.pages._html import render
from phr_api.problems import Problem, not_found, too_many
from phr_api.sign_in import flow
from phr_api.sign_in.id_token import NotAccepted, Proved
from phr_api.sign_in.provider import Door, Provider, ProviderAway
from store import accounts, sign_ins
from store.sign_ins import Begun

log = logging.getLogger(__name__)

ROUTER = APIRouter(tags=["pages"], include_in_schema=False, dependencies=[Public])
BROWSER = "phr_signin"  # ties a sign-in to the browser that began it
_OWN_PAGE = re.compile(r"/(?![/\\])[A-Za-z0-9/_.-]*")
_transaction = asynccontextmanager(connection)

_Text = Annotated[str, Query(max_length=2000)]


@ROUTER.get("/signin")
def choose(request: Request) -> HTMLResponse:
    """The doors: citizens' and staff's. None is set up: it says so."""
    doors = request.app.state.providers
    if not doors:
        return render("signin_not_set_up.html", request)
    return render("signin.html", request, doors=doors, ended=COOKIE in request.cookies)  # signing out takes it away


@ROUTER.get("/signin/again")
def again(request: Request, after: _Text = "/") -> HTMLResponse:
    """Before something that can't be undone: prove anew who you are."""
    asked = urlencode({"after": _own(after), "again": "1"})
    return render("signin_again.html", request, address=f"/signin/citizen?{asked}")


@ROUTER.get("/signin/{door}")
def leave(door: Door, request: Request, conn: Conn, *, after: _Text = "/", again: bool = False) -> Response:
    """Off to the provider of this door."""
    provider = _provider(request, door)
    source = throttle.source(request)
    if sign_ins.crowded(conn, source):
        raise too_many(60)
    try:
        leaving = flow.leave(provider, _back(request, door), again=again)
    except ProviderAway as fault:
        raise _away(provider, fault) from None
    browser = token_urlsafe(32)
    sign_ins.begin(
        conn,
        door=door,
        state=leaving.state,
        browser=browser,
        nonce=leaving.nonce,
        verifier=leaving.verifier,
        after=_own(after),
        again=again,
        source=source,
    )
    answer = RedirectResponse(leaving.address, 303)
    keep(request, answer, BROWSER, browser, life=sign_ins.TTL)
    return answer


@ROUTER.get("/signin/callback/{door}")
async def arrive(
    door: Door, request: Request, *, code: _Text = "", state: _Text = "", iss: _Text | None = None
) -> Response:
    """Back from the provider. No database connection is held while it is asked."""
    provider = _provider(request, door)
    browser = request.cookies.get(BROWSER, "")
    async with _transaction(request) as conn:
        begun = await run_in_threadpool(sign_ins.take, conn, door, state=state, browser=browser)
    try:
        if begun is None or not code or iss not in (None, provider.issuer):
            raise NotAccepted("state" if begun is None else "answer")
        proved = await to_thread.run_sync(
            flow.prove, provider, _back(request, door), begun, code, limiter=provider.turns
        )
    except NotAccepted as fault:
        log.warning("sign-in of %s refused: %s", door, fault)
        async with _transaction(request) as conn:
            return await run_in_threadpool(throttle.refused, request, conn, "sign_in", _not_accepted())
    except ProviderAway as fault:
        raise _away(provider, fault) from None
    async with _transaction(request) as conn:
        return await run_in_threadpool(_enter, request, conn, begun, proved)


@ROUTER.post("/signout")
def out(request: Request, conn: Conn) -> RedirectResponse:
    """Close the session; harmless when nobody is signed in."""
    answer = RedirectResponse("/signin", 303)
    sign_out(conn, request, answer)
    return answer


def _enter(request: Request, conn: psycopg.Connection, begun: Begun, proved: Proved) -> Response:
    """A session for whom the account is tied to, or the page that says where to have it tied."""
    issuer = request.app.state.providers[begun.door].issuer
    account = accounts.find(conn, issuer, proved.subject)
    if account is None or (account.person_id is None) == (begun.door == "citizen"):
        code = accounts.ask(conn, issuer, proved.subject)
        page = render("signin_unknown.html", request, code=code, staff=begun.door == "staff")
        page.status_code = 403
        return page
    answer = RedirectResponse("/nurse" if account.staff_id and begun.after == "/" else begun.after, 303)
    ago = max(datetime.now(UTC) - proved.at, datetime.resolution) if proved.at else None
    sign_in(
        conn,
        request,
        answer,
        person_id=account.person_id,
        staff_id=account.staff_id,
        account_id=account.account_id,
        proved=ago,
    )
    answer.delete_cookie(BROWSER, httponly=True, samesite="lax")
    return answer


def _provider(request: Request, door: Door) -> Provider:
    found: Provider | None = request.app.state.providers.get(door)
    if found is None:
        raise not_found()
    return found


def _back(request: Request, door: Door) -> str:
    return f"{request.app.state.settings.public_url.rstrip('/')}/signin/callback/{door}"


def _own(page: str) -> str:
    """A page of ours; anything else is the first page (no open redirect)."""
    return page if _OWN_PAGE.fullmatch(page) else "/"


def _away(provider: Provider, fault: ProviderAway) -> Problem:
    log.error("the provider of %s can't be used: %s", provider.door, fault)
    return Problem(
        503,
        "ただいまサインインできません",
        "サインインのしくみにつながりません。少し待ってから、もう一度お試しください。"
        " The sign-in provider does not answer: try again in a minute.",
        headers={"Retry-After": "60"},
    )


def _not_accepted() -> Problem:
    return Problem(
        400,
        "サインインできませんでした",
        "時間がたちすぎたか、途中で別の画面を開いたのかもしれません。はじめからもう一度お試しください。"
        " This sign-in is not good (any more): begin anew at /signin.",
    )
