"""The citizen's page: what matters today first, then the records it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import psycopg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from advice_engine.gather import gather
from phr_api import behalf, charts, goal_views
from phr_api.behalf import Person
from phr_api.doors import AnySession, Conn, SignedIn, look
from phr_api.pages import _checkup, _last, _waiting
from phr_api.pages._entry_fields import FIELDS
from phr_api.pages._html import render
from store import advice, care, consent_words, consents, news, openings, people, records
from store.clock import civil_day
from store.records import CheckupRow, RecordRow
from store.sessions import Citizen

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

_URGENT = ("red_flag", "referral")
MOST_CARDS = 4  # at one time, besides what is urgent; the others wait behind one tap
_OPENED = timedelta(days=30)  # so long the page says that a 保健師 opened it in an emergency
_SEEN_BY_PROXY = "page: advice, readings, checkup, records, goals"
_SEEN = f"{_SEEN_BY_PROXY}, consents"


@ROUTER.get("/")
def home(
    request: Request,
    who: SignedIn,
    session: AnySession,
    conn: Conn,
    *,
    thanks: int | None = None,
    kept: int | None = None,
    person: Person = None,
) -> Response:
    """The signed-in citizen's own page, or of whom they may see; a 保健師 is sent to hers. ``kept``: how many numbers
    were just typed in."""
    if not isinstance(who, Citizen):
        return RedirectResponse("/nurse", 303)
    me = behalf.of(conn, who, session, request, person=person, may="see")
    look(conn, me, me.person_id, items=_SEEN_BY_PROXY if me.ward else _SEEN, purpose=me.purpose, request=request)
    now = datetime.now(UTC)
    shown = everything(conn, me.person_id, now)
    return render(
        "home.html",
        request,
        now=now,
        thanks=thanks,
        kept=kept,
        fields=FIELDS,
        ward=me.ward,
        whom=f"?person={me.public_id}",
        **shown,
    )


def everything(conn: psycopg.Connection, person_id: int, now: datetime) -> dict[str, Any]:
    """What the page shows of one person."""
    person, today = people.by_id(conn, person_id), civil_day(now)
    assert person is not None  # the session refers to it
    facts = gather(conn, [person_id], today)[person_id]
    checkups = facts.checkups
    said = advice.open_for(conn, person_id)
    others = [row for row in said if row.kind not in _URGENT]
    return {
        "name": people.name_of(conn, person_id) or "",
        "opened": openings.of_person(conn, person_id, now - _OPENED),
        "version": news.version(conn, person_id, today),
        "urgent": sorted(
            (row for row in said if row.kind in _URGENT), key=lambda row: (row.kind != "red_flag", -row.urgency)
        ),
        "others": others[:MOST_CARDS],
        "more": others[MOST_CARDS:],
        "because": advice.because(conn, person_id),
        "goals": goal_views.shown(conn, person_id, facts),
        "today": today,
        "day": timedelta(days=1),
        "answers": advice.answers(conn, person_id),
        "seen": care.of_person(conn, person_id, now),
        "charts": charts.of_person(conn, person, height_cm=_checkup.height(checkups), today=today),
        "last": _last.values(conn, person_id, today),
        "shared": _waiting.of_person(conn, person_id, now),
        "checkup": _checkup.view(checkups[0], person) if checkups else None,
        "report": _report(conn, person_id, checkups[0].examined_on) if checkups else None,
        "older": [(one.examined_on, one.facility) for one in checkups[1:]],
        "records": _by_day(row for row in records.timeline(conn, person_id) if row.kind != "checkup_item"),
        **_agreed(conn, person_id, now),
    }


def _agreed(conn: psycopg.Connection, person_id: int, now: datetime) -> dict[str, Any]:
    """Which purposes the person agrees to now, and whether to be told is among them."""
    running = {one.purpose for one in consents.of_person(conn, person_id) if one.in_force(now)}
    titles = [words.title for words in consent_words.current() if words.purpose in running]
    return {"agreed": titles, "told": "push" in running}


def _report(conn: psycopg.Connection, person_id: int, day: date) -> CheckupRow | None:
    """The facility's own report of that day, as it was sent."""
    return next((report for report in records.checkups(conn, person_id) if report.at == day), None)


def _by_day(rows: Iterable[RecordRow]) -> list[tuple[date, list[RecordRow]]]:
    return [(day, list(group)) for day, group in groupby(rows, key=lambda row: civil_day(row.at))]
