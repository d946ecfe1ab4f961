"""Messages for people whom no telephone tells: the town's 保健師 writes to them or calls (channel ``letter``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from store import addresses, sealing
from store.sealing import Place

How = Literal["post", "phone"]
CHANNEL = "letter"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to write or to say. ``title`` and ``body``: what it is about, "" where she may not see that.

    ``consent_id``: the consent to be told, which it rests on.
    """

    token: UUID
    person_id: int
    public_id: UUID
    since: datetime
    urgent: bool
    how: str
    name: str = field(repr=False)
    kana: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)
    consent_id: int


def listing(conn: psycopg.Connection) -> list[Letter]:
    """What the 保健師 who asks has to do, urgent ones first; nothing for anybody else.

    Nothing of who no longer wants to be told so.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from health.letters()").fetchall()
    return [_letter(conn, row) for row in rows]


def done(conn: psycopg.Connection, token: UUID) -> int | None:
    """She wrote or called: whom. None: this is not hers to do. Again is harmless."""
    row = conn.execute("select health.letter_done(%s)", (token,)).fetchone()
    return row[0] if row else None


def ask(conn: psycopg.Connection, person_id: int, how: How | None) -> None:
    """The person is told by letter or by telephone from now on; None: no longer."""
    for one in addresses.of_person(conn, person_id):
        if one.channel == CHANNEL and one.address != how:
            addresses.remove(conn, person_id, one.address_id)
    if how:
        addresses.add(conn, person_id, CHANNEL, how, confirmed=True)


def asked(conn: psycopg.Connection, person_id: int) -> str:
    """How the person is told: 'post', 'phone', or '' when by neither."""
    return next((one.address for one in addresses.of_person(conn, person_id) if one.channel == CHANNEL), "")


def _letter(conn: psycopg.Connection, row: dict[str, Any]) -> Letter:
    person_id, how = row["person_id"], f"{row['person_id']}/{row['address_id']}"
    contact: dict[str, Any] = {
        column: _open(conn, row[column], Place(f"identity.persons.{column}", str(person_id)))
        for column in ("name", "kana", "phone", "address")
    }
    kept: dict[str, Any] = {
        column: row[column] for column in ("token", "person_id", "public_id", "since", "urgent", "consent_id")
    }
    return Letter(
        **kept,
        **contact,
        how=_open(conn, row["how"], Place("health.channel_addresses.address", how)),
        title=row["title"] or "",
        body=row["body"] or "",
    )


def _open(conn: psycopg.Connection, sealed: bytes | None, place: Place) -> str:
    return "" if sealed is None else sealing.open(conn, sealed, place)
