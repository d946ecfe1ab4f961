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

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
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

    A reading is judged by those within ``NEAR`` of it. It stands when half of them agree with it, or when the nearest
    one before or after it that is at least ``APART`` away does. The first of two that contradict each other stands.
    """
    return {one for place, one in enumerate(series) if _is_jump(series, place, bound)}


def _is_jump(series: Sequence[Point], place: int, bound: Bound) -> bool:
    one = series[place]
    first, after = bisect_left(series, (one.at - NEAR,)), bisect_right(series, (one.at + NEAR, float("inf")))
    others = [*series[first:place], *series[place + 1 : after]]
    agreeing = sum(_agree(one.value, other.value, bound) for other in others)
    if 2 * agreeing >= len(others) or (place == first and len(others) == 1):
        return False
    return not any(_agree(one.value, other.value, bound) for other in _beside(series[first:after], one))


def _beside(near: Sequence[Point], one: Point) -> list[Point]:
    before, after = bisect_right(near, (one.at - APART, float("inf"))), bisect_left(near, (one.at + APART,))
    return [*near[max(before - 1, 0) : before], *near[after : after + 1]]


def _agree(one: float, other: float, bound: Bound) -> bool:
    return abs(one - other) <= max(bound.least, bound.share * max(one, other))
