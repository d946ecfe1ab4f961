"""Numbers typed in on a page, by a citizen or by a 保健師 for one, and the sheet of paper that they may come from."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import psycopg
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import entering, reach
from phr_api.behalf import MayEnter, Person, enterer
from phr_api.doors import Conn, Nurse, Public, look
from phr_api.entry import Refused
from phr_api.pages._entry_fields import FIELDS, Sheet, StaffSheet, entries
from phr_api.pages._html import render
from phr_api.problems import wants_page
from store import people
from store.entitlements import Behalf
from store.sessions import NurseOnDuty
from store.sources import Enterer

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/entries")
def own(
    request: Request, me: MayEnter, conn: Conn, *, sheet: Annotated[Sheet, Form()], person: Person = None
) -> Response:
    """Keep what the citizen measured, or who may enter it for them; the page tells how many numbers are new.

    The form says whose page it stood on (``person``), whatever another tab of this browser shows meanwhile.
    """
    whom = f"person={person}" if person else ""
    try:
        with conn.transaction():
            kept = _keep(request, me, conn, sheet, person_id=me.person_id, who=enterer(me))
    except Refused as refusal:
        return _again(request, refusal, sheet, back=f"/{whom and '?' + whom}#entry")
    return RedirectResponse(f"/?kept={kept}{whom and '&' + whom}#entry", 303)


@ROUTER.post("/nurse/people/{public_id}/entries")
def for_a_citizen(
    public_id: UUID, request: Request, nurse: Nurse, conn: Conn, *, sheet: Annotated[StaffSheet, Form()]
) -> Response:
    """Keep what the citizen wrote down or said; the page tells how many numbers are new."""
    person_id, page = reach.person(conn, nurse, public_id, request).person_id, f"/nurse/people/{public_id}"
    try:
        with conn.transaction():
            kept = _keep(request, nurse, conn, sheet, person_id=person_id, who=Enterer(nurse.actor, sheet.how))
    except Refused as refusal:
        look(conn, nurse, person_id, items="name", purpose="guidance", request=request)
        return _again(request, refusal, sheet, back=f"{page}#entry", name=people.name_of(conn, person_id) or "")
    return RedirectResponse(f"{page}?kept={kept}#entry", 303)


@ROUTER.get("/paper", dependencies=[Public])
def paper(request: Request) -> HTMLResponse:
    """An empty sheet for two weeks of pressure and weight, to print (A4); nothing personal is on it."""
    return render("paper_sheet.html", request)


def _keep(
    request: Request,
    by: Behalf | NurseOnDuty,
    conn: psycopg.Connection,
    sheet: Sheet,
    *,
    person_id: int,
    who: Enterer,
) -> int:
    filled = entries(sheet)
    purpose = by.purpose if isinstance(by, Behalf) else "guidance"
    look(conn, by, person_id, items=entering.named(filled), purpose=purpose, request=request, action="write")
    if sheet.instead:
        return entering.keep_instead(conn, person_id, filled, who)
    return entering.keep(conn, person_id, filled, who).stored


def _again(request: Request, refusal: Refused, sheet: Sheet, *, back: str, name: str = "") -> HTMLResponse:
    """The form as it was filled in, with the reason beside what does not fit. Raises the refusal for programs."""
    if not wants_page(request):
        raise refusal
    filled = sheet.model_dump()
    page = render(
        "entry_again.html",
        request,
        refusal=refusal,
        marked=refusal.field in filled,
        filled=filled,
        fields=FIELDS,
        name=name,
        action=f"{request.url.path}?{request.url.query}".rstrip("?"),
        back=back,
    )
    page.status_code = refusal.status
    return page
