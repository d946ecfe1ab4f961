"""Steps and sleep of many people's days: what is stored about them, read at once and merged in Python."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import psycopg
from psycopg.rows import TupleRow

from devices import catalogue
from devices.model import Model
from ingest import sleep, steps
from ingest.counters import DAY, GAP, Device, Segment, midnight
from ingest.steps import Count, Merged
from store import device_order
from store.clock import day_start

Pair = tuple[int, date]
Sum = tuple[int, date, str, int, float]  # person, day, metric, how many numbers told of it, the day's sum

_INTERVALS = """
select a.person_id, r.*
  from unnest(%(people)s::bigint[], %(starts)s::timestamptz[], %(stops)s::timestamptz[]) as a (person_id, start, stop)
 cross join lateral (
       select source_id, metric, date_part('epoch', at), seconds, value from health.readings
        where person_id = a.person_id and metric = any(array['steps', 'steps_day', 'sleep'])
          and at > a.start - interval '24 hours' and at < a.stop offset 0) as r
"""
_COUNTERS = """
select a.person_id, r.*
  from unnest(%(people)s::bigint[], %(starts)s::timestamptz[], %(stops)s::timestamptz[]) as a (person_id, start, stop)
 cross join lateral (
       select source_id, date_part('epoch', at), value from health.readings
        where person_id = a.person_id and metric = 'steps_counter' and at >= a.start and at <= a.stop
        order by at offset 0) as r
"""
_MODELS = "select distinct source_id, model from health.registrations where source_id = any(%s)"


@dataclass(slots=True)
class _Life:
    """What is stored of one person's steps and sleep around the days asked for."""

    counts: dict[float, list[Count]] = field(default_factory=lambda: defaultdict(list))  # by midnight of each day
    nights: dict[float, list[Segment]] = field(default_factory=lambda: defaultdict(list))  # by the day of waking
    counters: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))  # by source


def sums(conn: psycopg.Connection, pairs: Iterable[Pair]) -> tuple[set[Pair], list[Sum]]:
    """The steps and the sleep of these (person, civil day) pairs and of those whose steps rest on the same counters.

    Gives all those pairs, and the sums of each of which anything tells. Between two readings of a counter the growth
    is split by time: whatever comes or goes on a day changes every day from the reading before it to the one after it.
    """
    asked = set(pairs)
    lives: dict[int, _Life] = defaultdict(_Life)
    _read_counters(conn, asked, lives)
    due = asked | {near for pair in asked if pair[0] in lives for near in _neighbours(pair, lives[pair[0]])}
    _read_intervals(conn, due, lives)
    devices = _devices(conn, lives)
    found = [one for pair in sorted(due) if pair[0] in lives for one in _sums(pair, lives[pair[0]], devices[pair[0]])]
    return due, found


def steps_of(conn: psycopg.Connection, person_id: int, day: date) -> Merged | None:
    """Which device gave which steps of this day; None when nothing tells of it."""
    lives: dict[int, _Life] = defaultdict(_Life)
    _read_counters(conn, {(person_id, day)}, lives)
    _read_intervals(conn, {(person_id, day)}, lives)
    if person_id not in lives:
        return None
    return _steps(lives[person_id], day_start(day).timestamp(), _devices(conn, lives)[person_id])


def _neighbours(pair: Pair, life: _Life) -> Iterator[Pair]:
    start = day_start(pair[1]).timestamp()
    for shown in life.counters.values():
        first, after = bisect_left(shown, (start,)), bisect_left(shown, (start + DAY,))
        earliest = shown[first - 1][0] if first and shown[first - 1][0] >= start - GAP else start
        latest = shown[after][0] if after < len(shown) and shown[after][0] <= start + DAY + GAP else start
        for days in range(round((midnight(earliest) - start) / DAY), round((midnight(latest) - start) / DAY) + 1):
            yield pair[0], pair[1] + timedelta(days=days)


def _sums(pair: Pair, life: _Life, devices: Mapping[int, Device]) -> Iterator[Sum]:
    start = day_start(pair[1]).timestamp()
    merged = _steps(life, start, devices)
    if merged is not None:
        yield (*pair, "steps", merged.n, merged.total)
    nights = life.nights.get(start)
    if nights:
        yield (*pair, "sleep", len(nights), sleep.minutes(nights))


def _steps(life: _Life, start: float, devices: Mapping[int, Device]) -> Merged | None:
    return steps.merge(life.counts.get(start, ()), life.counters, start, devices)


def _read_counters(conn: psycopg.Connection, pairs: Iterable[Pair], lives: dict[int, _Life]) -> None:
    # the days asked for rest on GAP around them, and so do the neighbours, which may begin as far away
    for person, source, at, value in _rows(conn, _COUNTERS, _spans(pairs, timedelta(seconds=2 * GAP + DAY))):
        lives[person].counters[source].append((at, value))
    for life in lives.values():
        for shown in life.counters.values():
            shown.sort()


def _read_intervals(conn: psycopg.Connection, pairs: Iterable[Pair], lives: dict[int, _Life]) -> None:
    for person, source, metric, at, seconds, value in _rows(conn, _INTERVALS, _spans(pairs, timedelta())):
        life, end = lives[person], at + seconds
        if metric == "sleep":  # a night belongs to the day of waking
            # who typed in only when the sleep began said by its minutes how long it was
            whole = Segment(at, end if seconds else at + 60 * value, source, value)
            life.nights[midnight(max(at, end - 1))].append(whole)
            continue
        day, one = midnight(at), Count(source, metric, at, seconds, value)
        life.counts[day].append(one)
        if metric == "steps" and end > day + DAY:  # an interval is not longer than a day
            life.counts[day + DAY].append(one)


def _devices(conn: psycopg.Connection, lives: Mapping[int, _Life]) -> dict[int, dict[int, Device]]:
    """What is known of the people's step sources."""
    counters = {source for life in lives.values() for source in life.counters}
    models = {source: catalogue.models().get(model) for source, model in conn.execute(_MODELS, (list(counters),))}
    ranks = device_order.of_people(conn, list(lives))
    return {
        person: {
            source: _device(ranks.get((person, source)), models.get(source))
            for source in {*life.counters, *(one.source_id for counts in life.counts.values() for one in counts)}
        }
        for person, life in lives.items()
    }


def _device(rank: int | None, model: Model | None) -> Device:
    if model is None:
        return Device(rank)
    return Device(rank, model.counter_modulus, model.counter_daily)


def _rows(conn: psycopg.Connection, query: str, spans: Mapping[str, object]) -> list[TupleRow]:
    return conn.execute(query, spans, binary=True).fetchall()


def _spans(pairs: Iterable[Pair], around: timedelta) -> dict[str, object]:
    """Each person's days, and so much around them, as few spans of time, none of which reads what another one reads."""
    spans: list[tuple[int, date, date]] = []
    for person, day in sorted(pairs):
        if spans and spans[-1][0] == person and day - spans[-1][2] <= 2 * around + timedelta(days=2):
            spans[-1] = (person, spans[-1][1], day)
        else:
            spans.append((person, day, day))
    return {
        "people": [person for person, _, _ in spans],
        "starts": [day_start(first) - around for _, first, _ in spans],
        "stops": [day_start(last + timedelta(days=1)) + around for _, _, last in spans],
    }
