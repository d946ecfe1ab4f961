"""Messages that were taken in as they are, to be decoded and stored in quiet portions: oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg


class Raw(NamedTuple):
    """One message, whole. ``topic`` is UTF-8: as text it could hold what PostgreSQL's text can't."""

    topic: bytes
    payload: bytes
    retained: bool
    received_at: datetime


def add(conn: psycopg.Connection, batch: Sequence[Raw]) -> None:
    """Keep these, in the caller's transaction."""
    with (
        conn.cursor() as cursor,
        cursor.copy("copy health.set_aside (topic, payload, retained, received_at) from stdin (format binary)") as copy,
    ):
        copy.set_types(("bytea", "bytea", "bool", "timestamptz"))
        for raw in batch:
            copy.write_row(raw)


def oldest(conn: psycopg.Connection, limit: int) -> dict[int, Raw]:
    """The first messages by their id, in the order in which they were set aside."""
    rows = conn.execute(
        "select aside_id, topic, payload, retained, received_at from health.set_aside order by aside_id limit %s",
        (limit,),
    )
    return {number: Raw(*raw) for number, *raw in rows}


def remove(conn: psycopg.Connection, numbers: Sequence[int]) -> bool:
    """These are stored: forget them, in the transaction that stores them. False when one is not there any more."""
    return conn.execute("delete from health.set_aside where aside_id = any(%s)", (list(numbers),)).rowcount == len(
        numbers
    )


def alone(conn: psycopg.Connection) -> bool:
    """Whether this connection's transaction is the only one that works on them (until it ends)."""
    row = conn.execute("select pg_try_advisory_xact_lock(hashtextextended('set_aside', 0))").fetchone()
    return row == (True,)
