"""Home blood pressure as guidelines judge it: the mean of 5 to 7 days, morning and evening. Pure.

Source: 高血圧管理・治療ガイドライン2025, 家庭血圧測定. Readings taken while the body moved or the cuff sat loose
do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from math import floor
from operator import attrgetter
from statistics import fmean

from advice_engine.facts import Facts, HomePressure
from advice_engine.figures import ago
from advice_engine.history import treated
from advice_engine.once import once
from advice_engine.rule import Ground
from advice_engine.vetoes import ADULT
from advice_engine.words import pressure, span, span_iso
from store.clock import JST, civil_day, day_start
from store.model import Flag

LEAST_DAYS, MOST_DAYS, WITHIN_DAYS = 5, 7, 14
NOON = 12
_AT = attrgetter("at", "sys", "dia")
_DISTURBED = Flag.BODY_MOVED.value | Flag.CUFF_LOOSE.value
GOAL, HIGH, HIGHER, HIGHEST = (125, 75), (135, 85), (145, 90), (160, 100)
GOAL_BY_AGE = 75  # from this age on the goal under treatment is set with the doctor


@dataclass(frozen=True, slots=True)
class HomeMean:
    """Mean of the newest 5 to 7 measured days of the last 14, whole mmHg (half up)."""

    sys: int
    dia: int
    days: int
    first: date
    last: date

    def at_least(self, line: tuple[int, int]) -> bool:
        """Whether either number reaches its line (systolic, diastolic)."""
        return self.sys >= line[0] or self.dia >= line[1]

    @property
    def text(self) -> str:
        return pressure(self.sys, self.dia)

    @property
    def said(self) -> str:
        """The sentence that every rule on this mean begins with."""
        return f"家で測った血圧の平均は、{self.text}でした({span(self.first, self.last)}、{self.days}日分)。"

    @property
    def grounds(self) -> tuple[Ground, ...]:
        what = f"家庭血圧の平均({self.days}日分)"
        return (Ground("bp_sys", what, self.text, span_iso(self.first, self.last)),)


@once
def sound(facts: Facts, *, within: int) -> tuple[HomePressure, ...]:
    """Readings of the last ``within`` days, today included, that nothing disturbed; ascending."""
    since, until = day_start(ago(facts, within - 1)), day_start(facts.today + timedelta(days=1))
    held = (one for one in facts.pressures if since <= one.at < until and not one.flags & _DISTURBED)
    return tuple(sorted(held, key=_AT))


@once
def home_mean(facts: Facts) -> HomeMean | None:
    """The mean, or None with fewer than 5 measured days in the last 14."""
    found = sound(facts, within=WITHIN_DAYS)
    by_day = [(day, list(group)) for day, group in groupby(found, lambda one: civil_day(one.at))]
    if len(by_day) < LEAST_DAYS:
        return None
    newest = by_day[-MOST_DAYS:]
    days = [_day_mean(group) for _, group in newest]
    sys, dia = (floor(fmean(values) + 0.5) for values in zip(*days, strict=True))
    return HomeMean(sys, dia, len(newest), newest[0][0], newest[-1][0])


def _day_mean(readings: Sequence[HomePressure]) -> tuple[float, float]:
    """Morning and evening weigh the same, however often each was measured."""
    halves: tuple[list[HomePressure], list[HomePressure]] = [], []
    for one in readings:
        halves[one.at.astimezone(JST).hour >= NOON].append(one)
    parts = [half for half in halves if half]
    return (
        fmean([fmean([one.sys for one in part]) for part in parts]),
        fmean([fmean([one.dia for one in part]) for part in parts]),
    )


def calm_at_home(facts: Facts) -> bool:
    """Measured enough at home, and below the line there."""
    mean = home_mean(facts)
    return mean is not None and not mean.at_least(HIGH)


def near_the_goal(facts: Facts) -> HomeMean | None:
    """The mean of an adult on treatment whose pressure is not high and yet above the goal of those under 75."""
    mean = home_mean(facts)
    if mean is None or facts.age < ADULT or not treated(facts, "bp"):
        return None
    return mean if mean.at_least(GOAL) and not mean.at_least(HIGH) else None


def measured_days(facts: Facts, *, within: int) -> int:
    """On how many of the last days, today included, the pressure was measured at all."""
    first = ago(facts, within - 1)
    return sum(first <= day <= facts.today for day in days_measured(facts))


@once
def days_measured(facts: Facts) -> frozenset[date]:
    """The civil days with any reading."""
    return frozenset(civil_day(one.at) for one in facts.pressures)
