"""Numbers that people type in, a citizen or a 保健師 for them: the same entry twice is one row, a slip is put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from store import readings, sources
from store.model import Reading, Sample
from store.sources import SELF, Enterer

Key = tuple[str, datetime]  # metric, at


class AlreadyDifferent(Exception):
    """At this moment another value of this metric is kept already."""

    def __init__(self, metric: str) -> None:
        super().__init__(metric)
        self.metric = metric


@dataclass(frozen=True, slots=True)
class Typed:
    """How many of the numbers are new and how many were kept already."""

    stored: int
    already: int


def add(
    conn: psycopg.Connection, person_id: int, samples: Sequence[Sample], now: datetime, *, who: Enterer = SELF
) -> Typed:
    """Keep these entries (all with a time) under the enterer's own source and mark their days due.

    Raises AlreadyDifferent when an entry contradicts one that is kept; the caller rolls back.
    """
    source_id = sources.manual(conn, person_id, who)
    batch = [Reading(person_id, one.metric, _time(one), source_id, one.value, one.seconds, 0, now) for one in samples]
    before = kept(conn, batch)
    readings.add(conn, batch)
    after = kept(conn, batch)
    for reading in batch:
        if after[reading.metric, reading.at] != reading.value:
            raise AlreadyDifferent(reading.metric)
    return Typed(stored=len(after) - len(before), already=len(before))


def _time(sample: Sample) -> datetime:
    assert sample.at is not None, "who types a number in says when it was measured"
    return sample.at


def kept(conn: psycopg.Connection, batch: Sequence[Reading]) -> dict[Key, float]:
    """The stored values at the keys of this batch, which is of one person and one source."""
    if not batch:
        return {}
    rows = conn.execute(
        "select metric, at, value from health.readings where person_id = %s and source_id = %s"
        " and (metric, at) in (select * from unnest(%s::text[], %s::timestamptz[]))",
        (batch[0].person_id, batch[0].source_id, [row.metric for row in batch], [row.at for row in batch]),
    )
    return {(metric, at): value for metric, at, value in rows}
