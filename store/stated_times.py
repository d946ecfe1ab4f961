"""What else was said of a reading's time: the device's own clock where ``at`` is not that, and the gateway's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg

Key = tuple[int, str, datetime]  # source id, metric, at: the reading's, whoever's it is


class StatedTime(NamedTuple):
    """The row of ``health.stated_times``. A plain tuple of the same five will do wherever this is asked for."""

    source_id: int
    metric: str
    at: datetime
    device_at: datetime | None = None
    gateway_at: datetime | None = None


_ADD = """
insert into health.stated_times (source_id, metric, at, device_at, gateway_at)
select distinct on (source_id, metric, at) source_id, metric, at, device_at, gateway_at
  from unnest(%s::int8[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
       with ordinality as said (source_id, metric, at, device_at, gateway_at, place)
 where num_nonnulls(device_at, gateway_at) > 0
 order by source_id, metric, at, place
on conflict (source_id, metric, at) do nothing
"""

_OF = """
select source_id, metric, at, device_at, gateway_at
  from health.stated_times
  join unnest(%s::int8[], %s::text[], %s::timestamptz[]) as asked (source_id, metric, at)
       using (source_id, metric, at)
"""

_SETTLED = """
select distinct on (source_id, metric, said.at) source_id, metric, said.at, kept.at
  from unnest(%s::int8[], %s::text[], %s::timestamptz[], %s::timestamptz[]) as said (source_id, metric, at, device_at)
  join health.stated_times as kept using (source_id, metric, device_at)
 where kept.at <> said.at and kept.at between said.at - %s and said.at + %s
 order by source_id, metric, said.at, abs(extract(epoch from kept.at - said.at)), kept.at
"""

SAME_MEMORY = timedelta(hours=1)  # a clock drifts by less between two read-outs of one memory; ours


def add(conn: psycopg.Connection, rows: Iterable[tuple[int, str, datetime, datetime | None, datetime | None]]) -> None:
    """Keep these. What is there already stays as it is: the first message that told a reading also told its times.

    Rows that say nothing (both times None) are left out.
    """
    listed = list(rows)
    if listed:
        conn.execute(_ADD, [list(column) for column in zip(*listed, strict=True)])


def of(conn: psycopg.Connection, keys: Sequence[Key]) -> dict[Key, StatedTime]:
    """What was said beside the times of these readings; those of which nothing was said are missing."""
    if not keys:
        return {}
    found = conn.execute(_OF, [list(column) for column in zip(*keys, strict=True)])
    return {(row[0], row[1], row[2]): StatedTime(*row) for row in found}


def settled(
    conn: psycopg.Connection, rows: Iterable[tuple[int, str, datetime, datetime | None, datetime | None]]
) -> dict[Key, datetime]:
    """For readings whose clock was put right (``Flag.CLOCK_CORRECTED``): the ``at`` under which each is stored already.

    A memory that is read out again a month later is put right by a little more than the first time, since the clock
    went on drifting. What the device showed is the same, so the first ``at`` stays, and no reading is stored twice.
    Keyed by the ``at`` worked out this time; those that are new, or stored under that very ``at``, are missing.
    """
    shown = [(source_id, metric, at, device_at) for source_id, metric, at, device_at, _ in rows if device_at]
    if not shown:
        return {}
    columns = [list(column) for column in zip(*shown, strict=True)]
    found = conn.execute(_SETTLED, (*columns, SAME_MEMORY, SAME_MEMORY))
    return {(source_id, metric, at): kept for source_id, metric, at, kept in found}
