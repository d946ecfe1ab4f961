"""Invented walkers whose truth is known minute by minute, and what their devices say of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ingest.counters import DAY, Device
from ingest.steps import Count, Merged, merge
from store.clock import day_start

FIRST = date(2026, 11, 1)
START = day_start(FIRST).timestamp()
DAYS = 3
HOUR = 3600.0


@dataclass
class Worn:
    """One device: in which hours (counted from START) it was worn, how it tells, and what it told."""

    source_id: int
    kind: str  # intervals, daily, lifetime, totals
    hours: frozenset[int]
    device: Device = field(default_factory=Device)
    every: int = 30  # minutes between two reports
    counts: list[Count] = field(default_factory=list)
    shown: list[tuple[float, float]] = field(default_factory=list)


def truth(draw: random.Random) -> list[int]:
    """Steps of each minute of ``DAYS`` days; nobody walks between 23 and 5 o'clock."""
    walked = [0] * (1440 * DAYS)
    for _ in range(draw.randint(6, 40)):
        begin = draw.randrange(DAYS) * 1440 + draw.randrange(5 * 60, 22 * 60)
        for minute in range(begin, begin + draw.randint(1, 55)):
            walked[minute] = draw.randint(30, 130)
    return walked


def devices(draw: random.Random) -> list[Worn]:
    """One to three devices, worn for some hours each day; each reports at the full hour at least."""
    kinds = {"intervals": Device(), "daily": Device(modulus=65536, daily=True), "lifetime": Device(modulus=65536)}
    found = []
    for source_id in range(1, draw.randint(1, 3) + 1):
        kind = draw.choice(list(kinds))
        hours: set[int] = set()
        for _ in range(draw.randint(1, 4)):
            begin = draw.randrange(24 * DAYS)
            hours |= set(range(begin, min(begin + draw.randint(1, 14), 24 * DAYS)))
        found.append(Worn(source_id, kind, frozenset(hours), kinds[kind], draw.choice([15, 30, 60])))
    return found


def report(one: Worn, walked: list[int], draw: random.Random) -> None:
    """Fill in what the device tells: intervals or counter readings."""
    counted = [steps if minute // 60 in one.hours else 0 for minute, steps in enumerate(walked)]
    if one.kind == "intervals":
        one.counts += _intervals(one, counted, draw)
    else:
        one.shown += _counter(one, counted, draw)


def _intervals(one: Worn, counted: list[int], draw: random.Random) -> Iterator[Count]:
    for begin in range(0, len(counted), one.every):
        at, steps = START + begin * 60, sum(counted[begin : begin + one.every])
        if steps or draw.random() < 0.3:
            yield Count(one.source_id, "steps", at, one.every * 60, steps)
    if draw.random() < 0.4:  # a re-sync sends whole hours of what it sent in parts
        for hour in draw.sample(sorted(one.hours), len(one.hours) // 2):
            steps = sum(counted[hour * 60 : hour * 60 + 60])
            yield Count(one.source_id, "steps", START + hour * HOUR, 3600, steps)


def _counter(one: Worn, counted: list[int], draw: random.Random) -> Iterator[tuple[float, float]]:
    """Read every so many minutes; wraps or begins at midnight, loses its battery, is read out twice."""
    value = 0 if one.kind == "daily" else draw.choice([0, 17_000, 61_000, 65_000])
    today: list[tuple[float, float]] = []
    for minute in range(0, len(counted) + 1):
        if minute % 1440 == 0:
            today = []
            value = 0 if one.kind == "daily" else value
        if minute % one.every == 0:
            at = START + minute * 60
            yield at, value
            today.append((at, value))
            if len(today) > 3 and draw.random() < 0.03:  # the gateway sends again what it had sent
                again = [was for _, was in today[-4:]]
                yield from ((at + 1 + place, was) for place, was in enumerate(again))
            elif 9000 < value < 40_000 and draw.random() < 0.02:  # the battery is changed
                value, today = 0, []
        if minute < len(counted):
            value = (value + counted[minute]) % (one.device.modulus or 10**9)


def merged(worn: list[Worn], day: int) -> Merged | None:
    """The merged day of what these devices told."""
    start = START + day * DAY
    counts = [count for one in worn for count in one.counts if start - DAY < count.at < start + DAY]
    counters = {one.source_id: sorted(one.shown) for one in worn if one.shown}
    return merge(counts, counters, start, {one.source_id: one.device for one in worn})


def oracle(walked: list[int], worn: list[Worn], day: int) -> int:
    """Every step that some worn device counted, once."""
    hours = frozenset().union(*(one.hours for one in worn))
    minutes = range(day * 1440, (day + 1) * 1440)
    return sum(walked[minute] for minute in minutes if minute // 60 in hours)
