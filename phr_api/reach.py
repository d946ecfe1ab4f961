"""Whom a 保健師 may see: people of her own town who agreed to be supported. Every page and route of hers asks here.

The consent is of purpose ``guidance`` for the city, or for the facility of whose staff she is; without one in force a
person is not there for her, whatever their values say (the citizen's own page still tells them to see a doctor). The
one exception is an emergency that the town's own 保健師 opened with a reason (``phr_api/emergency.py``).
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from fastapi import Request

from phr_api.doors import deny
from phr_api.problems import not_found
from store import advice, care, consents, openings, people, reaching
from store.people import Person
from store.sessions import NurseOnDuty

_GUIDANCE = "guidance"
_OF_ONE_PERSON = ("advice", "readings", "checkup_item")  # what her page, its charts and the summary of one person show


def work_list(conn: psycopg.Connection, nurse: NurseOnDuty, request: Request) -> list[advice.WorkRow]:
    """People within her reach with open red flags or 受診勧奨, newest reason first."""
    rows = advice.worklist(conn, nurse.town)
    agreed = _agreed(conn, nurse, [row.person_id for row in rows], request)
    return [row for row in rows if row.person_id in agreed]


def answered(conn: psycopg.Connection, nurse: NurseOnDuty, request: Request) -> list[care.Said]:
    """Of the people within her reach who said that a doctor has seen them, or of whom a 保健師 noted it, lately."""
    rows = care.of_town(conn, nurse.town, datetime.now(UTC))
    agreed = _agreed(conn, nurse, [row.person_id for row in rows], request)
    return [row for row in rows if row.person_id in agreed]


def _agreed(conn: psycopg.Connection, nurse: NurseOnDuty, people: Sequence[int], request: Request) -> Set[int]:
    """Who of these agreed that she sees their advice; what it rests on goes into the audit with every look."""
    agreed = consents.bases(
        conn,
        people,
        purpose=_GUIDANCE,
        recipient=nurse.recipient,
        item="advice",
        at=datetime.now(UTC),
    )
    bases = {person_id: f"consent:{consent_id}" for person_id, consent_id in agreed.items()}
    request.state.bases = getattr(request.state, "bases", {}) | bases
    return agreed.keys()


def person(conn: psycopg.Connection, nurse: NurseOnDuty, public_id: UUID, request: Request) -> Person:
    """The person, or a refusal: 404 for people out of her reach, and the attempt is written down.

    Within her reach is who agreed to all that she would see, or whose data she opened in an emergency; to advice alone
    opens the work list, nothing more. What it rests on goes into the audit with every look of this request.
    """
    person_id = reaching.turn_to(conn, public_id)
    if person_id is None:
        raise not_found()
    found = people.by_id(conn, person_id)
    rests_on = basis(conn, nurse, person_id) if found is not None and found.town == nurse.town else None
    if found is None or rests_on is None:
        deny(conn, nurse, person_id, request=request, problem=not_found())
    request.state.bases = {found.person_id: rests_on}
    return found


def basis(conn: psycopg.Connection, nurse: NurseOnDuty, person_id: int) -> str | None:
    """What lets her see this person now: 'consent:<id>', 'opening:<id>' (an emergency), or None."""
    asked = {"purpose": _GUIDANCE, "recipient": nurse.recipient}
    now = datetime.now(UTC)
    agreed = [consents.in_force(conn, person_id, **asked, item=item, at=now) for item in _OF_ONE_PERSON]
    if all(agreed):
        return f"consent:{agreed[0]}"
    if nurse.facility:
        return None
    opening = openings.in_force(conn, nurse.staff_id, person_id)
    return f"opening:{opening}" if opening else None
