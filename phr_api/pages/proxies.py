"""「代理」: who may do what for me, for whom I may, how one invites; and in whose name this browser shows pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import psycopg
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import behalf, inviting, onboarding, throttle
from phr_api.doors import AnySession, Conn, Fresh, Me, SignedIn, deny, look
from phr_api.inputs import RowId, Word
from phr_api.inviting import NewInvitation
from phr_api.pages._html import render
from phr_api.problems import forbidden, not_found
from store import entitlements, invitations, people, sessions
from store.entitlements import May
from store.sessions import Citizen

ROUTER = APIRouter(prefix="/proxies", tags=["pages"], include_in_schema=False)

Typed = Annotated[str, Form(min_length=1, max_length=40)]
_YEARS: dict[str, timedelta | None] = {"1": timedelta(days=365), "3": timedelta(days=3 * 365), "": None}


@ROUTER.get("")
def page(request: Request, me: Me, conn: Conn) -> HTMLResponse:
    """Both sides: who acts for me, for whom I act."""
    return _page(request, me, conn)


@ROUTER.get("/invite")
def form(request: Request, me: Fresh, conn: Conn) -> HTMLResponse:
    """What the one whom I invite may do: nothing is ticked beforehand. Only just after signing in."""
    return render("proxies_invite.html", request)


@ROUTER.post("/invite")
def invite(
    request: Request,
    me: Fresh,
    conn: Conn,
    *,
    relation: Annotated[Word, Form(max_length=20)],
    scope: Annotated[list[May], Form(max_length=3)],
    years: Annotated[Literal["", "1", "3"], Form()] = "",
) -> HTMLResponse:
    """A code, shown on this one answer."""
    lasts = _YEARS[years]
    new = NewInvitation(relation=relation, scope=scope, valid_to=datetime.now(UTC) + lasts if lasts else None)
    return _page(request, me, conn, code=inviting.invite(conn, me, new, request))


@ROUTER.post("/invite/withdraw")
def withdraw(request: Request, me: Me, conn: Conn) -> Response:
    look(conn, me, me.person_id, items="entitlements", purpose="own", request=request, action="write")
    invitations.withdraw(conn, me.person_id)
    return RedirectResponse("/proxies", 303)


@ROUTER.post("/read")
def read(request: Request, me: Me, conn: Conn, *, code: Typed) -> Response:
    """Who invites me to what, with the button that accepts."""
    found = inviting.offered(conn, me, code, request)
    if found is None:
        return throttle.refused(request, conn, "invitation", inviting.unknown())
    return render("proxies_accept.html", request, offer=found, code=code)


@ROUTER.post("/accept")
def accept(request: Request, me: Me, conn: Conn, *, code: Typed) -> Response:
    if inviting.accept(conn, me, code, request) is None:
        return throttle.refused(request, conn, "invitation", inviting.unknown())
    return RedirectResponse("/proxies#wards", 303)


@ROUTER.post("/back")
def back(who: SignedIn, session: AnySession, conn: Conn) -> RedirectResponse:
    """This browser shows one's own pages again."""
    sessions.act_by(conn, session.session_id, None)
    return RedirectResponse("/", 303)


@ROUTER.get("/now")
def now(request: Request, who: SignedIn, session: AnySession, conn: Conn) -> Response:
    """In whose name this browser shows pages, and the way back; also when the entitlement has ended."""
    if not isinstance(who, Citizen):
        deny(conn, who, None, request=request, problem=forbidden())
    wards = entitlements.of_proxy(conn, who.person_id, datetime.now(UTC))
    ward = next((one for one in wards if one.entitlement_id == session.acting_by), None)
    if session.acting_by is None:
        return RedirectResponse("/proxies", 303)
    if ward is not None:
        request.state.shown_for = behalf.called(conn, ward)
    return render("proxies_now.html", request, ward=ward)


@ROUTER.post("/{entitlement_id}/act")
def act(entitlement_id: RowId, me: Me, session: AnySession, conn: Conn) -> RedirectResponse:
    """From now on this browser shows the pages of the one for whom this entitlement is."""
    wards = entitlements.of_proxy(conn, me.person_id, datetime.now(UTC))
    ward = next((one for one in wards if one.entitlement_id == entitlement_id), None)
    if ward is None:
        raise not_found()
    sessions.act_by(conn, session.session_id, entitlement_id)
    return RedirectResponse("/" if "see" in ward.scope else "/consents", 303)


@ROUTER.post("/{entitlement_id}/end")
def end(entitlement_id: RowId, request: Request, me: Me, conn: Conn) -> RedirectResponse:
    """Nobody acts for me by it any more, or I for nobody."""
    inviting.end(conn, me, entitlement_id, request)
    return RedirectResponse("/proxies", 303)


def _page(
    request: Request, me: Citizen, conn: psycopg.Connection, *, code: invitations.Code | None = None
) -> HTMLResponse:
    look(conn, me, me.person_id, items="entitlements", purpose="own", request=request)
    said = inviting.address(request.app.state.settings, code.text) if code else None
    picture = onboarding.inside(said) if said else None
    return render("proxies.html", request, code=code, picture=picture, **_shown(request, me, conn))


def _shown(request: Request, me: Citizen, conn: psycopg.Connection) -> dict[str, Any]:
    """Names are read of who acts for me now, and of whom I may see; each is written down."""
    now = datetime.now(UTC)
    given, held = entitlements.of_person(conn, me.person_id, now), entitlements.proxies(conn, me.person_id)
    wards = entitlements.of_proxy(conn, me.person_id, now)
    named = {held[one.entitlement_id] for one in given if one.in_force}
    named |= {one.person_id for one in wards if "see" in one.scope}
    request.state.bases = {one.person_id: f"entitlement:{one.entitlement_id}" for one in wards}
    for person_id in sorted(named):
        look(conn, me, person_id, items="name", purpose="proxy", request=request)
    names = {person_id: people.name_of(conn, person_id) or "" for person_id in named}
    return {
        "mine": [(one, names.get(held[one.entitlement_id], "")) for one in given],
        "wards": [(one, names.get(one.person_id, "")) for one in wards],
        "offer": invitations.of_person(conn, me.person_id),
    }
