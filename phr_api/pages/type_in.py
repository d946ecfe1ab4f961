"""Numbers typed in on a page, by a citizen or by a 保健師 for one, and the sheet of paper that they may come from."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import entering, reach
from phr_api.doors import Conn, Me, Nurse, Public, look
from phr_api.pages._entry_fields import Sheet, StaffSheet, entries
from phr_api.pages._html import render
from store.sources import SELF, Enterer

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/entries")
def own(request: Request, me: Me, conn: Conn, *, sheet: Annotated[Sheet, Form()]) -> RedirectResponse:
    """Keep what the citizen measured; the page tells how many numbers are new."""
    filled = entries(sheet)
    items = entering.named(filled)
    look(conn, me, me.person_id, items=items, purpose="own", request=request, action="write")
    done = entering.keep(conn, me.person_id, filled, SELF)
    return RedirectResponse(f"/?kept={done.stored}#entry", 303)


@ROUTER.post("/nurse/people/{public_id}/entries")
def for_a_citizen(
    public_id: UUID, request: Request, nurse: Nurse, conn: Conn, *, sheet: Annotated[StaffSheet, Form()]
) -> RedirectResponse:
    """Keep what the citizen wrote down or said; the page tells how many numbers are new."""
    person_id = reach.person(conn, nurse, public_id, request).person_id
    filled = entries(sheet)
    items = entering.named(filled)
    look(conn, nurse, person_id, items=items, purpose="guidance", request=request, action="write")
    done = entering.keep(conn, person_id, filled, Enterer(nurse.actor, sheet.how))
    return RedirectResponse(f"/nurse/people/{public_id}?kept={done.stored}#entry", 303)


@ROUTER.get("/paper", dependencies=[Public])
def paper(request: Request) -> HTMLResponse:
    """An empty sheet for two weeks of pressure and weight, to print (A4); nothing personal is on it."""
    return render("paper_sheet.html", request)
