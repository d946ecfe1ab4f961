"""The 保健師's emergency page, and the list that her supervisors watch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import emergency, inputs
from phr_api.doors import Conn, Desk, Supervisor, look
from phr_api.emergency import Emergency
from phr_api.pages._html import render
from phr_api.problems import Problem, wants_page
from phr_api.routes.openings import REPORTED
from store import openings
from store.openings import Opening
from store.sessions import NurseOnDuty

ROUTER = APIRouter(prefix="/nurse", tags=["pages"], include_in_schema=False)


@ROUTER.get("/emergency")
def form(request: Request, nurse: Desk, conn: Conn) -> HTMLResponse:
    """Whom she means and why; and what she has opened."""
    return _form(request, nurse, emergency.mine(request, nurse, conn), whom=emergency.asks_whom(request, nurse, conn))


@ROUTER.post("/emergency")
def begin(request: Request, nurse: Desk, conn: Conn, *, asked: Annotated[Emergency, Form()]) -> Response:
    """Opens, and leads to the person's page. Nobody found: the form as it was filled in, with the reason beside it."""
    try:
        return RedirectResponse(f"/nurse/people/{emergency.begin(request, nurse, conn, asked)}", 303)
    except Problem as refusal:
        if not wants_page(request):
            raise
        page = _form(
            request, nurse, [], filled=asked, wrong=refusal.japanese, whom=refusal.status == 409 or bool(asked.told)
        )
        page.status_code = refusal.status
        return page


def _form(
    request: Request,
    nurse: NurseOnDuty,
    opened: list[Opening],
    *,
    filled: Emergency | None = None,
    wrong: str = "",
    whom: bool = False,
) -> HTMLResponse:
    return render(
        "nurse_emergency.html",
        request,
        nurse=nurse,
        opened=opened,
        minutes=request.app.state.settings.opening_minutes,
        now=datetime.now(UTC),
        filled=filled,
        wrong=wrong,
        whom=whom,
    )


@ROUTER.post("/emergency/{opening_id}/close")
def end(request: Request, nurse: Desk, conn: Conn, opening_id: inputs.RowId) -> RedirectResponse:
    emergency.end(request, nurse, conn, opening_id)
    return RedirectResponse("/nurse/emergency", 303)


@ROUTER.get("/openings")
def reported(request: Request, supervisor: Supervisor, conn: Conn) -> HTMLResponse:
    """What the staff of her town opened in an emergency in the last 90 days, open ones first."""
    now = datetime.now(UTC)
    look(conn, supervisor, None, items="openings", purpose="supervision", request=request)
    rows = openings.of_town(conn, supervisor.town, now - REPORTED)
    return render("nurse_openings.html", request, nurse=supervisor, rows=rows, now=now)
