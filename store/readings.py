"""Readings: every number of every person, stored once however often it arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

from store import due, repeats
from store.copied import COLUMNS, END, HEAD, Row, array_text, binary, in_key_order, touched
from store.metrics import DAILY
from store.model import Reading

# The rows come sorted by the key: index pages are touched in order, and two writers lock rows in the same order (no
# deadlock).
_ROWS = """
select person_id, metric, timestamptz '2000-01-01Z' + at * interval '1 us' as at, source_id, value, seconds, flags,
       timestamptz '2000-01-01Z' + received_at * interval '1 us' as received_at, utc_offset
  from unnest(%(person_id)s::bigint[], %(metric)s::text[], %(at)s::bigint[], %(source_id)s::bigint[],
              %(value)s::float8[], %(seconds)s::int[], %(flags)s::int2[], %(received_at)s::bigint[],
              %(utc_offset)s::int2[])
       as new (person_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset)
"""
_ADD = f"""
with fresh as (
    insert into health.readings ({COLUMNS}) {_ROWS}
    on conflict (person_id, metric, at, source_id) do nothing
    returning person_id, metric, at, source_id, value, seconds
)"""

# A day's running total grows under one key (the day's start): the highest is the last, whatever order they come in. Of
# two intervals with the same count the shorter one stands. Days that only the former one touched have changed as well.
# They are locked in the order of the key first: an update would lock them as its plan finds them.
_GROW = f"""
with highest as (
    select distinct on (person_id, metric, at, source_id) * from ({_ROWS}) as rows
     where metric = any(%(growing)s) order by person_id, metric, at, source_id, value desc, seconds
), locked as materialized (
    select person_id, metric, at, source_id, old.seconds
      from (select * from highest order by person_id, metric, at, source_id offset 0) as highest
      join lateral (
           select seconds from health.readings as old
            where (old.person_id, old.metric, old.at, old.source_id)
                = (highest.person_id, highest.metric, highest.at, highest.source_id)
              for update) as old on true
), fresh as (
    update health.readings as r set value = s.value, seconds = s.seconds, received_at = s.received_at
      from highest as s join locked as old using (person_id, metric, at, source_id)
     where (r.person_id, r.metric, r.at, r.source_id) = (s.person_id, s.metric, s.at, s.source_id)
       and (s.value > r.value or s.value = r.value and s.seconds < r.seconds)
    returning r.person_id, r.metric, r.at, r.source_id, r.value, greatest(r.seconds, old.seconds) as seconds
)"""  # noqa: S608

_NEWER = """
    on conflict (person_id, metric) do update
       set at = excluded.at, value = excluded.value, source_id = excluded.source_id
     where (excluded.at, excluded.source_id) >= (last_values.at, last_values.source_id)
"""

# What the new rows change elsewhere: how many they are, and the days that are due for them.
_CONSEQUENCES = f""", newest as (
    insert into health.last_values (person_id, metric, at, value, source_id)
    select distinct on (person_id, metric) person_id, metric, at, value, source_id from fresh
     order by person_id, metric, at desc, source_id desc
    {_NEWER}
), due as (
    insert into health.due (work, day, people)
    select 'days', day, array_agg(person_id)
      from (select day, person_id, row_number() over (partition by day order by person_id) as place
              from (select distinct day, person_id from fresh, health.civil_days(at, seconds) as day
                     where metric = any(%(daily)s)) as changed) as numbered
     group by day, (place - 1) / {due.A_ROW}
    returning day, people
)
select (select count(*) from fresh), day, people from (select) as always left join due on true
"""  # noqa: S608

_NEWEST = f"""
    insert into health.last_values (person_id, metric, at, value, source_id)
    select person_id, metric, timestamptz '2000-01-01Z' + at * interval '1 us', value, source_id
      from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::float8[])
           as new (person_id, metric, at, source_id, value)
    {_NEWER}
"""  # noqa: S608

_CONTRADICTED = """
select new.place
  from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::float8[])
       with ordinality as new (person_id, metric, at, source_id, value, place)
  join health.readings as r using (person_id, metric, at, source_id)
 where r.value <> new.value and new.metric <> all(%s)
"""

# Where the readings are a hypertable their name is a view's, to which nobody copies (sql/0013_reach_timescale.sql).
_TABLE = "select coalesce(to_regclass('health.raw_readings'), to_regclass('health.readings'))::text"
_copies: WeakKeyDictionary[psycopg.Connection, str] = WeakKeyDictionary()  # how each connection does
_DAILY = sorted(DAILY)
GROWING = ("steps", "steps_day")  # one interval reported again with a higher count replaces the lower one

_NO_WINDOWS: Mapping[int, int] = MappingProxyType({})

# Up to so many rows one statement that merges them is quicker than COPY, which takes several.
_FEW = 128
_PIECE = 500  # rows
# Connections that lately met readings stored before: how many batches to merge before trying without again.
_wary: WeakKeyDictionary[psycopg.Connection, int] = WeakKeyDictionary()
_WARY_FOR = 20


class Written(NamedTuple):
    """``due``: whose civil days changed and are due. ``new``: whether every reading was new, so that none of them
    contradicts what is stored."""

    due: Mapping[date, Sequence[int]]
    new: bool

    @property
    def days(self) -> list[tuple[int, date]]:
        """(person, civil day) pairs without duplicates."""
        return sorted({(person, day) for day, people in self.due.items() for person in people})


def add(
    conn: psycopg.Connection, batch: Sequence[Reading], *, windows: Mapping[int, int] = _NO_WINDOWS
) -> list[tuple[int, date]]:
    """Store a batch in the caller's transaction and mark the days due that it changes.

    Returns these (person, civil day) pairs, without duplicates: every day that a new reading touches, of metrics that
    have day figures. The key (person, metric, at, source) makes a reading that comes again the same row, and the first
    value stays; only a step count whose interval is reported again with a higher value replaces the lower one
    (``GROWING``). ``last_values`` keeps the newest ``at`` of each metric.

    ``windows``: source id -> seconds. A reading that carries no time of its own (Flag.ARRIVAL_TIME,
    Flag.CLOCK_REPLACED) has no identity in time: the same value of the same source and metric within the window
    of a stored one is the same measurement and is not stored again (``store.repeats``). The window is the device
    model's own: a scale repeats one weighing for seconds or minutes. It is not what guards against redelivery: a
    message that the broker sends again after a crash may come hours later, and a window that long would swallow
    tomorrow's equal weighing. Redelivered messages are known by packet id and content instead
    (``store.arrivals``), so the window need not be widened for them.
    """
    return write(conn, batch, windows=windows).days


def write(
    conn: psycopg.Connection,
    batch: Sequence[Reading],
    *,
    windows: Mapping[int, int] = _NO_WINDOWS,
    rows: Sequence[Row] = (),
) -> Written:
    """As ``add``, and tells whether anything was there before. ``rows``: the part of the batch that is rows already,
    none of which lacks a time of its own.

    A few readings are merged by one statement. Many are nearly always new, and then go straight into the table, as
    fast as COPY is; if one of them is there, all are merged, and the connection does so at once for a while.
    """
    wanted = repeats.first_heard(conn, batch, windows, table="readings", owner="person_id")
    if not (wanted or rows):
        return Written({}, new=True)
    rows = in_key_order(wanted, rows)
    left = _wary.get(conn, 0)
    if len(rows) > _FEW and not left:
        if (days := _straight(conn, rows)) is not None:
            return Written(days, new=True)
        left = _WARY_FOR
    _wary[conn] = max(left - 1, 0)
    return _merged(conn, rows)


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


def _straight(conn: psycopg.Connection, rows: Sequence[Row]) -> Mapping[date, Sequence[int]] | None:
    """The days, or None if a reading was there or this role may not copy: then nothing is stored."""
    if not conn.autocommit and conn.info.transaction_status == TransactionStatus.IDLE:
        conn.execute("select")  # the caller's transaction begins here; `transaction()` would make it one of its own
    try:
        with conn.transaction(), conn.cursor() as cursor, cursor.copy(_copy(conn)) as copy:
            copy.write(HEAD)
            for first in range(0, len(rows), _PIECE):  # the server works on one piece while the next is made
                copy.write(binary(rows[first : first + _PIECE]))
            copy.write(END)
            days, newest = touched(rows)  # what follows is made while the server still works
            people, metrics, ats, sources, _, values, *_ = zip(*newest, strict=True)
            columns = [array_text(column) for column in (people, metrics, ats, sources, values)]
    except (psycopg.errors.UniqueViolation, psycopg.errors.FeatureNotSupported, psycopg.errors.InsufficientPrivilege):
        return None  # the latter two: nobody copies behind row-level security, nor past the view that stands for it
    conn.execute(_NEWEST, columns)
    due.mark_days(conn, "days", days)
    return days


def _copy(conn: psycopg.Connection) -> bytes:
    if conn not in _copies:
        [(_copies[conn],)] = conn.execute(_TABLE).fetchall()
    return f"copy {_copies[conn]} ({COLUMNS}) from stdin (format binary)".encode()


def _merged(conn: psycopg.Connection, rows: Sequence[Row]) -> Written:
    people, metrics, ats, sources, _, *rest = zip(*rows, strict=True)
    columns = [array_text(column) for column in (people, metrics, ats, sources, *rest)]
    said = dict(zip(COLUMNS.split(", "), columns, strict=True)) | {"daily": _DAILY, "growing": list(GROWING)}
    changed = conn.execute(_ADD + _CONSEQUENCES, said).fetchall()
    new = changed[0][0] == len(rows)
    if not new and not set(GROWING).isdisjoint(metrics):
        changed += conn.execute(_GROW + _CONSEQUENCES, said).fetchall()
    days: dict[date, list[int]] = {}
    for _, day, owners in changed:
        if day is not None:
            days.setdefault(day, []).extend(owners)
    return Written(days, new)


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
