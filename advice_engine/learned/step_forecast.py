"""How many steps a day the next week will have: the mean of the last 28 days that were worn. Pure.

Nothing that was tried did clearly better, neither the last day nor the last week (public logs of 35 people); so a week
is called more or less than usual against this mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean
from typing import Any

from advice_engine.learning import Learned, Parameters

DAYS = 28
LEAST = 7  # worn days
WORN = 100.0  # steps: a day with fewer was not worn (the reading of such days by those who published the logs)


def fit(data: Any) -> Parameters:
    """Constants, whatever the data."""
    return {"days": DAYS, "least": LEAST, "worn": WORN}


def score(parameters: Parameters, figures: Iterable[float]) -> float | None:
    """Steps a day to be expected. ``figures``: the totals of the last 28 whole days; None with fewer than 7 worn."""
    known = [steps for steps in figures if steps >= parameters["worn"]]
    return fmean(known) if len(known) >= parameters["least"] else None


LEARNED = Learned(
    id="step_forecast",
    kind="estimator",
    title="Steps a day in the next week",
    inputs=("steps",),
    fit=fit,
    score=score,
)
