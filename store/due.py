"""Due marks: how workers meet without knowing each other.

A writer marks (work, person, civil day) in its own transaction; commit wakes the readers (NOTIFY).
A reader takes marks by deleting them in the transaction that does the work: if it dies, they are back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import psycopg

from store.copied import array_text

Work = Literal["days", "advice", "gate"]  # of 'gate' the "person" is a household


def mark(conn: psycopg.Connection, work: Work, who: Iterable[tuple[int, date]]) -> None:
    """Mark (person, civil day) pairs; marking twice is harmless."""
    pairs = sorted(set(who))
    if not pairs:
        return
    conn.execute(
        "insert into health.due (work, person_id, day) select %s, * from unnest(%s::bigint[], %s::date[])",
        (work, array_text(person for person, _ in pairs), array_text(day for _, day in pairs)),
    )


# The order is that of the key: a backlog of a hundred thousand marks is neither sorted nor waded through.
_TAKE = """
delete from health.due where (work, day, due_id) in (
    select work, day, due_id from health.due where work = %s and day >= %s
     order by day desc, due_id desc limit %s for update skip locked)
returning person_id, day
"""


def take(
    conn: psycopg.Connection, work: Work, limit: int = 1000, *, since: date | None = None
) -> list[tuple[int, date]]:
    """Take up to ``limit`` marks, without duplicates, and hold each person's lock until the transaction ends.

    The newest days come first; with ``since`` only marks of days from then on.

    The locks come in the order of person ids (no deadlock) and before anything is read, so that of two
    workers with marks of one person the later one sees what the earlier one wrote.
    """
    rows = conn.execute(_TAKE, (work, since or date.min, limit)).fetchall()
    pairs = sorted(set(rows))
    hold(conn, work, (person for person, _ in pairs))
    return pairs


def park(conn: psycopg.Connection, work: Work, pairs: Iterable[tuple[int, date]]) -> None:
    """Put marks that were taken aside: the work on them fails, and others must not wait for it."""
    rows = list(pairs)
    conn.execute(
        "insert into health.due (work, person_id, day) select %s, * from unnest(%s::bigint[], %s::date[])",
        (f"{work}_parked", [person for person, _ in rows], [day for _, day in rows]),
    )


def unpark(conn: psycopg.Connection, work: Work) -> int:
    """What was parked is due again; returns how many marks."""
    return conn.execute("update health.due set work = %s where work = %s", (work, f"{work}_parked")).rowcount


def hold(conn: psycopg.Connection, work: Work, people: Iterable[int]) -> None:
    """Hold each person's lock for this work until the transaction ends; waits for who holds it now."""
    conn.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s || person, 0))"
        " from (select distinct unnest(%s::bigint[]) as person order by 1 offset 0) as people",
        (f"{work}:", list(people)),
    )


def channel(work: Work) -> str:
    """The NOTIFY channel that wakes readers of ``work``."""
    return f"phr_{work}"
