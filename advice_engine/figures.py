"""Sums over day figures that rules share. Pure; none depends on the order in which figures come."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations
from operator import attrgetter
from statistics import median

from advice_engine.facts import DayFigure, Facts
from advice_engine.once import once

FEVER = 37.5  # Celsius


_day, _day_and_value = attrgetter("day"), attrgetter("day", "value")


def ago(facts: Facts, days: int) -> date:
    """The civil day ``days`` days before today."""
    return facts.today - timedelta(days=days)


@once
def between(facts: Facts, metric: str, *, oldest: int, newest: int = 0) -> tuple[DayFigure, ...]:
    """The metric's day figures from ``oldest`` to ``newest`` days ago, both inclusive, ascending."""
    figures = _ascending(facts, metric)
    first = bisect_left(figures, ago(facts, oldest), key=_day)
    return figures[first : bisect_right(figures, ago(facts, newest), first, key=_day)]


@once
def _ascending(facts: Facts, metric: str) -> tuple[DayFigure, ...]:
    return tuple(sorted(facts.days.get(metric, ()), key=_day_and_value))


def fever(facts: Facts) -> DayFigure | None:
    """The newest day, today or yesterday, whose mean temperature reached 37.5 ℃ (the line of 感染症法's 発熱)."""
    warm = [one for one in between(facts, "temperature", oldest=1) if one.value >= FEVER]
    return warm[-1] if warm else None


def middle(figures: Sequence[DayFigure], *, at_least: int) -> float | None:
    """The median value, or None with fewer than ``at_least`` days."""
    return median([figure.value for figure in figures]) if len(figures) >= at_least else None


def slope_per_week(figures: Sequence[DayFigure]) -> float | None:
    """Theil-Sen slope (the median of all pairs' slopes) per 7 days; None without two different days.

    A single wrong weighing, or another person's on a shared scale, hardly moves it.
    """
    slopes = [
        (later.value - earlier.value) / (later.day - earlier.day).days
        for earlier, later in combinations(figures, 2)
        if later.day != earlier.day
    ]
    return 7 * median(slopes) if slopes else None
