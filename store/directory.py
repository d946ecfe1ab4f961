"""Everybody by name. Only the demonstration's sign-in, where nobody is real, may list people so."""

from __future__ import annotations

import psycopg

from store import people
from store.people import Contact, Person


def everyone(conn: psycopg.Connection) -> list[tuple[Person, Contact]]:
    """All people whose name is known, in the order they came."""
    rows = conn.execute("select person_id, public_id, birth_date, sex, town from health.people order by person_id")
    known = [Person(*row) for row in rows]
    named = people.contacts(conn, [one.person_id for one in known])
    return [(one, named[one.person_id]) for one in known if one.person_id in named]
