"""The estimators tried: on public logs of weight and steps, and on people drawn with known variances. Pure.

Each number stands beside that of the plainest rule there is (the last reading, the last week), on the same moments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from advice_engine.learned import next_value, step_forecast, step_goal, weight_trend
from advice_engine.learned.next_value import Earlier, Usual

Figures = Sequence[tuple[int, float]]  # (day as a count, the day's figure), ascending
Steps = Mapping[int, float]  # day -> steps, worn days alone

AHEAD = (7, 14, 28)  # days
OFTEN, WITHIN = 10, 28  # so many weighings in so many days: where a trend is known
WITHIN_SD, BETWEEN_SD = 19.2, 13.1  # mmHg, systolic, as measured on nafld (see next_value)
NEXT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Held:
    """Forecasts of weight held against the mean of the week round the target day (kg). ``covered``: by 95 % intervals.

    ``last``: the mean error of carrying the last reading forward.
    """

    forecasts: int
    error: float
    last: float
    covered: float


@dataclass(frozen=True, slots=True)
class Errors:
    """Mean absolute errors of the same forecasts."""

    forecasts: int
    last: float
    week: float
    ours: float


@dataclass(frozen=True, slots=True)
class Met:
    """The share of days on which a goal was met: of the mean person, and of the tenths at both ends."""

    mean: float
    low: float
    high: float


def weight(figures: Figures, days: int, *, often: int = OFTEN) -> Held:
    """From every reading with so many in the 28 days up to it. Readings that come later are not looked at."""
    pairs = []
    for trend, (day, last) in zip(weight_trend.follow(figures), figures, strict=True):
        target = [kg for then, kg in figures if abs(then - day - days) <= 3]
        if target and sum(day - WITHIN < then <= day for then, _ in figures) >= often:
            told = weight_trend.forecast(trend, days)
            low, high = told.interval(0.95)
            mean = fmean(target)
            pairs.append((abs(told.kg - mean), abs(last - mean), low <= mean <= high))
    return Held(len(pairs), *(fmean(column) for column in zip(*pairs, strict=True)))


def weight_simulated(forecasts: int, seed: int) -> float:
    """The share of 95 % intervals that hold the level, for people drawn with the constants, 7 to 28 days ahead."""
    draw = np.random.default_rng(seed)
    return fmean(_covered(draw) for _ in range(forecasts))


def pressure(people: int, seed: int) -> Errors:
    """The next systolic pressure of people drawn with the cohort's variances: last, own mean, and ours."""
    draw = np.random.default_rng(seed)
    line = next_value.fit([Usual("office_bp_sys", "female", age, 100 + age / 2) for age in (40.0, 70.0)])
    found = []
    for _ in range(people):
        age, own = float(draw.uniform(40, 75)), float(draw.normal(0, BETWEEN_SD))
        count = int(
            min(20, draw.geometric(1 / 4))
        )  # four on the average; a clinic's people have as many in three years
        ages = np.sort(draw.uniform(age - 3, age - 0.75, count))
        values = 100 + ages / 2 + own + draw.normal(0, WITHIN_SD, count)
        truth = 100 + age / 2 + own + float(draw.normal(0, WITHIN_SD))
        earlier = [Earlier(float(at), float(value)) for at, value in zip(ages, values, strict=True)]
        told = next_value.score(line, "office_bp_sys", earlier, sex="female", age=age)
        assert told is not None
        found.append((abs(values[-1] - truth), abs(values.mean() - truth), abs(told - truth)))
    return Errors(people, *(float(np.mean(column)) for column in zip(*found, strict=True)))


def steps(people: Sequence[Steps]) -> Errors:
    """The mean of the next seven days, all of them worn, after seven worn days of 28 and more."""
    constants = step_forecast.fit(None)
    found = []
    for days in people:
        for day in days:
            coming = _window(days, day + 1, day + NEXT_DAYS)
            told = step_forecast.score(constants, _window(days, day - step_forecast.DAYS + 1, day))
            if told is not None and len(coming) == NEXT_DAYS:
                truth = fmean(coming)
                week = fmean(_window(days, day - 6, day))
                found.append((abs(days[day] - truth), abs(week - truth), abs(told - truth)))
    return Errors(len(found), *(fmean(column) for column in zip(*found, strict=True)))


def goals(people: Sequence[Steps], fixed: int = 8000) -> tuple[Met, Met]:
    """How often the own goal of the day before is met, and how often a fixed one, on the same days."""
    shares = [share for days in people if (share := _met(days, fixed))]
    return _tenths([own for own, _ in shares]), _tenths([other for _, other in shares])


def _covered(draw: np.random.Generator) -> bool:
    days = int(draw.choice(AHEAD))
    path = _path(draw, 60 + days)
    seen = [(day, path[day] + draw.normal(0, weight_trend.READING_SD)) for day in range(60) if draw.random() < 0.7]
    last = weight_trend.follow(seen)[-1]
    low, high = weight_trend.forecast(last, days).interval(0.95)
    return bool(low <= path[last.day + days] <= high)


def _path(draw: np.random.Generator, days: int) -> list[float]:
    level = float(draw.normal(65, 10))
    slope = float(draw.normal(0, weight_trend.SLOPE_SD / np.sqrt(1 - weight_trend.SLOPE_DAMPING**2)))
    path = []
    for _ in range(days):
        path.append(level)
        level += slope + float(draw.normal(0, weight_trend.LEVEL_SD))
        slope = slope * weight_trend.SLOPE_DAMPING + float(draw.normal(0, weight_trend.SLOPE_SD))
    return path


def _window(days: Steps, first: int, last: int) -> list[float]:
    return [days[day] for day in range(first, last + 1) if day in days]


def _met(days: Steps, fixed: int) -> tuple[float, float] | None:
    constants = step_goal.fit(None)
    held = [(days[day], goal) for day, goal in _goals(days, constants) if day in days]
    if not held:
        return None
    return fmean(steps >= goal for steps, goal in held), fmean(steps >= fixed for steps, _ in held)


def _goals(days: Steps, constants: Mapping[str, float]) -> Iterator[tuple[int, int]]:
    """(day, the goal for it) wherever one is known."""
    for day in days:
        goal = step_goal.score(constants, _window(days, day - step_goal.DAYS + 1, day))
        if goal is not None:
            yield day + 1, goal


def _tenths(shares: Sequence[float]) -> Met:
    low, high = np.percentile(shares, (10, 90))
    return Met(fmean(shares), float(low), float(high))
