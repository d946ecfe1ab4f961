"""Where body weight stands and where it may be in some weeks: a damped Kalman filter with fixed constants. Pure.

The level wanders a little every day and leans with a slope that fades away by itself; a scale's reading sways round the
level. So no straight line is ever drawn forward, a long gap widens what may be instead of guessing, and the interval is
as much the answer as its middle. The constants were fitted on 17 people's own scale logs (each judged with constants of
the others) and are nobody's here: nothing is learnt of a person but their own readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import NormalDist
from typing import Any

from advice_engine.learning import Learned, Parameters

LEVEL_SD = 0.276  # kg a day
READING_SD = 0.47  # kg
SLOPE_DAMPING = 0.989  # a day
SLOPE_SD = 0.004  # kg a day, a day
WEEK = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """After the reading of ``day`` (a count of days): level in kg, slope in kg a day, and how sure both are."""

    day: int
    level: float
    slope: float
    level_var: float
    both: float  # covariance of level and slope
    slope_var: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Body weight in kg that many days ahead. ``sd`` is of the level, without the sway of a single reading."""

    kg: float
    sd: float

    def interval(self, share: float, *, readings: float | None = None) -> tuple[float, float]:
        """Between which two weights (kg) it is with this probability; of the mean of so many readings if said."""
        sd = self.sd if readings is None else sqrt(self.sd**2 + READING_SD**2 / readings)
        away = NormalDist().inv_cdf((1 + share) / 2) * sd
        return self.kg - away, self.kg + away


def follow(figures: Iterable[tuple[int, float]]) -> list[Trend]:
    """The trend after each reading. ``figures``: (day as a count of days, kg), ascending, one a day."""
    found: list[Trend] = []
    for day, kg in figures:
        before = ahead(found[-1], day - found[-1].day) if found else _unknown(day, kg)
        found.append(_told(before, kg))
    return found


def ahead(trend: Trend, days: int) -> Trend:
    """The same trend so many days later, without a reading. Raises ValueError for days gone by."""
    if days < 0:
        raise ValueError("a trend does not run backwards")
    level, slope = trend.level, trend.slope
    var, both, slope_var = trend.level_var, trend.both, trend.slope_var
    for _ in range(days):
        level, slope = level + slope, slope * SLOPE_DAMPING
        var, both, slope_var = (
            var + 2 * both + slope_var + LEVEL_SD**2,
            SLOPE_DAMPING * (both + slope_var),
            SLOPE_DAMPING**2 * slope_var + SLOPE_SD**2,
        )
    return Trend(trend.day + days, level, slope, var, both, slope_var)


def forecast(trend: Trend, days: int) -> Forecast:
    """So many days after the trend's last reading."""
    then = ahead(trend, days)
    return Forecast(then.level, sqrt(then.level_var))


def of_days(figures: Iterable[tuple[date, float]]) -> list[Trend]:
    """``follow`` with civil days (``Trend.day`` is the day's ordinal)."""
    return follow((day.toordinal(), kg) for day, kg in figures)


def fit(data: Any) -> Parameters:
    """The published constants, whatever the data."""
    return {
        "level_sd": LEVEL_SD,
        "reading_sd": READING_SD,
        "slope_damping": SLOPE_DAMPING,
        "slope_sd": SLOPE_SD,
    }


def score(parameters: Mapping[str, Any], figures: Iterable[tuple[int, float]], days: int) -> Forecast | None:
    """The forecast from the last of these readings; None without one."""
    found = follow(figures)
    return forecast(found[-1], days) if found else None


def _unknown(day: int, kg: float) -> Trend:
    """Before the first reading: the level as wide open as may be, the slope as slopes are."""
    return Trend(day, kg, 0.0, 1e6, 0.0, SLOPE_SD**2 / (1 - SLOPE_DAMPING**2))


def _told(before: Trend, kg: float) -> Trend:
    whole = before.level_var + READING_SD**2
    gain, lean = before.level_var / whole, before.both / whole
    off = kg - before.level
    return Trend(
        before.day,
        before.level + gain * off,
        before.slope + lean * off,
        (1 - gain) * before.level_var,
        (1 - gain) * before.both,
        before.slope_var - lean * before.both,
    )


LEARNED = Learned(
    id="weight_trend",
    kind="estimator",
    title="Body weight: where it stands, and where it may be in some weeks",
    inputs=("weight",),
    fit=fit,
    score=score,
)
