"""「手紙・電話」: whom the town's 保健師 writes to or calls, as no telephone of theirs can be told. Page and CSV."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO
from typing import Annotated, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from advice_engine.deliver import BODY, URGENT
from phr_api import reach
from phr_api.doors import Conn, Desk, Nurse, deny, look
from phr_api.pages._html import render
from phr_api.problems import not_found
from store import letters
from store.clock import civil_day
from store.letters import Letter
from store.sessions import NurseOnDuty

ROUTER = APIRouter(prefix="/nurse", tags=["pages"], include_in_schema=False)

HOW = {"post": "手紙", "phone": "電話"}
_COLUMNS = ("方法", "急ぎ", "氏名", "フリガナ", "住所", "電話番号", "お伝えすること", "いつから")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # spreadsheets would run it

Said = Annotated[Literal["done"] | None, Query()]


@ROUTER.get("/letters")
def page(request: Request, nurse: Desk, conn: Conn, *, said: Said = None) -> HTMLResponse:
    """People of her town who asked to be told so and have not been told yet."""
    rows = _listed(request, nurse, conn, action="read")
    return render(
        "nurse_letters.html", request, nurse=nurse, rows=rows, said=said, how=HOW, tell=_tell, now=datetime.now(UTC)
    )


@ROUTER.get("/letters.csv")
def table(request: Request, nurse: Desk, conn: Conn) -> Response:
    """The same for a letter program: UTF-8 with a mark, as spreadsheets expect it."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for one in _listed(request, nurse, conn, action="export"):
        cells = (HOW[one.how], "急ぎ" if one.urgent else "", one.name, one.kana, one.address, one.phone, _tell(one))
        writer.writerow([*map(_cell, cells), civil_day(one.since).isoformat()])
    named = {"Content-Disposition": 'attachment; filename="letters.csv"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv", headers=named)


@ROUTER.post("/letters/{token}/done")
def done(token: UUID, request: Request, nurse: Desk, conn: Conn) -> RedirectResponse:
    """She wrote or called."""
    person_id = letters.done(conn, token)
    if person_id is None:
        deny(conn, nurse, None, request=request, problem=not_found())
    look(conn, nurse, person_id, items="letters", purpose="outreach", request=request, action="write")
    return RedirectResponse("/nurse/letters?said=done", 303)


@ROUTER.post("/people/{public_id}/letters")
def ask(
    public_id: UUID,
    request: Request,
    nurse: Nurse,
    conn: Conn,
    *,
    how: Annotated[Literal["post", "phone", "none"], Form()],
) -> RedirectResponse:
    """The person told her how they want to be told."""
    person = reach.person(conn, nurse, public_id, request)
    look(conn, nurse, person.person_id, items="addresses", purpose="outreach", request=request, action="write")
    letters.ask(conn, person.person_id, None if how == "none" else how)
    return RedirectResponse(f"/nurse/people/{public_id}#letters", 303)


def _listed(request: Request, nurse: NurseOnDuty, conn: psycopg.Connection, *, action: str) -> list[Letter]:
    rows = letters.listing(conn)
    request.state.bases = {one.person_id: f"consent:{one.consent_id}" for one in rows}
    for one in rows:
        items = "letters: name, contact" + (", advice" if one.title else "")
        look(conn, nurse, one.person_id, items=items, purpose="outreach", request=request, action=action)
    return rows


def _tell(one: Letter) -> str:
    """What the letter says: the advice itself where she may see it, else that there is something new."""
    return f"{one.title} {one.body}" if one.title else (URGENT if one.urgent else BODY)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
