"""People: the health side (born, sex, town) and, in a schema of its own and sealed, what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from store import sealing
from store.sealing import Place


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


SEALED = ("name", "kana", "phone", "email", "address")


def add(
    conn: psycopg.Connection,
    *,
    birth_date: date,
    sex: str,
    name: str,
    kana: str = "",
    town: str = "062049",
    phone: str | None = None,
    email: str | None = None,
    address: str | None = None,
) -> Person:
    """A new citizen; name and contacts go to the identity schema, sealed."""
    with conn.cursor(row_factory=class_row(Person)) as cursor:
        cursor.execute(
            "insert into health.people (birth_date, sex, town) values (%s, %s, %s)"
            " returning person_id, public_id, birth_date, sex, town",
            (birth_date, sex, town),
        )
        person = cursor.fetchone()
    assert person is not None
    call(conn, person.person_id, name=name, kana=kana, phone=phone, email=email, address=address)
    return person


def call(conn: psycopg.Connection, person_id: int, *, name: str, **others: str | None) -> None:
    """Keep name, kana, phone, email and address of this person; what stood there and is not given goes."""
    given = {"name": name} | others
    key = sealing.in_use(conn, "seal")
    sealed = [
        sealing.seal_with(*key, text, _place(column, person_id)) if (text := given.get(column)) else None
        for column in SEALED
    ]
    conn.execute(
        "insert into identity.persons (person_id, name, kana, phone, email, address) values (%s, %s, %s, %s, %s, %s)"
        " on conflict (person_id) do update set (name, kana, phone, email, address)"
        " = row (excluded.name, excluded.kana, excluded.phone, excluded.email, excluded.address)",
        (person_id, *sealed),
    )


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
    return names(conn, [person_id]).get(person_id)


def names(conn: psycopg.Connection, person_ids: Iterable[int]) -> dict[int, str]:
    """What each of these citizens is called; who may not be reached by the caller has no name."""
    rows = conn.execute("select person_id, name from identity.names where person_id = any(%s)", (list(person_ids),))
    return {person_id: opened_name(conn, person_id, sealed) for person_id, sealed in rows.fetchall() if sealed}


def opened_name(conn: psycopg.Connection, person_id: int, sealed: bytes | None) -> str:
    """The name as it stands sealed in this person's row, opened; '' when no name is known."""
    return "" if sealed is None else sealing.open(conn, sealed, _place("name", person_id))


def contacts(conn: psycopg.Connection, person_ids: Iterable[int]) -> dict[int, Contact]:
    """Name, kana and phone of each of these citizens."""
    found = _opened(conn, list(person_ids), ("name", "kana", "phone"))
    return {
        person_id: Contact(known["name"], known.get("kana", ""), known.get("phone"))
        for person_id, known in found.items()
    }


def called(conn: psycopg.Connection, person_id: int) -> dict[str, str]:
    """Everything of ``SEALED`` that is known of this person, in clear: for the person's own export and corrections."""
    return _opened(conn, [person_id], SEALED).get(person_id, {})


def _opened(conn: psycopg.Connection, person_ids: list[int], columns: tuple[str, ...]) -> dict[int, dict[str, str]]:
    """Only the columns asked for are read: a role may be granted some of them."""
    rows = conn.execute(
        sql.SQL("select person_id, {} from identity.persons where person_id = any(%s)").format(
            sql.SQL(", ").join(map(sql.Identifier, columns))
        ),
        (person_ids,),
    ).fetchall()
    return {
        person_id: {
            column: sealing.open(conn, sealed, _place(column, person_id))
            for column, sealed in zip(columns, values, strict=True)
            if sealed is not None
        }
        for person_id, *values in rows
    }


def _place(column: str, person_id: int) -> Place:
    return Place(f"identity.persons.{column}", str(person_id))
