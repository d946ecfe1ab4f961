"""What a 保健師 sees: who needs a call, and why. Names, because she must call; every look is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from phr_api import ordering, reach, shapes
from phr_api.doors import Conn, Nurse, look
from phr_api.ordering import OrderShape
from store import advice, last_values, people
from store.clock import civil_day
from store.people import Contact, Person

ROUTER = APIRouter(prefix="/api/nurse", tags=["nurse"])

Purpose = Literal["guidance", "outreach", "enquiry"]
_NOBODY = Contact("", "", None)


@dataclass(frozen=True, slots=True)
class WorkShape:
    """One person on the work list. ``since``: when the newest reason arose. ``order``: place within age and sex."""

    person: shapes.PersonShape
    kana: str
    phone: str | None
    since: datetime
    reasons: list[shapes.AdviceShape]
    order: list[OrderShape]


@dataclass(frozen=True, slots=True)
class SummaryShape:
    """One person: how to reach them, what the rules say, the newest values."""

    person: shapes.PersonShape
    kana: str
    phone: str | None
    advice: list[shapes.AdviceShape]
    last: list[shapes.LastShape]


@ROUTER.get("/worklist", summary="連絡が必要な方 / People with open red flags or referrals, newest reason first")
def worklist(request: Request, nurse: Nurse, conn: Conn) -> list[WorkShape]:
    """The people of the nurse's own town who agreed to be supported."""
    rows = reach.work_list(conn, nurse, request)
    contacts = people.contacts(conn, [row.person_id for row in rows])
    placed = ordering.of_people(conn, [row.person_id for row in rows])
    today = civil_day(datetime.now(UTC))
    found = []
    for row in rows:
        order = placed.get(row.person_id, [])
        items = "name, contact, advice" + (", order of calls" if order else "")
        look(conn, nurse, row.person_id, items=items, purpose="worklist", request=request)
        who = Person(row.person_id, row.public_id, row.birth_date, row.sex, nurse.town)
        contact = contacts.get(row.person_id, _NOBODY)
        reasons = [shapes.advice(one) for one in row.advice]
        newest = max(one.created_at for one in row.advice)
        about = shapes.person(who, contact.name, today)
        found.append(WorkShape(about, contact.kana, contact.phone, newest, reasons, order))
    return found


@ROUTER.get("/people/{public_id}", summary="お一人の要約 / One person of my town: contact, advice, newest values")
def summary(
    request: Request,
    nurse: Nurse,
    conn: Conn,
    public_id: UUID,
    *,
    purpose: Annotated[Purpose, Query(description="written into the audit, which the person can read")] = "guidance",
) -> SummaryShape:
    """404 for people out of her reach; the attempt is written down."""
    person = reach.person(conn, nurse, public_id, request)
    items = "name, contact, advice, newest values"
    look(conn, nurse, person.person_id, items=items, purpose=purpose, request=request)
    contact = people.contacts(conn, [person.person_id]).get(person.person_id, _NOBODY)
    return SummaryShape(
        shapes.person(person, contact.name, civil_day(datetime.now(UTC))),
        contact.kana,
        contact.phone,
        [shapes.advice(one) for one in advice.open_for(conn, person.person_id, "nurse")],
        [shapes.last(one) for one in last_values.of_person(conn, person.person_id)],
    )
