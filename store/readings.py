"""Readings: every number of every person, stored once however often it arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

import psycopg
from msgspec.structs import astuple
from psycopg.rows import class_row

from store import repeats
from store.model import Reading

_COLUMNS = "person_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset"
_TYPES = ("int8", "text", "timestamptz", "int8", "float8", "int4", "int2", "timestamptz", "int2")

# One staging table a connection. `truncate` keeps it empty between batches without new catalogue rows.
_STAGING = f"""
create temp table if not exists staged_readings as select {_COLUMNS} from health.readings with no data;
truncate staged_readings
"""  # noqa: S608

# Sorted by the key: index pages are touched in order, and two writers lock rows in the same order (no deadlock).
_MERGE = f"""
with fresh as (
    insert into health.readings ({_COLUMNS})
    select {_COLUMNS} from staged_readings order by person_id, metric, at, source_id, received_at
    on conflict (person_id, metric, at, source_id) do nothing
    returning person_id, metric, at, source_id, value, seconds
)"""  # noqa: S608

# A day's running total grows under one key (the day's start): the highest is the last, whatever order they come in.
_GROW = """
with fresh as (
    update health.readings as r set value = s.value, seconds = s.seconds, received_at = s.received_at
      from (select distinct on (person_id, metric, at, source_id) * from staged_readings
             where metric = any(%s) order by person_id, metric, at, source_id, value desc) as s
     where (r.person_id, r.metric, r.at, r.source_id) = (s.person_id, s.metric, s.at, s.source_id)
       and s.value > r.value
    returning r.person_id, r.metric, r.at, r.source_id, r.value, r.seconds
)"""

# What the new rows change elsewhere, and the civil days (+09:00) that they touch.
_CONSEQUENCES = """, newest as (
    insert into health.last_values (person_id, metric, at, value, source_id)
    select distinct on (person_id, metric) person_id, metric, at, value, source_id from fresh
     order by person_id, metric, at desc, source_id desc
    on conflict (person_id, metric) do update
       set at = excluded.at, value = excluded.value, source_id = excluded.source_id
     where (excluded.at, excluded.source_id) >= (last_values.at, last_values.source_id)
)
select distinct person_id, day::date
  from fresh, generate_series(
           (at at time zone interval '+09:00')::date,
           ((at + make_interval(secs => greatest(seconds - 1, 0))) at time zone interval '+09:00')::date,
           interval '1 day') as day
"""

_CONTRADICTED = """
select s.person_id, s.metric, s.at, s.source_id, s.value
  from staged_readings as s join health.readings as r using (person_id, metric, at, source_id)
 where r.value <> s.value and s.metric <> all(%s)
"""

GROWING = ("steps", "steps_day")  # one interval reported again with a higher count replaces the lower one

_NO_WINDOWS: Mapping[int, int] = MappingProxyType({})


def add(
    conn: psycopg.Connection, batch: Sequence[Reading], *, windows: Mapping[int, int] = _NO_WINDOWS
) -> list[tuple[int, date]]:
    """Store a batch in the caller's transaction; returns (person, civil day) pairs that changed, without duplicates.

    The key (person, metric, at, source) makes a reading that comes again the same row, and the first value stays;
    only a step count whose interval is reported again with a higher value replaces the lower one (``GROWING``).
    An interval gives every civil day it touches. ``last_values`` keeps the newest ``at`` of each metric.

    ``windows``: source id -> seconds. A reading that carries no time of its own (Flag.ARRIVAL_TIME,
    Flag.CLOCK_REPLACED) has no identity in time: the same value of the same source and metric within the window
    of a stored one is the same measurement and is not stored again (``store.repeats``). The window is the device
    model's own: a scale repeats one weighing for seconds or minutes. It is not what guards against redelivery: a
    message that the broker sends again after a crash may come hours later, and a window that long would swallow
    tomorrow's equal weighing. Redelivered messages are known by packet id and content instead
    (``store.arrivals``), so the window need not be widened for them.
    """
    if not batch:
        return []
    wanted = repeats.first_heard(conn, batch, windows, table="readings", owner="person_id")
    _stage(conn, wanted)
    changed = conn.execute(_MERGE + _CONSEQUENCES).fetchall()
    if any(row.metric in GROWING for row in wanted):
        changed += conn.execute(_GROW + _CONSEQUENCES, (list(GROWING),)).fetchall()
    return sorted(set(changed))


def contradicted(conn: psycopg.Connection, batch: Sequence[Reading]) -> list[Reading]:
    """Those of the batch just added (same connection, same transaction) for whose key another value is stored.

    A blood pressure monitor whose clock shows no seconds gives two measurements of one minute the same time: the
    second can't be stored, and the caller keeps its message instead of losing it in silence.
    """
    if not batch:
        return []
    keys = set(conn.execute(_CONTRADICTED, (list(GROWING),)))
    return [r for r in batch if (r.person_id, r.metric, r.at, r.source_id, r.value) in keys] if keys else []


def _stage(conn: psycopg.Connection, rows: Sequence[Reading]) -> None:
    conn.execute(_STAGING)
    with conn.cursor() as cursor, cursor.copy(f"copy staged_readings ({_COLUMNS}) from stdin (format binary)") as copy:
        copy.set_types(_TYPES)
        for r in rows:
            copy.write_row(astuple(r))


def between(  # noqa: PLR0917 - reads as a sentence: of whom, of what, from, to
    conn: psycopg.Connection, person_id: int, metrics: Sequence[str], since: datetime, until: datetime
) -> list[Reading]:
    """A person's readings of these metrics with ``since <= at < until``, ascending in time."""
    with conn.cursor(row_factory=class_row(Reading)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.readings"  # noqa: S608
            " where person_id = %s and metric = any(%s) and at >= %s and at < %s order by at, metric, source_id",
            (person_id, list(metrics), since, until),
        ).fetchall()
