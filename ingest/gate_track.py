"""One member's weight as a level that wanders and a slope that dies away: predict, compare, learn. Pure.

A Kalman filter with exact moments for any gap (the slope is an Ornstein-Uhlenbeck process, the level adds it up and
wanders besides). Constants: fitted on 17 people's own weight logs (9,589 weigh-in days).
"""

from __future__ import annotations

from math import exp, log, pi, sqrt
from typing import NamedTuple

READING_SD = 0.47  # kg, of a weighing around the level
LEVEL_SD = 0.276  # kg a day
SLOPE_DAMPING = 0.989  # a day
SLOPE_SD = 0.004  # kg a day, a day

_DECAY = -log(SLOPE_DAMPING)
_SLOPE_VARIANCE = SLOPE_SD**2 / (1 - SLOPE_DAMPING**2)


class Track(NamedTuple):
    """What is known of a level (kg) and its slope (kg a day) at ``at`` (days), with their covariance."""

    at: float
    kg: float
    variance: float
    slope: float = 0.0
    covariance: float = 0.0
    slope_variance: float = _SLOPE_VARIANCE


def started(at: float, kg: float, sd: float) -> Track:
    """From one weighing alone."""
    return Track(at, kg, sd**2)


def at_time(track: Track, at: float) -> Track:
    """The prediction for a later moment; a moment already passed changes nothing."""
    since, kg, variance, slope, covariance, slope_variance = track
    days = at - since
    if days <= 0:
        return track
    rest = exp(-_DECAY * days)
    reach = (1 - rest) / _DECAY
    wander = max(0.0, 2 * _DECAY * days - 3 + 4 * rest - rest**2) * _SLOPE_VARIANCE / _DECAY**2
    return Track(
        at,
        kg + reach * slope,
        variance + reach * (2 * covariance + reach * slope_variance) + LEVEL_SD**2 * days + wander,
        rest * slope,
        rest * (covariance + reach * slope_variance) + _SLOPE_VARIANCE * (1 - rest) ** 2 / _DECAY,
        rest**2 * slope_variance + _SLOPE_VARIANCE * (1 - rest**2),
    )


def density(track: Track, kg: float, sd: float) -> float:
    """Of this weight (per kg), if it is this member's."""
    variance = track.variance + sd**2
    return exp(-((kg - track.kg) ** 2) / (2 * variance)) / sqrt(2 * pi * variance)


def learned(track: Track, kg: float, sd: float) -> Track:
    """With a weighing of this member taken in."""
    at, level, variance, slope, covariance, slope_variance = track
    total, off = variance + sd**2, kg - level
    gain, slope_gain = variance / total, covariance / total
    return Track(
        at,
        level + gain * off,
        variance - gain * variance,
        slope + slope_gain * off,
        covariance - gain * covariance,
        slope_variance - slope_gain * covariance,
    )


def mixed(one: Track, other: Track, share: float) -> Track:
    """Two views of one member at one moment as one; ``share`` is the first one's weight (moments are kept)."""
    rest, apart, slopes_apart = 1 - share, one.kg - other.kg, one.slope - other.slope
    return Track(
        one.at,
        share * one.kg + rest * other.kg,
        share * one.variance + rest * other.variance + share * rest * apart**2,
        share * one.slope + rest * other.slope,
        share * one.covariance + rest * other.covariance + share * rest * apart * slopes_apart,
        share * one.slope_variance + rest * other.slope_variance + share * rest * slopes_apart**2,
    )
