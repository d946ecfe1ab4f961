"""The look back on the week that is over: what was measured, against the person's own weeks before. Pure.

Nobody is compared to anybody else. A week without a measurement says nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median

from advice_engine.facts import Facts
from advice_engine.goals import resting
from advice_engine.words import amount, hours
from store.clock import civil_day

NAMES = {"steps": "歩数", "weight": "体重", "bp_sys": "血圧", "sleep": "睡眠"}
LEAST_DAYS = 3  # of a week, before its mean is told
LEAST_WEEKS, MOST_WEEKS = 2, 8  # own weeks before, for a comparison
SAME = {"steps": 0.10, "weight": 0.005, "sleep": 0.05}  # of the usual week: less is no difference (our choice)
_MORE, _LESS = (
    {"steps": "多め", "weight": "多め", "sleep": "長め"},
    {"steps": "少なめ", "weight": "少なめ", "sleep": "短め"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One metric of the week: measured on so many days; ``mean`` and ``usual`` in the metric's unit, where known."""

    metric: str
    days: int
    mean: float | None = None
    usual: float | None = None
    weeks: int = 0  # that ``usual`` rests on

    @property
    def said(self) -> str:
        """In Japanese, a sentence or two. Of pressure only that it was measured: its mean is told by the advice."""
        text = f"{NAMES[self.metric]}は、{self.days}日測りました。"
        if self.mean is None:
            return text
        text += f"1日の平均は約{_shown(self.metric, self.mean)}です。"
        if self.usual is None:
            return text
        return f"{text}これまでの{self.weeks}週(約{_shown(self.metric, self.usual)})と比べて、{self._against()}です。"

    def _against(self) -> str:
        assert self.mean is not None and self.usual is not None
        if abs(self.mean - self.usual) <= SAME[self.metric] * self.usual:
            return "同じくらい"
        return (_MORE if self.mean > self.usual else _LESS)[self.metric]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """The week from ``monday``; empty ``lines``: nothing was measured."""

    monday: date
    lines: tuple[Line, ...]

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


def last_monday(today: date) -> date:
    """The Monday of the week that is over."""
    return today - timedelta(days=today.weekday() + 7)


def reflect(facts: Facts) -> Reflection:
    """The week before this one."""
    monday = last_monday(facts.today)
    weighing_rests = resting(facts, "weigh_in")  # where the scale itself is part of it
    found = [_line(facts, metric, monday) for metric in NAMES if not (metric == "weight" and weighing_rests)]
    return Reflection(monday=monday, lines=tuple(line for line in found if line.days))


def _line(facts: Facts, metric: str, monday: date) -> Line:
    values = _values(facts, metric)
    week = _week(values, monday)
    if metric == "bp_sys" or len(week) < LEAST_DAYS:
        return Line(metric=metric, days=len(week))
    before = [_week(values, monday - timedelta(weeks=back)) for back in range(1, MOST_WEEKS + 1)]
    means = [fmean(one) for one in before if len(one) >= LEAST_DAYS]
    usual = median(means) if len(means) >= LEAST_WEEKS else None
    return Line(metric=metric, days=len(week), mean=fmean(week), usual=usual, weeks=len(means))


def _values(facts: Facts, metric: str) -> Mapping[date, float]:
    if metric == "bp_sys":
        return {civil_day(one.at): one.sys for one in facts.pressures}
    return {one.day: one.value for one in sorted(facts.days.get(metric, ()), key=lambda one: one.day)}


def _week(values: Mapping[date, float], monday: date) -> list[float]:
    days = (monday + timedelta(days=number) for number in range(7))
    return [values[day] for day in days if day in values]


def _shown(metric: str, value: float) -> str:
    if metric == "sleep":
        return hours(round(value / 10) * 10)
    return amount(metric, round(value / 100) * 100 if metric == "steps" else value)
