"""One measurement heard several times: for numbers that carry no time of their own.

A scale broadcasts one weighing many times, and without a clock: each copy gets its moment of arrival, so the
key (owner, metric, at, source) can't tell that they are the same. Here the rule is: the same value of the same
metric from the same source within the model's ``repeats_seconds`` of a *kept* one is the same measurement.
A measurement in which another number differs (pressure 120/78 after 120/80) is another measurement and stays
whole; one that only adds a number (impedance after the weight) adds that number.

Measuring from the kept one (never from a dropped copy) makes the outcome the same however the stream is cut
into batches. Redelivery by the broker is another matter and has its own ledger (``store.arrivals``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import psycopg
from psycopg import sql

from store.model import Flag

_LOCKS, _PLACES = 0x5048_5204, 64  # first key of the advisory locks, and how many there are

NO_TIME = int(Flag.ARRIVAL_TIME | Flag.CLOCK_REPLACED)  # a plain number: flags are tested for every row

_Series = tuple[int, int, str]  # owner, source, metric
_Heard = dict[_Series, list[tuple[datetime, float]]]


class Numbered(Protocol):
    """What a reading and an unclaimed number have in common."""

    @property
    def metric(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def source_id(self) -> int: ...
    @property
    def value(self) -> float: ...
    @property
    def flags(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)

_KEPT = """
select distinct kept.{owner}, kept.source_id, kept.metric, kept.at, kept.value
  from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::int[])
       as new (owner, source_id, metric, at, seconds)
  join {table} as kept
    on kept.{owner} = new.owner and kept.source_id = new.source_id and kept.metric = new.metric
   and kept.at between new.at - make_interval(secs => new.seconds) and new.at + make_interval(secs => new.seconds)
 where (kept.flags & %s) <> 0
"""


def first_heard(
    conn: psycopg.Connection, batch: Sequence[Row], windows: Mapping[int, int], *, table: str, owner: str
) -> list[Row]:
    """The batch without repeats, in its order. ``windows``: source id -> seconds within which a value repeats.

    ``table`` (``readings``, ``unclaimed``) and ``owner`` (its owner column, also the row's attribute) say where
    the numbers kept earlier are.
    """
    if not windows:
        return list(batch)
    doubtful = [row for row in batch if row.flags & NO_TIME and windows.get(row.source_id)]
    if not doubtful:
        return list(batch)
    hold(conn, (row.source_id for row in doubtful))
    kept = _kept(conn, doubtful, windows, table=table, owner=owner)
    repeated: set[tuple[_Series, datetime]] = set()
    for measurement in _measurements(doubtful, owner):
        repeated |= _repeated(measurement, kept, timedelta(seconds=windows[measurement[0].source_id]), owner)
    return [row for row in batch if not (row.flags & NO_TIME and (_series(row, owner), row.at) in repeated)]


def hold(conn: psycopg.Connection, sources: Iterable[int]) -> None:
    """Of two workers that have copies of one weighing the later one sees what the earlier one kept.

    A few locks for all sources: a lock for each would fill the table of locks. Who stores numbers of several owners
    takes them all at once and before any row, or two such workers would wait for each other.
    """
    conn.execute(
        "select pg_advisory_xact_lock(%s, place) from unnest(%s::int[]) as place",
        (_LOCKS, sorted({source % _PLACES for source in sources})),
    )


def _series(row: Numbered, owner: str) -> _Series:
    return getattr(row, owner), row.source_id, row.metric


def _kept(
    conn: psycopg.Connection, rows: Iterable[Row], windows: Mapping[int, int], *, table: str, owner: str
) -> _Heard:
    columns = zip(*((*_series(row, owner), row.at, windows[row.source_id]) for row in rows), strict=True)
    query = sql.SQL(_KEPT).format(table=sql.Identifier("health", table), owner=sql.Identifier(owner))
    found: _Heard = {}
    # planned for these very values: a generic plan would read the whole table
    values = (*(list(column) for column in columns), NO_TIME)
    for *series, at, value in conn.execute(query, values, prepare=False):
        found.setdefault((series[0], series[1], series[2]), []).append((at, value))
    return found


def _measurements(rows: Iterable[Row], owner: str) -> Iterable[list[Row]]:
    together: dict[tuple[int, int, datetime], list[Row]] = {}
    for row in rows:
        together.setdefault((getattr(row, owner), row.source_id, row.at), []).append(row)
    return together.values()


def _repeated(measurement: Sequence[Row], kept: _Heard, window: timedelta, owner: str) -> set[tuple[_Series, datetime]]:
    near = {
        row.metric: {value for at, value in kept.get(_series(row, owner), ()) if abs(at - row.at) <= window}
        for row in measurement
    }
    differs = any(near[row.metric] and row.value not in near[row.metric] for row in measurement)
    gone = set() if differs else {(_series(row, owner), row.at) for row in measurement if row.value in near[row.metric]}
    for row in measurement:
        if (_series(row, owner), row.at) not in gone:
            kept.setdefault(_series(row, owner), []).append((row.at, row.value))
    return gone
