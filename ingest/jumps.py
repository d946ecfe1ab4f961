"""Impossible jumps: a weighing that is not this person's body. Pure: what is marked rests on the stored series alone.

A suitcase, a grandchild or a bag of rice on a person's own scale must not enter a day's figure. A reading is a jump
when too few of the person's readings near it agree with it. A real change of level confirms itself with the second
reading, half a day apart: until then its one reading is marked. All bounds are ours:

* two weights agree within 6 kg or 8 % of the heavier: clothes, a meal and a dialysis interval stay inside, and nobody
  who is well gains or loses as much in days;
* two body fats agree within 8 points: bioimpedance at home scatters by some points with water and socks;
* near is within 14 days, as far as an ordinary change of weight stays well inside those bounds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

DAY = 86_400.0
NEAR = 14 * DAY
APART = DAY / 2  # two readings of one standing on the scale confirm nothing


@dataclass(frozen=True, slots=True)
class Bound:
    """Two values agree within ``least`` (canonical unit) or ``share`` of the higher one."""

    least: float
    share: float = 0.0


BOUNDS = {"weight": Bound(6.0, 0.08), "body_fat": Bound(8.0)}


class Point(NamedTuple):
    """One reading: seconds since 1970, source, value in the metric's canonical unit."""

    at: float
    source_id: int
    value: float


def jumps(series: Sequence[Point], bound: Bound) -> set[Point]:
    """Those of one person's readings of one metric (ascending) that no body can have done.

    A reading is judged by those within ``NEAR`` of it. It stands when half of them agree with it, or when it is
    confirmed: all that lies between it and a reading at least ``APART`` before or after it agrees, and so does that
    one. The first of two that contradict each other stands.
    """
    found: set[Point] = set()
    values: list[float] = []  # of all that is near, sorted: a scale gone mad must not cost more than its readings
    first = after = 0
    for place, one in enumerate(series):
        while after < len(series) and series[after].at <= one.at + NEAR:
            insort(values, series[after].value)
            after += 1
        while series[first].at < one.at - NEAR:
            del values[bisect_left(values, series[first].value)]
            first += 1
        low, high = _agreeing(one.value, bound)
        others, agreeing = len(values) - 1, bisect_right(values, high) - bisect_left(values, low) - 1
        stands = 2 * agreeing >= others or (others == 1 and place == first)
        if not stands and not any(
            all(low <= series[beside].value <= high for beside in way)
            for way in _ways_to_another_day(series, place, first, after=after)
        ):
            found.add(one)
    return found


def _agreeing(value: float, bound: Bound) -> tuple[float, float]:
    """The lowest and the highest value that agrees with this one."""
    return value - max(bound.least, bound.share * value), max(value + bound.least, value / (1 - bound.share))


def _ways_to_another_day(series: Sequence[Point], place: int, first: int, *, after: int) -> Iterator[range]:
    """The places from the reading to the nearest one of another standing on the scale, backwards and forwards."""
    at = series[place].at
    before = bisect_right(series, (at - APART, inf), first, after) - 1
    if before >= first:
        yield range(place - 1, before - 1, -1)
    behind = bisect_left(series, (at + APART,), first, after)
    if behind < after:
        yield range(place + 1, behind + 1)
