"""The table without broker and worker: COPY alone, which nothing that writes it can beat, and our writer alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from msgspec.structs import astuple

from phr_api.commands.bench_stage import Stage
from store import readings, worker
from store.model import Reading

BATCH = 5000  # the worker's own (PHR_INGEST_BATCH)
METRICS = (("weight", 55.0), ("pulse", 62.0), ("spo2", 95.0), ("temperature", 36.0))

_COLUMNS = "person_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset"
_TYPES = ("int8", "text", "timestamptz", "int8", "float8", "int4", "int2", "timestamptz", "int2")


@dataclass(frozen=True, slots=True)
class Written:
    """Time in the database only: making the readings is not counted."""

    readings: int
    seconds: float

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds


def copy_alone(stage: Stage, batches: int) -> Written:
    """Binary COPY, one transaction a batch, into a table with the same columns, key and index and nothing else.

    In a process that is set up as the worker is.
    """
    stage.empty()
    worker.look_for_garbage_seldom()
    with psycopg.connect(stage.database) as conn:
        conn.execute("drop table if exists public.copied")
        conn.execute("create table public.copied (like health.readings including all)")
        conn.commit()
        seconds = 0.0
        for batch in _batches(stage, batches):
            start = time.perf_counter()
            _copy(conn, batch)
            conn.commit()
            seconds += time.perf_counter() - start
    return Written(batches * BATCH, seconds)


def writer_alone(stage: Stage, batches: int) -> Written:
    """``store.readings.add`` with newest values and due marks, one transaction a batch, as the worker does."""
    stage.empty()
    worker.look_for_garbage_seldom()
    with psycopg.connect(stage.database) as conn:
        seconds = 0.0
        for batch in _batches(stage, batches):
            start = time.perf_counter()
            readings.add(conn, batch)
            conn.commit()
            seconds += time.perf_counter() - start
    return Written(batches * BATCH, seconds)


def _copy(conn: psycopg.Connection, batch: list[Reading]) -> None:
    with conn.cursor() as cursor, cursor.copy(f"copy public.copied ({_COLUMNS}) from stdin (format binary)") as copy:
        copy.set_types(_TYPES)
        for reading in batch:
            copy.write_row(astuple(reading))


def _batches(stage: Stage, count: int) -> Iterator[list[Reading]]:
    """As they come from the population: people take turns, each reading a minute after the one before."""
    with psycopg.connect(stage.database) as conn:
        owners = conn.execute("select person_id, source_id from health.registrations order by 1").fetchall()
    arrived = datetime.now(UTC)
    start = arrived.replace(second=0, microsecond=0) - timedelta(days=20)
    for first in range(0, count * BATCH, BATCH):
        yield [_reading(owners, number, start, arrived) for number in range(first, first + BATCH)]


def _reading(owners: list[tuple[int, int]], number: int, start: datetime, arrived: datetime) -> Reading:
    turn, place = divmod(number, len(owners))
    place = place * 7919 % len(owners)  # not in the order of the key
    metric, value = METRICS[place % len(METRICS)]
    return Reading(*owners[place][:1], metric, start + timedelta(minutes=turn), owners[place][1], value, 0, 0, arrived)
