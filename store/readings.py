"""Readings: every number of every person, stored once however often it arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from types import MappingProxyType
from typing import LiteralString, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from msgspec.structs import astuple
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

from store import repeats
from store.copied import COLUMNS, TYPES, array_text, in_key_order, touched
from store.model import Reading

# One staging table a connection. `truncate` keeps it empty between batches without new catalogue rows.
_STAGING = f"""
create temp table if not exists staged_readings as select {COLUMNS} from health.readings with no data;
truncate staged_readings
"""  # noqa: S608

# Sorted by the key: index pages are touched in order, and two writers lock rows in the same order (no deadlock).
_MERGE = f"""
with fresh as (
    insert into health.readings ({COLUMNS})
    select {COLUMNS} from staged_readings order by person_id, metric, at, source_id, received_at
    on conflict (person_id, metric, at, source_id) do nothing
    returning person_id, metric, at, source_id, value, seconds
)"""  # noqa: S608

# A day's running total grows under one key (the day's start): the highest is the last, whatever order they come in. Of
# two intervals with the same count the shorter one stands. Days that only the former one touched have changed as well.
_GROW = """
with fresh as (
    update health.readings as r set value = s.value, seconds = s.seconds, received_at = s.received_at
      from (select distinct on (person_id, metric, at, source_id) * from staged_readings where metric = any(%s)
             order by person_id, metric, at, source_id, value desc, seconds) as s
      join health.readings as old using (person_id, metric, at, source_id)
     where (r.person_id, r.metric, r.at, r.source_id) = (s.person_id, s.metric, s.at, s.source_id)
       and (s.value > r.value or s.value = r.value and s.seconds < r.seconds)
    returning r.person_id, r.metric, r.at, r.source_id, r.value, greatest(r.seconds, old.seconds) as seconds
)"""

_NEWER = """
    on conflict (person_id, metric) do update
       set at = excluded.at, value = excluded.value, source_id = excluded.source_id
     where (excluded.at, excluded.source_id) >= (last_values.at, last_values.source_id)
"""

# What the new rows change elsewhere, and the civil days (+09:00) that they touch.
_CONSEQUENCES = f""", newest as (
    insert into health.last_values (person_id, metric, at, value, source_id)
    select distinct on (person_id, metric) person_id, metric, at, value, source_id from fresh
     order by person_id, metric, at desc, source_id desc
    {_NEWER}
)
select distinct person_id, day::date
  from fresh, generate_series(
           (at at time zone interval '+09:00')::date,
           ((at + make_interval(secs => greatest(seconds - 1, 0))) at time zone interval '+09:00')::date,
           interval '1 day') as day
"""  # noqa: S608

_NEWEST = f"""
    insert into health.last_values (person_id, metric, at, value, source_id)
    select person_id, metric, timestamptz '2000-01-01Z' + at * interval '1 us', value, source_id
      from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::bigint[])
           as new (person_id, metric, at, value, source_id)
    {_NEWER}
"""  # noqa: S608

_CONTRADICTED = """
select new.place
  from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::float8[])
       with ordinality as new (person_id, metric, at, source_id, value, place)
  join health.readings as r using (person_id, metric, at, source_id)
 where r.value <> new.value and new.metric <> all(%s)
"""

GROWING = ("steps", "steps_day")  # one interval reported again with a higher count replaces the lower one

_NO_WINDOWS: Mapping[int, int] = MappingProxyType({})

# Connections that lately met readings stored before: how many batches to merge before trying without again.
_wary: WeakKeyDictionary[psycopg.Connection, int] = WeakKeyDictionary()
_WARY_FOR = 20


class Written(NamedTuple):
    """``days``: (person, civil day) pairs that changed. ``new``: whether every reading was new, so that none of them
    contradicts what is stored."""

    days: list[tuple[int, date]]
    new: bool


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
    return write(conn, batch, windows=windows).days


def write(conn: psycopg.Connection, batch: Sequence[Reading], *, windows: Mapping[int, int] = _NO_WINDOWS) -> Written:
    """As ``add``, and tells whether anything was there before.

    Readings are nearly always new, and then go straight into the table, as fast as COPY is. If one of them is there,
    all go the longer way: staged, and merged. A connection that met such a one goes it at once for a while.
    """
    wanted = repeats.first_heard(conn, batch, windows, table="readings", owner="person_id")
    if not wanted:
        return Written([], new=True)
    rows = in_key_order(wanted)
    left = _wary.get(conn, 0)
    if left:
        _wary[conn] = left - 1
    elif (days := _straight(conn, rows)) is not None:
        return Written(days, new=True)
    else:
        _wary[conn] = _WARY_FOR
    return Written(_merged(conn, rows), new=False)


def contradicted(conn: psycopg.Connection, batch: Sequence[Reading]) -> list[Reading]:
    """Those of the batch just added for whose key another value is stored.

    A blood pressure monitor whose clock shows no seconds gives two measurements of one minute the same time: the
    second can't be stored, and the caller keeps its message instead of losing it in silence.
    """
    if not batch:
        return []
    columns = zip(*((r.person_id, r.metric, r.at, r.source_id, r.value) for r in batch), strict=True)
    values = (*(list(column) for column in columns), list(GROWING))
    # planned for these very values: a generic plan would read the whole table
    return [batch[place - 1] for (place,) in conn.execute(_CONTRADICTED, values, prepare=False)]


def _straight(conn: psycopg.Connection, rows: Sequence[Reading]) -> list[tuple[int, date]] | None:
    """The days, or None if a reading was there: then nothing is stored."""
    if not conn.autocommit and conn.info.transaction_status == TransactionStatus.IDLE:
        conn.execute("select")  # the caller's transaction begins here; `transaction()` would make it one of its own
    try:
        with conn.transaction(), _copying(conn, "health.readings") as copy:
            for row in rows:
                copy.write_row(astuple(row))
            days, newest = touched(rows)  # here, because the server is still reading what it was sent
    except psycopg.errors.UniqueViolation:
        return None
    conn.execute(_NEWEST, [array_text(column) for column in zip(*newest, strict=True)])
    return days


def _merged(conn: psycopg.Connection, rows: Sequence[Reading]) -> list[tuple[int, date]]:
    conn.execute(_STAGING)
    with _copying(conn, "staged_readings") as copy:
        for row in rows:
            copy.write_row(astuple(row))
    changed = conn.execute(_MERGE + _CONSEQUENCES).fetchall()
    if any(row.metric in GROWING for row in rows):
        changed += conn.execute(_GROW + _CONSEQUENCES, (list(GROWING),)).fetchall()
    return sorted(set(changed))


@contextmanager
def _copying(conn: psycopg.Connection, table: LiteralString) -> Iterator[psycopg.Copy]:
    with (
        conn.cursor() as cursor,
        cursor.copy(f"copy {table} ({COLUMNS}) from stdin (format binary)") as copy,
    ):
        copy.set_types(TYPES)
        yield copy


def between(  # noqa: PLR0917 - reads as a sentence: of whom, of what, from, to
    conn: psycopg.Connection, person_id: int, metrics: Sequence[str], since: datetime, until: datetime
) -> list[Reading]:
    """A person's readings of these metrics with ``since <= at < until``, ascending in time."""
    with conn.cursor(row_factory=class_row(Reading)) as cursor:
        return cursor.execute(
            f"select {COLUMNS} from health.readings"  # noqa: S608
            " where person_id = %s and metric = any(%s) and at >= %s and at < %s order by at, metric, source_id",
            (person_id, list(metrics), since, until),
        ).fetchall()
