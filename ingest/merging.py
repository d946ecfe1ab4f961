"""Steps and sleep of many people's days: what is stored about them, read at once and merged in Python."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import psycopg
from psycopg.rows import TupleRow

from devices import catalogue
from devices.model import Model
from ingest import sleep, steps
from ingest.counters import DAY, GAP, Device, Segment
from ingest.steps import Count, Merged
from store import device_order
from store.clock import day_start

Pair = tuple[int, date]
Sum = tuple[int, date, str, int, float]  # person, day, metric, how many numbers told of it, the day's sum

_APART = timedelta(days=5)  # days of one person that lie further apart are read separately

_INTERVALS = """
select r.person_id, r.source_id, r.metric, date_part('epoch', r.at), r.seconds, r.value
  from unnest(%(people)s::bigint[], %(starts)s::timestamptz[], %(stops)s::timestamptz[]) as a (person_id, start, stop)
  join health.readings as r
    on r.person_id = a.person_id and r.metric in ('steps', 'steps_day', 'sleep')
   and r.at > a.start - interval '24 hours' and r.at < a.stop
"""
_COUNTERS = """
select r.person_id, r.source_id, date_part('epoch', r.at), r.value
  from unnest(%(people)s::bigint[], %(starts)s::timestamptz[], %(stops)s::timestamptz[]) as a (person_id, start, stop)
  join health.readings as r
    on r.person_id = a.person_id and r.metric = 'steps_counter'
   and r.at >= a.start - make_interval(secs => %(gap)s) and r.at <= a.stop + make_interval(secs => %(gap)s)
"""
# Between two readings of a counter the growth is split by time: whatever comes or goes on a day changes every day
# from the reading before it to the reading after it.
_NEIGHBOURS = """
select distinct a.person_id, near.day::date
  from (select person_id, day, day::timestamp at time zone interval '+09:00' as start,
               (day + 1)::timestamp at time zone interval '+09:00' as stop
          from unnest(%(people)s::bigint[], %(days)s::date[]) as asked (person_id, day)) as a
 cross join lateral (
       select max(r.at) filter (where r.at < a.start) as before, min(r.at) filter (where r.at >= a.stop) as after
         from health.readings as r
        where r.person_id = a.person_id and r.metric = 'steps_counter'
          and r.at >= a.start - make_interval(secs => %(gap)s) and r.at <= a.stop + make_interval(secs => %(gap)s)
        group by r.source_id) as c
 cross join lateral generate_series((coalesce(c.before, a.start) at time zone interval '+09:00')::date,
                                    (coalesce(c.after, a.start) at time zone interval '+09:00')::date,
                                    interval '1 day') as near (day)
"""
_MODELS = "select distinct source_id, model from health.registrations where source_id = any(%s)"


@dataclass(slots=True)
class _Life:
    """What is stored of one person's steps and sleep around the days asked for."""

    counts: list[Count] = field(default_factory=list)
    sleeps: list[Segment] = field(default_factory=list)
    counters: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def in_order(self) -> _Life:
        self.counts.sort(key=lambda one: one.at)
        self.sleeps.sort()
        for shown in self.counters.values():
            shown.sort()
        return self


def neighbours(conn: psycopg.Connection, pairs: Iterable[Pair]) -> set[Pair]:
    """The days whose steps change with the counters of these days, these days left out where no counter is near."""
    columns = _columns(pairs)
    rows = conn.execute(_NEIGHBOURS, {**columns, "gap": GAP}, prepare=False, binary=True)
    return set(rows.fetchall())


def sums(conn: psycopg.Connection, pairs: Iterable[Pair]) -> list[Sum]:
    """The steps and the sleep of each (person, civil day) of which anything tells."""
    asked = sorted(set(pairs))
    lives = _lives(conn, asked)
    devices = _devices(conn, lives)
    return [one for pair in asked if pair[0] in lives for one in _sums(pair, lives[pair[0]], devices[pair[0]])]


def steps_of(conn: psycopg.Connection, person_id: int, day: date) -> Merged | None:
    """Which device gave which steps of this day; None when nothing tells of it."""
    lives = _lives(conn, [(person_id, day)])
    if person_id not in lives:
        return None
    return _steps(lives[person_id], day_start(day).timestamp(), _devices(conn, lives)[person_id])


def _sums(pair: Pair, life: _Life, devices: Mapping[int, Device]) -> Iterator[Sum]:
    start = day_start(pair[1]).timestamp()
    merged = _steps(life, start, devices)
    if merged is not None:
        yield (*pair, "steps", merged.n, merged.total)
    # a night belongs to the day of waking
    nights = [one for one in life.sleeps if start <= _last_moment(one) < start + DAY]
    if nights:
        yield (*pair, "sleep", len(nights), sleep.minutes(map(_as_long_as_slept, nights)))


def _steps(life: _Life, start: float, devices: Mapping[int, Device]) -> Merged | None:
    first = bisect_left(life.counts, start - DAY, key=lambda one: one.at)
    after = bisect_left(life.counts, start + DAY, key=lambda one: one.at)
    return steps.merge(life.counts[first:after], life.counters, start, devices)


def _last_moment(one: Segment) -> float:
    return max(one.start, one.end - 1)


def _as_long_as_slept(one: Segment) -> Segment:
    # who typed in only when the sleep began said by its minutes how long it was
    return one if one.end > one.start else one._replace(end=one.start + 60 * one.steps)


def _lives(conn: psycopg.Connection, pairs: Sequence[Pair]) -> dict[int, _Life]:
    spans = {**_spans(pairs), "gap": GAP}
    found: dict[int, _Life] = defaultdict(_Life)
    for person, source, metric, at, seconds, value in _rows(conn, _INTERVALS, spans):
        if metric == "sleep":
            found[person].sleeps.append(Segment(at, at + seconds, source, value))
        else:
            found[person].counts.append(Count(source, metric, at, seconds, value))
    for person, source, at, value in _rows(conn, _COUNTERS, spans):
        found[person].counters[source].append((at, value))
    return {person: life.in_order() for person, life in found.items()}


def _devices(conn: psycopg.Connection, lives: Mapping[int, _Life]) -> dict[int, dict[int, Device]]:
    """What is known of the people's step sources."""
    counters = {source for life in lives.values() for source in life.counters}
    models = {source: catalogue.models().get(model) for source, model in conn.execute(_MODELS, (list(counters),))}
    ranks = device_order.of_people(conn, list(lives))
    return {
        person: {
            source: _device(ranks.get((person, source)), models.get(source))
            for source in {*life.counters, *(one.source_id for one in life.counts)}
        }
        for person, life in lives.items()
    }


def _device(rank: int | None, model: Model | None) -> Device:
    if model is None:
        return Device(rank)
    return Device(rank, model.counter_modulus, model.counter_daily)


def _rows(conn: psycopg.Connection, query: str, names: Mapping[str, object]) -> list[TupleRow]:
    # planned for these very values: a generic plan reads the whole table
    return conn.execute(query, names, prepare=False, binary=True).fetchall()


def _columns(pairs: Iterable[Pair]) -> dict[str, object]:
    asked = sorted(set(pairs))
    return {"people": [person for person, _ in asked], "days": [day for _, day in asked]}


def _spans(pairs: Sequence[Pair]) -> dict[str, object]:
    """Each person's days as few spans of time, none of which reads what another one reads."""
    spans: list[tuple[int, date, date]] = []
    for person, day in pairs:
        if spans and spans[-1][0] == person and day - spans[-1][2] <= _APART:
            spans[-1] = (person, spans[-1][1], day)
        else:
            spans.append((person, day, day))
    return {
        "people": [person for person, _, _ in spans],
        "starts": [day_start(first) for _, first, _ in spans],
        "stops": [day_start(last + timedelta(days=1)) for _, _, last in spans],
    }
