"""「サインイン中の機器」: one's own browsers and apps, each to be ended; and the code that connects an app."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api.doors import AnySession, Conn, Fresh, SignedIn, look
from phr_api.pages._html import render
from phr_api.problems import not_found
from store import sessions, tokens
from store.sessions import Citizen, NurseOnDuty
from store.tokens import Code

ROUTER = APIRouter(prefix="/sessions", tags=["pages"], include_in_schema=False)


@ROUTER.get("")
def page(request: Request, who: SignedIn, session: AnySession, conn: Conn) -> HTMLResponse:
    """Where I am signed in, last used first."""
    return _page(request, who, session, conn)


@ROUTER.post("/end-others")
def end_others(request: Request, who: SignedIn, session: AnySession, conn: Conn) -> RedirectResponse:
    """Sign out everywhere but here; apps, too."""
    _note(request, who, conn)
    sessions.end_all(conn, who, but=session.session_id)
    return RedirectResponse("/sessions", 303)


@ROUTER.post("/app-code")
def app_code(request: Request, me: Fresh, session: AnySession, conn: Conn) -> HTMLResponse:
    """A code that connects an app, shown on this one answer. It is as good as signing in, so only just after that."""
    _note(request, me, conn)
    return _page(request, me, session, conn, code=tokens.offer(conn, me.person_id))


@ROUTER.post("/{session_id}/end")
def end(session_id: UUID, request: Request, who: SignedIn, conn: Conn) -> RedirectResponse:
    """End one of mine; ending this one is signing out."""
    _note(request, who, conn)
    if not sessions.end(conn, who, session_id):
        raise not_found()
    return RedirectResponse("/sessions", 303)


def _note(request: Request, who: Citizen | NurseOnDuty, conn: Conn) -> None:
    whose = who.person_id if isinstance(who, Citizen) else None
    look(conn, who, whose, items="session", purpose="own", request=request, action="write")


def _page(
    request: Request, who: Citizen | NurseOnDuty, session: AnySession, conn: Conn, *, code: Code | None = None
) -> HTMLResponse:
    if isinstance(who, Citizen):
        look(conn, who, who.person_id, items="session", purpose="own", request=request)
    return render(
        "sessions.html",
        request,
        listed=sessions.of(conn, who),
        this=session.session_id,
        mine=isinstance(who, Citizen),
        code=code,
        now=datetime.now(UTC),
    )
