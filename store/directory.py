"""Everybody by name. Only the demonstration's sign-in, where nobody is real, may list people so."""

from __future__ import annotations

import psycopg

from store.people import Contact, Person


def everyone(conn: psycopg.Connection) -> list[tuple[Person, Contact]]:
    """All people whose name is known, in the order they came."""
    rows = conn.execute(
        "select person_id, public_id, birth_date, sex, town, name, kana, phone"
        " from health.people join identity.persons using (person_id) order by person_id"
    )
    return [(Person(*row[:5]), Contact(*row[5:])) for row in rows]
