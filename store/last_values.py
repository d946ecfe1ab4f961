"""The newest value of each metric of one person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

_TOUCHED = """
with touched as (
    select distinct * from unnest(%(people)s::bigint[], %(metrics)s::text[]) as touched (person_id, metric))
"""
# Locked before the newest is looked up: whoever stores a newer reading meanwhile is waited for, and seen.
_LOCK = f"""
{_TOUCHED} select from health.last_values join touched using (person_id, metric) order by person_id, metric for update
"""
_FORGET = f"""
{_TOUCHED} delete from health.last_values as l using touched as t
 where (l.person_id, l.metric) = (t.person_id, t.metric)
   and not exists (select from health.readings as r
                    where (r.person_id, r.metric, r.at, r.source_id) = (l.person_id, l.metric, l.at, l.source_id))
"""  # noqa: S608 - our own text
_RENEW = f"""
{_TOUCHED} insert into health.last_values (person_id, metric, at, value, source_id)
select t.person_id, t.metric, r.at, r.value, r.source_id
  from touched as t cross join lateral (
       select at, value, source_id from health.readings as r
        where (r.person_id, r.metric) = (t.person_id, t.metric) order by at desc, source_id desc limit 1) as r
 order by t.person_id, t.metric
on conflict (person_id, metric) do update
   set at = excluded.at, value = excluded.value, source_id = excluded.source_id
 where (excluded.at, excluded.source_id) >= (last_values.at, last_values.source_id)
"""  # noqa: S608 - our own text


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


def renew(conn: psycopg.Connection, touched: Collection[tuple[int, str]]) -> None:
    """Look up the newest values of these (person, metric) anew after readings of theirs went or came."""
    columns = {"people": [person_id for person_id, _ in touched], "metrics": [metric for _, metric in touched]}
    for step in (_LOCK, _FORGET, _RENEW):
        conn.execute(step, columns)
