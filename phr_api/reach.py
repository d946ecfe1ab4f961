"""Whom a 保健師 may see: people of her own town who agreed to be supported. Every page and route of hers asks here.

The consent is of purpose ``guidance`` for the city; without one in force a person is not there for her, whatever
their values say (the citizen's own page still tells them to see a doctor).
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg
from fastapi import Request

from phr_api.doors import deny
from phr_api.problems import not_found
from store import advice, consents, people
from store.people import Person
from store.sessions import NurseOnDuty

_GUIDANCE = {"purpose": "guidance", "recipient": "city"}
_OF_ONE_PERSON = ("advice", "readings", "checkup_item")  # what her page, its charts and the summary of one person show


def work_list(conn: psycopg.Connection, nurse: NurseOnDuty) -> list[advice.WorkRow]:
    """People within her reach with open red flags or 受診勧奨, newest reason first."""
    rows = advice.worklist(conn, nurse.town)
    agreed = consents.among(conn, [row.person_id for row in rows], **_GUIDANCE, item="advice", at=datetime.now(UTC))
    return [row for row in rows if row.person_id in agreed]


def person(conn: psycopg.Connection, nurse: NurseOnDuty, public_id: UUID, request: Request) -> Person:
    """The person, or a refusal: 404 for people out of her reach, and the attempt is written down.

    Within her reach is who agreed to all that she would see; to advice alone opens the work list, nothing more.
    """
    found = people.by_public_id(conn, public_id)
    if found is None:
        raise not_found()
    if found.town != nurse.town or not _agreed(conn, found.person_id):
        deny(conn, nurse, found.person_id, request=request, problem=not_found())
    return found


def _agreed(conn: psycopg.Connection, person_id: int) -> bool:
    now = datetime.now(UTC)
    return all(consents.among(conn, [person_id], **_GUIDANCE, item=item, at=now) for item in _OF_ONE_PERSON)
