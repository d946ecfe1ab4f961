"""The newest value of each metric of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class LastValue:
    """``value`` in the metric's canonical unit (``store.metrics``). ``entered``: who typed it in, else empty.

    ``flags``: ``store.model.Flag``.
    """

    metric: str
    at: datetime
    value: float
    entered: str
    flags: int


def of_person(conn: psycopg.Connection, person_id: int) -> list[LastValue]:
    """One row a metric, in the order of metric names."""
    with conn.cursor(row_factory=class_row(LastValue)) as cursor:
        return cursor.execute(
            "select metric, at, l.value, coalesce(s.label, '') as entered, coalesce(r.flags, 0) as flags"
            " from health.last_values as l left join health.readings as r using (person_id, metric, at, source_id)"
            " left join health.sources as s on s.source_id = l.source_id and s.kind = 'manual'"
            " where person_id = %s order by metric",
            (person_id,),
        ).fetchall()
