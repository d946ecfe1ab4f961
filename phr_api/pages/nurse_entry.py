"""What a 保健師 types in on a person's page, and the sheet of paper that it comes from."""

from __future__ import annotations

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, NaiveDatetime

from phr_api import entering, reach
from phr_api.doors import Conn, Nurse, Public, look
from phr_api.entry import Entry, TypedMetric
from phr_api.pages._entry_fields import FIELDS
from phr_api.pages._html import render
from phr_api.problems import Problem
from store.clock import JST
from store.metrics import METRICS
from store.sources import Enterer, StaffHow

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


class Sheet(BaseModel, allow_inf_nan=False):
    """One measurement on the form; what was left empty is None. ``at`` is Japanese time; numbers as ``FIELDS``."""

    how: StaffHow
    at: NaiveDatetime
    bp_sys: float | None = None
    bp_dia: float | None = None
    pulse: float | None = None
    weight: float | None = None
    temperature: float | None = None
    steps_day: float | None = None


@ROUTER.post("/nurse/people/{public_id}/entries")
def add(
    public_id: UUID, request: Request, nurse: Nurse, conn: Conn, *, sheet: Annotated[Sheet, Form()]
) -> RedirectResponse:
    """Keep what the citizen wrote down; the page tells how many numbers are new."""
    person_id = reach.person(conn, nurse, public_id, request).person_id
    entries = _entries(sheet)
    items = entering.named(entries)
    look(conn, nurse, person_id, items=items, purpose="guidance", request=request, action="write")
    done = entering.keep(conn, person_id, entries, Enterer(nurse.actor, sheet.how))
    return RedirectResponse(f"/nurse/people/{public_id}?kept={done.stored}#entry", 303)


def _entries(sheet: Sheet) -> list[Entry]:
    if not 1900 <= sheet.at.year < 2200:
        raise _refused("測った日と時刻を確かめてください。 `at` is not in a year that anyone lives in.")
    filled = [(field.name, getattr(sheet, field.name)) for field in FIELDS if getattr(sheet, field.name) is not None]
    if not filled:
        raise _refused("値を一つ以上入れてください。 Fill in one number at least.")
    at = sheet.at.replace(tzinfo=JST)
    return [
        Entry(metric=cast(TypedMetric, name), value=value, unit=METRICS[name].ucum, at=at) for name, value in filled
    ]


def _refused(detail: str) -> Problem:
    return Problem(422, "この値は保存できません", f"前の画面に戻って直してください。{detail}")


@ROUTER.get("/paper", dependencies=[Public])
def paper(request: Request) -> HTMLResponse:
    """An empty sheet for two weeks of pressure and weight, to print (A4); nothing personal is on it."""
    return render("paper_sheet.html", request)
