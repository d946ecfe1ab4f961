"""Which districts' age bands are otherwise than usual: what is tested, and when it is told. Pure.

Each person is held against their own usual, so that who lives where does not matter. What the whole town does (winter,
a festival week) is taken out, age band by age band where enough districts are there, for older people swing more. What
is left is measured against the spread of people in all groups, and against that of the groups themselves where they
differ more than people alone would make them. Told is only what is beyond chance in two weeks one after the other,
among all groups and metrics at a false discovery rate of 5 % (Benjamini and Hochberg 1995), the weaker of the two weeks
counting. It says that a group's numbers moved; why is for people to find out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import erfc, sqrt
from statistics import median

from store.cohorts import Cell, CohortAlert, Week

LEAST = 15  # people, in both weeks
GROUPS = 5  # with fewer the town's own move is not known
RATE = 0.05
WEEKS = 10  # that the picture shows
METRICS = ("bp_sys", "steps", "weight", "sleep")

Key = tuple[str, str]  # district, age band
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Shift:
    """One group in one week: against its own usual without the town's move, and how many standard errors that is."""

    people: int
    value: float
    move: float
    z: float


def find(cells: Mapping[str, Sequence[Cell]], week: date) -> list[CohortAlert]:
    """The groups to be told of. ``cells``: by metric, with this week and those before; ``week``: a Monday."""
    shifts = {metric: by_week(rows) for metric, rows in cells.items()}
    tested = {
        (metric, key): max(p_value(now.z), p_value(before.z)) if now.z * before.z > 0 else 1.0
        for metric, found in shifts.items()
        for key, now in found.get(week, {}).items()
        if (before := found.get(week - _WEEK, {}).get(key)) and min(now.people, before.people) >= LEAST
    }
    return [_alert(metric, key, shifts[metric], week) for metric, key in sorted(discoveries(tested, RATE))]


def by_week(cells: Iterable[Cell]) -> dict[date, dict[Key, Shift]]:
    """The shifts of one metric. Weeks in which fewer than ``GROUPS`` groups are known are left out."""
    weeks: dict[date, list[Cell]] = defaultdict(list)
    for cell in cells:
        weeks[cell.week].append(cell)
    return {week: shifts(rows) for week, rows in weeks.items() if len(rows) >= GROUPS}


def shifts(cells: Sequence[Cell]) -> dict[Key, Shift]:
    """The groups of one metric and week."""
    spread = _spread(cells)
    moves = _moves(cells)
    plain = {
        (one.district, one.ages): Shift(
            one.people,
            one.mean - moves[one.ages],
            moves[one.ages],
            (one.mean - moves[one.ages]) / (spread / sqrt(one.people)) if spread > 0 else 0.0,
        )
        for one in cells
    }
    # 1.4826 times the median of sizes is the standard deviation of a normal spread, whatever a few shifted groups do
    wide = max(1.0, 1.4826 * median(abs(one.z) for one in plain.values()))
    return {key: Shift(one.people, one.value, one.move, one.z / wide) for key, one in plain.items()}


def p_value(z: float) -> float:
    """Of both sides of a normal distribution."""
    return erfc(abs(z) / sqrt(2))


def discoveries(p_values: Mapping[tuple[str, Key], float], rate: float) -> set[tuple[str, Key]]:
    """Those of the tests that stand when at most this share of them shall be false (Benjamini and Hochberg)."""
    ordered = sorted(p_values, key=lambda test: p_values[test])
    last = max((n for n, test in enumerate(ordered, 1) if p_values[test] <= rate * n / len(ordered)), default=0)
    return set(ordered[:last])


def _spread(cells: Sequence[Cell]) -> float:
    """The standard deviation of people within their groups, all groups together."""
    free = sum(one.people - 1 for one in cells)
    return sqrt(sum((one.people - 1) * one.sd**2 for one in cells) / free) if free else 0.0


def _moves(cells: Sequence[Cell]) -> dict[str, float]:
    """What the town did, by age band: the middle of its groups, each with the weight of its people."""
    bands: dict[str, list[Cell]] = defaultdict(list)
    for one in cells:
        bands[one.ages].append(one)
    return {band: _middle(rows if len(rows) >= GROUPS else cells) for band, rows in bands.items()}


def _middle(cells: Sequence[Cell]) -> float:
    half, passed = sum(one.people for one in cells) / 2, 0
    for one in sorted(cells, key=lambda cell: cell.mean):
        passed += one.people
        if passed >= half:
            return one.mean
    raise ValueError("the middle of nothing")


def _alert(metric: str, key: Key, found: Mapping[date, Mapping[Key, Shift]], week: date) -> CohortAlert:
    own = [
        Week(day, one.people, one.value)
        for day in sorted(found)
        if week - WEEKS * _WEEK < day <= week and (one := found[day].get(key))
    ]
    now = found[week][key]
    return CohortAlert(metric, *key, week, now.people, now.value, now.move, tuple(own))
