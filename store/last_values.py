"""The newest value of each metric of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class LastValue:
    """``value`` in the metric's canonical unit (``store.metrics``)."""

    metric: str
    at: datetime
    value: float


def of_person(conn: psycopg.Connection, person_id: int) -> list[LastValue]:
    """One row a metric, in the order of metric names."""
    with conn.cursor(row_factory=class_row(LastValue)) as cursor:
        return cursor.execute(
            "select metric, at, value from health.last_values where person_id = %s order by metric", (person_id,)
        ).fetchall()
