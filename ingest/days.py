"""A day's figures from the raw readings of that civil day (+09:00), for every (person, day) that is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import psycopg
from psycopg_pool import ConnectionPool

from ingest.decode import LONGEST_SECONDS
from store import due

MEASURED = ("weight", "body_fat", "bp_sys", "bp_dia", "pulse", "glucose", "spo2", "temperature")


def recompute(conn: psycopg.Connection, pairs: Sequence[tuple[int, date]]) -> None:
    """Write ``health.days`` anew for these (person, civil day) pairs, in the caller's transaction.

    * Measured metrics: count, mean, lowest, highest and last reading of the day.
    * ``sleep``: minutes of the sleep that ended on the day; ``steps``: the day's count. Every figure of these
      two equals the total.
    * Steps come as interval counts (one that crosses midnight is split by time), as a running counter (its
      growth since the reading before, at the latest of the day before; a decrease is a reset) or as a day total
      (the last one said). Sources are never added up: telephone and pedometer count the same steps, so the
      highest source's total is the day's. Merging sources by segments of the day would be finer and can follow.
    * A metric without readings on the day loses its row.

    Checkup metrics have no day figures. The result depends only on what is stored, not on the order of arrival.
    """
    conn.execute(
        _sql(),
        {
            "people": [person for person, _ in pairs],
            "days": [day for _, day in pairs],
            "measured": list(MEASURED),
            "longest": LONGEST_SECONDS,
        },
        prepare=False,  # measured: a generic plan reads the whole readings table, one made for these values 20x less
    )


def work_once(pool: ConnectionPool, limit: int = 1000) -> int:
    """Take up to ``limit`` due marks, recompute their days and mark the people's advice due, in one transaction.

    Returns how many (person, day) pairs were taken; 0 when nothing is due. A worker that dies leaves the marks.
    """
    with pool.connection() as conn:
        pairs = due.take(conn, "days", limit)
        if pairs:
            recompute(conn, pairs)
            due.mark(conn, "advice", pairs)
        return len(pairs)


@cache
def _sql() -> str:
    return (files("ingest") / "days.sql").read_text("utf-8")
