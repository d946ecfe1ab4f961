"""Whom a 保健師 may open: people of her own town."""

from __future__ import annotations

from uuid import UUID

import psycopg
from fastapi import Request

from phr_api.doors import deny
from phr_api.problems import not_found
from store import people
from store.people import Person
from store.sessions import NurseOnDuty


def person(conn: psycopg.Connection, nurse: NurseOnDuty, public_id: UUID, request: Request) -> Person:
    """The person, or a refusal: 404 for people of other towns, and the attempt is written down."""
    found = people.by_public_id(conn, public_id)
    if found is None:
        raise not_found()
    if found.town != nurse.town:
        deny(conn, nurse, found.person_id, request=request, problem=not_found())
    return found
