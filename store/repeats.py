"""One measurement heard several times: for numbers that carry no time of their own.

A scale broadcasts one weighing many times, and without a clock: each copy gets its moment of arrival, so the
key (owner, metric, at, source) can't tell that they are the same. Here the rule is: the same value of the same
metric from the same source within the model's ``repeats_seconds`` of a *kept* one is the same measurement.
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

NO_TIME = Flag.ARRIVAL_TIME | Flag.CLOCK_REPLACED

_Key = tuple[int, str, int, float]  # owner, metric, source, value


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
select distinct kept.{owner}, kept.metric, kept.source_id, kept.value, kept.at
  from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::timestamptz[], %s::int[])
       as new (owner, metric, source_id, value, at, seconds)
  join {table} as kept
    on kept.{owner} = new.owner and kept.metric = new.metric and kept.source_id = new.source_id
   and kept.value = new.value
   and kept.at between new.at - make_interval(secs => new.seconds) and new.at + make_interval(secs => new.seconds)
 where (kept.flags & %s) <> 0
"""


def dropped(
    conn: psycopg.Connection, batch: Sequence[Row], windows: Mapping[int, int], *, table: str, owner: str
) -> list[Row]:
    """The batch without repeats, in its order. ``windows``: source id -> seconds within which a value repeats.

    ``table`` (``readings``, ``unclaimed``) and ``owner`` (its owner column, also the row's attribute) say where
    the numbers kept earlier are.
    """
    doubtful = [row for row in batch if row.flags & NO_TIME and windows.get(row.source_id)]
    if not doubtful:
        return list(batch)
    kept = _kept(conn, doubtful, windows, table=table, owner=owner)
    return [row for row in batch if not _repeats(row, kept, windows, owner)]


def _kept(
    conn: psycopg.Connection, rows: Iterable[Row], windows: Mapping[int, int], *, table: str, owner: str
) -> dict[_Key, list[datetime]]:
    columns = zip(
        *((getattr(r, owner), r.metric, r.source_id, r.value, r.at, windows[r.source_id]) for r in rows), strict=True
    )
    query = sql.SQL(_KEPT).format(table=sql.Identifier("health", table), owner=sql.Identifier(owner))
    found: dict[_Key, list[datetime]] = {}
    for row in conn.execute(query, (*(list(column) for column in columns), int(NO_TIME))):
        found.setdefault(row[:4], []).append(row[4])
    return found


def _repeats(row: Row, kept: dict[_Key, list[datetime]], windows: Mapping[int, int], owner: str) -> bool:
    window = timedelta(seconds=windows.get(row.source_id, 0))
    if not (row.flags & NO_TIME and window):
        return False
    times = kept.setdefault((getattr(row, owner), row.metric, row.source_id, row.value), [])
    if any(abs(row.at - at) <= window for at in times):
        return True
    times.append(row.at)
    return False
