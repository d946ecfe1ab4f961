"""The second factor of staff: set up once, then asked at every sign-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import psycopg
import pyotp
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import onboarding
from phr_api.doors import COOKIE, Conn, HalfSignedIn, keep, look
from phr_api.pages._html import render
from phr_api.problems import Problem, too_many
from store import second_factors, sessions, tries
from store.sessions import NurseOnDuty

ROUTER = APIRouter(prefix="/second-factor", tags=["pages"], include_in_schema=False)
KNOWN = "phr_known"  # this browser's owner gave a right code here before
_ISSUER = "さかた健康記録"

Code = Annotated[str, Form(max_length=40)]


@ROUTER.get("")
def page(request: Request, who: HalfSignedIn, conn: Conn) -> HTMLResponse:
    """Set it up, or give the code."""
    factor = second_factors.of(conn, who.staff_id)
    return _asked(request) if factor and factor.confirmed else _set_up(request, who, conn)


@ROUTER.post("/new")
def confirm(request: Request, who: HalfSignedIn, conn: Conn, *, code: Code) -> Response:
    """The first code of a new secret; the answer shows the recovery codes, once."""
    factor = second_factors.of(conn, who.staff_id)
    if factor is None or factor.confirmed:
        raise Problem(409, "設定は済んでいます", "確認コードの画面から続けてください。 It is set up already.")
    key = _take_turn(request, who, conn)
    codes = second_factors.confirm(conn, who.staff_id, code, datetime.now(UTC))
    if codes is None:
        return _set_up(request, who, conn, wrong=True)
    return _let_in(request, who, conn, render("second_factor_codes.html", request, codes=codes), key=key)


@ROUTER.post("")
def give(request: Request, who: HalfSignedIn, conn: Conn, *, code: Code) -> Response:
    """A code of the telephone, or one of the recovery codes."""
    key = _take_turn(request, who, conn)
    right = second_factors.check(conn, who.staff_id, code, datetime.now(UTC))
    if not right and not second_factors.recover(conn, who.staff_id, code):
        return _asked(request, wrong=True)
    return _let_in(request, who, conn, RedirectResponse("/nurse", 303), key=key)


def _take_turn(request: Request, who: NurseOnDuty, conn: psycopg.Connection) -> str:
    """Count the try before it is judged. Raises Problem (429) while there is to wait.

    Tries in her own browser and tries elsewhere are counted apart: who learnt her password and guesses at codes
    makes himself wait, and not her.
    """
    known = second_factors.knows_browser(conn, who.staff_id, request.cookies.get(KNOWN, ""))
    key = f"second_factor|{who.staff_id}|{'known' if known else 'new'}"
    wait = tries.take(conn, key)
    if wait:
        raise too_many(wait)
    return key


def _let_in(request: Request, who: NurseOnDuty, conn: psycopg.Connection, answer: Response, *, key: str) -> Response:
    """The session under a new token, its second factor shown."""
    tries.forgive(conn, key)
    fresh = sessions.raise_second_factor(conn, request.cookies.get(COOKIE, ""))
    keep(request, answer, COOKIE, fresh, life=sessions.TTL)
    known = second_factors.remember_browser(conn, who.staff_id)
    keep(request, answer, KNOWN, known, life=second_factors.KNOWN_TTL)
    look(conn, who, None, items="second factor", purpose="own", request=request, action="sign_in")
    return answer


def _set_up(request: Request, who: NurseOnDuty, conn: psycopg.Connection, *, wrong: bool = False) -> HTMLResponse:
    secret = second_factors.begin(conn, who.staff_id)
    address = pyotp.TOTP(secret).provisioning_uri(name=f"staff-{who.staff_id}", issuer_name=_ISSUER)
    picture = onboarding.inside(address)
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    made = render("second_factor_new.html", request, picture=picture, groups=groups, wrong=wrong)
    made.status_code = 422 if wrong else 200
    return made


def _asked(request: Request, *, wrong: bool = False) -> HTMLResponse:
    made = render("second_factor.html", request, wrong=wrong)
    made.status_code = 422 if wrong else 200
    return made
