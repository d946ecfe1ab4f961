"""Seals what was looked at: moves fresh rows of the audit, in order, into the chain. Crash-safe: all or nothing.

Whoever writes a look waits for nobody: the chain is made here, by one at a time (the row ``audit.head`` is held), a few
seconds later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg

from store import audit, chain

BATCH = 5_000  # rows in one transaction: about a tenth of a second
_AHEAD = timedelta(days=31)
_HEAD = "select number, hash from audit.head for update skip locked"
_OLDEST = """
    select look_id, (at at time zone 'UTC')::text, actor, role, person_id, action, items, purpose, basis, allowed,
           origin
      from audit.fresh order by look_id limit %s
"""
# a clock that was put back must not break the order of the months
_MOMENT = """
    select at, (at at time zone 'UTC')::text
      from greatest(now(), (select max(sealed_at) from audit.sealed where number = %s)) as at
"""
_MOVE = """
    with taken as (delete from audit.fresh where look_id = any(%(looks)s) returning *)
    insert into audit.sealed (number, sealed_at, look_id, at, actor, role, person_id, action, items, purpose, basis,
                              allowed, origin, hash)
    select number, %(at)s, look_id, at, actor, role, person_id, action, items, purpose, basis, allowed, origin, hash
      from taken join unnest(%(numbers)s::bigint[], %(looks)s::bigint[], %(hashes)s::bytea[])
           as place (number, look_id, hash) using (look_id)
     order by number
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many rows it has ever had, and the last one's hash."""

    number: int
    hash: bytes

    @property
    def says(self) -> str:
        """``1234:9f86d0…``: what is noted down elsewhere, and given back to ``phr audit verify --anchor``."""
        return f"{self.number}:{self.hash.hex()}"


def seal(conn: psycopg.Connection, most: int = BATCH) -> int:
    """Seal up to ``most`` of the oldest fresh rows, in the caller's transaction; returns how many.

    0: nothing is fresh, or another sealer is at work.
    """
    held = conn.execute(_HEAD).fetchone()
    if held is None:
        return 0
    conn.execute("set local datestyle = 'ISO'")
    conn.execute("set local phr.sealing = 'on'")
    taken = conn.execute(_OLDEST, (most,)).fetchall()
    if taken:
        _append(conn, Head(*held), taken)
    return len(taken)


def _append(conn: psycopg.Connection, head: Head, taken: Sequence[tuple[object, ...]]) -> None:
    at, moment = conn.execute(_MOMENT, (head.number,)).fetchone() or (None, "")
    conn.execute("select audit.prepare(%s)", (at,))
    last, hashes = head.hash, []
    for content in taken:
        last = chain.link(last, (moment, *content))
        hashes.append(last)
    numbers = list(range(head.number + 1, head.number + 1 + len(taken)))
    given = {"at": at, "looks": [content[0] for content in taken], "numbers": numbers, "hashes": hashes}
    conn.execute(_MOVE, given)
    conn.execute("update audit.head set number = %s, hash = %s", (head.number + len(taken), last))


def head(conn: psycopg.Connection) -> Head:
    """Where the chain ends now."""
    row = conn.execute("select number, hash from audit.head").fetchone()
    assert row is not None  # made with the schema
    return Head(*row)


def anchor(conn: psycopg.Connection) -> Head | None:
    """Note down the head once a civil day (UTC); None when that was done today or nothing is sealed yet.

    The caller writes it to a place that the database's owner can't reach (the log, paper).
    """
    row = conn.execute(
        "insert into audit.anchors (number, hash) select number, hash from audit.head where number > 0"
        " and not exists (select from audit.anchors"
        "                  where date_trunc('day', anchored_at, 'UTC') = date_trunc('day', now(), 'UTC'))"
        " on conflict do nothing returning number, hash"
    ).fetchone()
    return Head(*row) if row else None


def kept_since(conn: psycopg.Connection) -> datetime | None:
    """From when on the looks are kept (UTC); None: nothing has gone so far."""
    row = conn.execute("select (max(month) + interval '1 month') at time zone 'UTC' from audit.retired").fetchone()
    return row[0].astimezone(UTC) if row and row[0] else None


def keep_months(conn: psycopg.Connection, years: int, now: datetime) -> list[date]:
    """Make next month's partition, let months go that ended ``years`` ago; returns these. That is a look as well."""
    conn.execute("select audit.prepare(%s)", (now + _AHEAD,))
    gone = [month for (month,) in conn.execute("select audit.retire(%s, %s)", (years, now))]
    for month in gone:
        audit.note(
            conn,
            actor="worker:sealer",
            role="worker",
            person_id=None,
            action="delete",
            items=f"looks: {month:%Y-%m}",
            purpose="retention",
        )
    return gone
