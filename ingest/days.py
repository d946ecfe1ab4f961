"""A day's figures from the raw readings of that civil day (+09:00), for every (person, day) that is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import psycopg
from psycopg_pool import ConnectionPool

from ingest import gating, jumping, merging, parting
from store import due
from store.metrics import MEASURED
from store.model import Flag


def recompute(conn: psycopg.Connection, pairs: Sequence[tuple[int, date]]) -> None:
    """Write ``health.days`` anew for these (person, civil day) pairs, in the caller's transaction.

    * Measured metrics: count, mean, lowest, highest and last reading of the day. Impossible jumps of weight and body
      fat are marked first (``ingest.jumps``) and left out; a day with nothing else has no figure.
    * ``steps``: all devices merged by time (``ingest.steps``, ``ingest.counters``); ``sleep``: minutes of the sleep
      that ended on the day, merged likewise. Every figure of these two equals the total.
    * A metric without readings on the day loses its row.
    * Other days that the same readings change are written too: those that a counter's growth reaches into, and those
      of readings that are jumps now or no longer.

    Checkup metrics have no day figures. The result depends only on what is stored, not on the order of arrival.
    """
    asked = set(pairs)
    asked |= jumping.settle(conn, asked)
    asked, found = merging.sums(conn, asked)
    wanted, sums = sorted(asked), list(zip(*found, strict=True)) or [()] * 5
    names = ("sum_people", "sum_days", "sum_metrics", "sum_ns", "totals")
    conn.execute(
        _sql(),
        {
            "people": [person for person, _ in wanted],
            "days": [day for _, day in wanted],
            "measured": list(MEASURED),
            "jump": int(Flag.JUMP),
            **{name: list(column) for name, column in zip(names, sums, strict=True)},
        },
    )


def work_once(pool: ConnectionPool, limit: int = 500, *, since: date | None = None) -> int:
    """Take up to ``limit`` due marks, recompute their days and mark the people's advice due, in one transaction.

    With ``since`` only days from then on, the newest first. Returns how many (person, day) pairs were taken; 0 when
    nothing is due. A worker that dies leaves the marks; those of a person whose days can't be computed are parked.
    """
    with pool.connection() as conn:
        pairs = due.take(conn, "days", limit, since=since)
        if pairs:
            parting.carry_out(conn, "days", pairs, _figure)
        return len(pairs)


def _figure(conn: psycopg.Connection, pairs: Sequence[tuple[int, date]]) -> None:
    recompute(conn, pairs)
    due.mark(conn, "advice", pairs)
    gating.follow(conn, pairs)


@cache
def _sql() -> str:
    return (files("ingest") / "days.sql").read_text("utf-8")
