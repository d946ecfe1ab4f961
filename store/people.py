"""People: the health side (born, sex, town) and, in a schema of its own, what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Person:
    """One citizen. ``public_id`` is the only id that leaves the house; ``town`` is a 全国地方公共団体コード."""

    person_id: int
    public_id: UUID
    birth_date: date
    sex: str  # 'male', 'female', 'other', 'unknown'
    town: str


@dataclass(frozen=True, slots=True)
class Contact:
    """What a public health nurse needs to call somebody."""

    name: str
    kana: str
    phone: str | None


def add(
    conn: psycopg.Connection,
    *,
    birth_date: date,
    sex: str,
    name: str,
    kana: str = "",
    town: str = "062049",
    phone: str | None = None,
) -> Person:
    """A new citizen; the name goes to the identity schema."""
    with conn.cursor(row_factory=class_row(Person)) as cursor:
        cursor.execute(
            "insert into health.people (birth_date, sex, town) values (%s, %s, %s)"
            " returning person_id, public_id, birth_date, sex, town",
            (birth_date, sex, town),
        )
        person = cursor.fetchone()
    assert person is not None
    conn.execute(
        "insert into identity.persons (person_id, name, kana, phone) values (%s, %s, %s, %s)",
        (person.person_id, name, kana, phone),
    )
    return person


def by_id(conn: psycopg.Connection, person_id: int) -> Person | None:
    """The citizen with this inner id, or None."""
    with conn.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(
            "select person_id, public_id, birth_date, sex, town from health.people where person_id = %s",
            (person_id,),
        ).fetchone()


def by_public_id(conn: psycopg.Connection, public_id: UUID) -> Person | None:
    """The citizen with this public id, or None."""
    with conn.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(
            "select person_id, public_id, birth_date, sex, town from health.people where public_id = %s",
            (public_id,),
        ).fetchone()


def name_of(conn: psycopg.Connection, person_id: int) -> str | None:
    """What the citizen is called, or None when no name is known."""
    found = contacts(conn, [person_id]).get(person_id)
    return found.name if found else None


def contacts(conn: psycopg.Connection, person_ids: Iterable[int]) -> dict[int, Contact]:
    """Name, kana and phone of each of these citizens."""
    rows = conn.execute(
        "select person_id, name, kana, phone from identity.persons where person_id = any(%s)", (list(person_ids),)
    )
    return {person_id: Contact(name, kana, phone) for person_id, name, kana, phone in rows}
