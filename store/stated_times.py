"""What else was said of a reading's time: the device's own clock where ``at`` is not that, and the gateway's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
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
