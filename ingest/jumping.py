"""Marks impossible jumps (``ingest.jumps``) among the stored readings, and takes marks back that no longer hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import psycopg

from ingest.jumps import BOUNDS, NEAR, Bound, Point, jumps
from store.clock import civil_day
from store.model import Flag

_JUMP = int(Flag.JUMP)

# A series whose values all agree and of which none is marked has nothing to judge: most are sorted out here.
_DOUBTFUL = """
with asked as (
    select person_id, min(day)::timestamp at time zone interval '+09:00' - make_interval(secs => %(near)s) as since,
           (max(day) + 1)::timestamp at time zone interval '+09:00' + make_interval(secs => %(near)s) as until
      from unnest(%(people)s::bigint[], %(days)s::date[]) as a (person_id, day) group by person_id
)
select a.person_id, bound.metric, a.since, a.until
  from asked as a
 cross join unnest(%(metrics)s::text[], %(least)s::float8[]) as bound (metric, least)
 cross join lateral (
       select max(r.value) - min(r.value) as apart, bool_or(r.flags & %(jump)s <> 0) as marked
         from health.readings as r
        where r.person_id = a.person_id and r.metric = bound.metric
          and r.at >= a.since - make_interval(secs => %(near)s) and r.at < a.until + make_interval(secs => %(near)s)
       ) as near
 where near.apart > bound.least or near.marked
"""
_SERIES = """
select date_part('epoch', at), source_id, value, at, flags & %(jump)s <> 0 from health.readings
 where person_id = %(person)s and metric = %(metric)s
   and at >= %(since)s - make_interval(secs => %(near)s) and at < %(until)s + make_interval(secs => %(near)s)
 order by at, source_id
"""
_MARK = """
update health.readings as r set flags = r.flags # %(jump)s
  from unnest(%(at)s::timestamptz[], %(sources)s::bigint[]) as changed (at, source_id)
 where r.person_id = %(person)s and r.metric = %(metric)s and r.at = changed.at and r.source_id = changed.source_id
"""


def settle(conn: psycopg.Connection, pairs: Iterable[tuple[int, date]]) -> set[tuple[int, date]]:
    """Judge anew what readings of these (person, civil day) pairs can change; returns the days whose marks changed."""
    wanted = sorted(set(pairs))
    people, days = [person for person, _ in wanted], [day for _, day in wanted]
    names = {"people": people, "days": days, "near": NEAR, "jump": _JUMP}
    bounds = {"metrics": list(BOUNDS), "least": [bound.least for bound in BOUNDS.values()]}
    changed: set[tuple[int, date]] = set()
    for person, metric, since, until in conn.execute(_DOUBTFUL, names | bounds).fetchall():
        asked = {"person": person, "metric": metric, "since": since, "until": until, "near": NEAR, "jump": _JUMP}
        changed |= {(person, civil_day(at)) for at in _settle(conn, asked, BOUNDS[metric])}
    return changed


def _settle(conn: psycopg.Connection, asked: dict[str, object], bound: Bound) -> list[datetime]:
    """One person's series; only what lies between ``since`` and ``until`` is judged, by all that is near to it."""
    rows = conn.execute(_SERIES, asked).fetchall()
    series = [Point(*row[:3]) for row in rows]
    found = jumps(series, bound)
    wrong = [
        (at, source)
        for point, (_, source, _, at, marked) in zip(series, rows, strict=True)
        if asked["since"] <= at < asked["until"] and marked != (point in found)
    ]
    if wrong:
        conn.execute(_MARK, asked | {"at": [at for at, _ in wrong], "sources": [source for _, source in wrong]})
    return [at.astimezone(UTC) for at, _ in wrong]
