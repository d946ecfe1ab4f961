"""Due marks: how workers meet without knowing each other.

A writer marks (work, person, civil day) in its own transaction; commit wakes the readers (NOTIFY).
A reader takes marks by deleting them in the transaction that does the work: if it dies, they are back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

import psycopg

from store.copied import array_text

Work = Literal["days", "advice", "gate"]  # of 'gate' the "person" is a household

A_ROW = 200  # people: more are compressed, which takes longer than writing them, and would be taken at once


def mark(conn: psycopg.Connection, work: Work, who: Iterable[tuple[int, date]]) -> None:
    """Mark (person, civil day) pairs; marking twice is harmless."""
    _mark(conn, work, who)


def mark_days(conn: psycopg.Connection, work: Work, whose: Mapping[date, Sequence[int]]) -> None:
    """Mark these people's civil days."""
    _write(conn, work, whose)


def _mark(conn: psycopg.Connection, work: str, who: Iterable[tuple[int, date]]) -> None:
    whose: dict[date, list[int]] = {}
    for person, day in sorted(set(who)):
        whose.setdefault(day, []).append(person)
    _write(conn, work, whose)


def _write(conn: psycopg.Connection, work: str, whose: Mapping[date, Sequence[int]]) -> None:
    """One row a day with all its people: a writer of thousands of readings leaves a few rows, not thousands."""
    rows = [(day, people[at : at + A_ROW]) for day, people in whose.items() for at in range(0, len(people), A_ROW)]
    if rows:
        conn.execute(
            "insert into health.due (work, day, people)"
            " select %s, day, people::bigint[] from unnest(%s::date[], %s::text[]) as new (day, people)",
            (work, [day for day, _ in rows], [array_text(people) for _, people in rows]),
        )


def take(
    conn: psycopg.Connection, work: Work, limit: int = 1000, *, since: date | None = None
) -> list[tuple[int, date]]:
    """Take marks of about ``limit`` pairs, without duplicates, and hold each person's lock until the transaction ends.

    The newest days come first; with ``since`` only marks of days from then on. What is written together is taken
    together: at most ``A_ROW`` pairs more.

    The locks come in the order of person ids (no deadlock) and before anything is read, so that of two
    workers with marks of one person the later one sees what the earlier one wrote.
    """
    rows = conn.execute("select * from health.take_due(%s, %s, %s)", (work, since or date.min, limit)).fetchall()
    pairs = sorted({(person, day) for day, people in rows for person in people})
    hold(conn, work, (person for person, _ in pairs))
    return pairs


def park(conn: psycopg.Connection, work: Work, pairs: Iterable[tuple[int, date]]) -> None:
    """Put marks that were taken aside: the work on them fails, and others must not wait for it."""
    _mark(conn, f"{work}_parked", pairs)


def unpark(conn: psycopg.Connection, work: Work) -> int:
    """What was parked is due again; returns how many pairs."""
    rows = conn.execute(
        "update health.due set work = %s where work = %s returning cardinality(people)", (work, f"{work}_parked")
    )
    return sum(pairs for (pairs,) in rows)


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
