"""Day figures of a person, as ``ingest.days`` computed them from raw readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from store import due


@dataclass(frozen=True, slots=True)
class DayRow:
    """One civil day (+09:00) of one metric, in the metric's canonical unit.

    ``total`` is the day's sum of steps or sleep and None for all other metrics. For these two the other figures
    all equal the total: a day has one sum. For the others ``last`` is the newest reading of the day.
    """

    day: date
    metric: str
    n: int
    total: float | None
    mean: float
    low: float
    high: float
    last: float


def between(  # noqa: PLR0917 - reads as a sentence: of whom, of what, from, to
    conn: psycopg.Connection, person_id: int, metrics: Sequence[str], since: date, until: date
) -> list[DayRow]:
    """A person's figures of these metrics with ``since <= day <= until``, ascending by day, then metric."""
    with conn.cursor(row_factory=class_row(DayRow)) as cursor:
        return cursor.execute(
            "select day, metric, n, total, mean, low, high, last from health.days"
            " where person_id = %s and metric = any(%s) and day between %s and %s order by day, metric",
            (person_id, list(metrics), since, until),
        ).fetchall()


def mark_all(conn: psycopg.Connection, person_id: int, metrics: Sequence[str]) -> None:
    """Mark every day due that has a figure of one of these metrics: something changed that they rest on."""
    rows = conn.execute(
        "select distinct person_id, day from health.days where person_id = %s and metric = any(%s)",
        (person_id, list(metrics)),
    )
    due.mark(conn, "days", rows.fetchall())
