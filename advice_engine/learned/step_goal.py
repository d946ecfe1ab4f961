"""A step goal of one's own: what was reached or passed on four of the last ten worn days. Pure.

The 60th percentile of the last 28 days (adaptive goals at the own 60th percentile: Walkadoo, JMIR 2016;4:e34). A fixed
8,000 is out of reach for some and nothing for others; the own percentile is met on about four days in ten by nearly
everybody. It is no guideline: how much is recommended stands in advice_engine/steps_guide.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor
from typing import Any

from advice_engine.learning import Learned, Parameters

SHARE = 0.6
DAYS = 28
LEAST = 7  # worn days
WORN = 100.0  # steps; as in step_forecast
ROUND = 100  # steps: a goal is a number that one can keep in mind


def fit(data: Any) -> Parameters:
    """Constants, whatever the data."""
    return {"share": SHARE, "days": DAYS, "least": LEAST, "worn": WORN, "round": ROUND}


def score(parameters: Parameters, figures: Iterable[float]) -> int | None:
    """Steps a day. ``figures``: the totals of the last 28 whole days; None with fewer than 7 worn ones."""
    known = sorted(steps for steps in figures if steps >= parameters["worn"])
    if len(known) < parameters["least"]:
        return None
    step: int = parameters["round"]
    return step * floor(round(percentile(known, parameters["share"]), 6) / step)  # 6,400 may come as 6,399.9999999


def percentile(ascending: list[float], share: float) -> float:
    """The value at this share (0 to 1) of the way through, between its neighbours. Raises IndexError for none."""
    place = share * (len(ascending) - 1)
    low = floor(place)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (place - low) * (ascending[high] - ascending[low])


LEARNED = Learned(
    id="step_goal",
    kind="estimator",
    title="A step goal of one's own",
    inputs=("steps",),
    fit=fit,
    score=score,
)
