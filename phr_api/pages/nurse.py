"""The 保健師's pages: who needs a call, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from advice_engine.gather import gather
from phr_api import charts, cohort_words, ordering, reach
from phr_api.doors import Conn, Nurse, look
from phr_api.pages import _checkup, _last
from phr_api.pages._entry_fields import FIELDS
from phr_api.pages._html import render
from store import advice, care, cohorts, letters, openings, people
from store.clock import civil_day
from store.sessions import NurseOnDuty

ROUTER = APIRouter(prefix="/nurse", tags=["pages"], include_in_schema=False)


Said = Annotated[Literal["seen", "treated", "unreached", "open"] | None, Query()]


@ROUTER.get("")
def work_list(
    request: Request,
    nurse: Nurse,
    conn: Conn,
    *,
    urgency: Annotated[int | None, Query(ge=0, le=4)] = None,
    said: Said = None,
) -> HTMLResponse:
    """People of her town with open red flags or 受診勧奨; who has the newest reason comes first."""
    rows = reach.work_list(conn, nurse, request)
    counts = {level: sum(_urgency(row) == level for row in rows) for level in (4, 3, 2, 1)}
    shown = [row for row in rows if urgency is None or _urgency(row) == urgency]
    placed = ordering.of_people(conn, [row.person_id for row in shown])
    for row in shown:
        items = "work list: name, phone, advice" + (", order of calls" if row.person_id in placed else "")
        look(conn, nurse, row.person_id, items=items, purpose="worklist", request=request)
    seen = reach.answered(conn, nurse, request) if urgency is None else []
    for person_id in {one.person_id for one in seen}:
        look(conn, nurse, person_id, items="work list: name, advice", purpose="worklist", request=request)
    now = datetime.now(UTC)
    return render(
        "nurse.html",
        request,
        nurse=nurse,
        **_called(conn, shown, now),
        seen=seen,
        said=said,
        placed=placed,
        counts=counts,
        pressing=[row for row in rows if _urgency(row) == 4],
        total=len(rows),
        urgency=urgency,
        beyond=openings.beyond(conn, nurse.town) if nurse.supervises else 0,
        contacts=people.contacts(conn, [*(row.person_id for row in shown), *(one.person_id for one in seen)]),
        cohorts=_cohorts(conn, nurse, civil_day(now)) if urgency is None else [],
        now=now,
        today=civil_day(now),
    )


def _called(conn: psycopg.Connection, rows: Sequence[advice.WorkRow], now: datetime) -> dict[str, Any]:
    """The list, and at its end who could not be reached lately; with what was noted and answered to each reason."""
    reasons = [one.advice_id for row in rows for one in row.advice]
    calls = care.calls(conn, reasons)
    late = [
        row for row in rows if _urgency(row) < 4 and all(_unreached(calls, one.advice_id, now) for one in row.advice)
    ]
    return {
        "rows": [row for row in rows if row not in late],
        "unreached": late,
        "calls": calls,
        "answers": advice.answers_to(conn, reasons),
    }


def _unreached(calls: Mapping[int, care.Call], advice_id: int, now: datetime) -> bool:
    call = calls.get(advice_id)
    return call is not None and call.outcome == "unreached" and now < call.at + care.UNREACHED


def _cohorts(conn: psycopg.Connection, nurse: NurseOnDuty, today: date) -> list[cohort_words.Told]:
    """What moved in the districts: of groups, for the town's own 保健師 alone."""
    return [] if nurse.facility else cohort_words.told(cohorts.recent(conn, nurse.town, today), today)


def _urgency(row: advice.WorkRow) -> int:
    return max(one.urgency for one in row.advice)


@ROUTER.get("/people/{public_id}")
def one_person(public_id: UUID, request: Request, nurse: Nurse, conn: Conn, *, kept: int | None = None) -> HTMLResponse:
    """One person: the reasons, the charts, the checkup. ``kept``: how many numbers she has just typed in."""
    person = reach.person(conn, nurse, public_id, request)
    look(conn, nurse, person.person_id, items="page: advice, readings, checkup", purpose="guidance", request=request)
    now = datetime.now(UTC)
    checkups = gather(conn, [person.person_id], civil_day(now))[person.person_id].checkups
    return render(
        "nurse_person.html",
        request,
        nurse=nurse,
        person=person,
        contact=people.contacts(conn, [person.person_id]).get(person.person_id),
        advice=advice.open_for(conn, person.person_id, "nurse"),
        answers=advice.answers(conn, person.person_id),
        seen=care.of_person(conn, person.person_id, now),
        charts=charts.of_person(conn, person, height_cm=_checkup.height(checkups), today=civil_day(now)),
        last=_last.values(conn, person.person_id, civil_day(now)),
        checkup=_checkup.view(checkups[0], person) if checkups else None,
        kept=kept,
        opened=[one for one in openings.of_staff(conn, nurse.staff_id) if one.person_id == person.person_id],
        told_by=letters.asked(conn, person.person_id),
        fields=FIELDS,
        now=now,
        today=civil_day(now),
    )
