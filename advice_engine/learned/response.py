"""Whether a pushed suggestion is answered with a thumbs-up: the person's own record first, context hardly. Logistic.

It orders nothing yet: answers mislead (in HeartSteps calls to stand up are liked more often than walking messages, and
only walking moves steps), so the ranker never learns from them. It says how much can be known of an answer at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advice_engine.learning import Learned, Parameters

Array = NDArray[np.float64]

OWN_TRIES = 6.0  # answers at the common rate before the person's own record counts as much
RIDGE = 0.3  # sklearn's C
INPUTS = ("own_rate", "own_tries", "last_good", "walking", "day", "evening", "weekend", "home", "work")


def history(person: NDArray[np.int64], good: NDArray[np.float64], common: float) -> Array:
    """Of each row what was known before it: own rate (logit, pulled to ``common``), own tries (log), last answer.

    Rows are in order of time within each person.
    """
    told: dict[int, tuple[float, float, float]] = {}
    rows = np.empty((len(person), 3))
    for row, (who, answer) in enumerate(zip(person.tolist(), good.tolist(), strict=True)):
        hits, tries, last = told.get(who, (0.0, 0.0, common))
        rate = (hits + OWN_TRIES * common) / (tries + OWN_TRIES)
        rows[row] = np.log(rate / (1 - rate)), np.log1p(tries), last
        told[who] = hits + answer, tries + 1, answer
    return rows


def fit(data: Mapping[str, Any]) -> Parameters:
    """``data``: ``person``, ``good`` (0/1), ``context`` (rows x the inputs after ``last_good``), in order of time."""
    from sklearn.linear_model import LogisticRegression  # heavy, and needed for fitting alone

    good = np.asarray(data["good"], float)
    common = float(good.mean())
    inputs = np.hstack([history(data["person"], good, common), data["context"]])
    middle, width = inputs.mean(axis=0), inputs.std(axis=0)
    width[width == 0] = 1.0
    model = LogisticRegression(C=RIDGE, max_iter=500).fit((inputs - middle) / width, good)
    return {
        "inputs": list(INPUTS),
        "common": common,
        "middle": middle.tolist(),
        "width": width.tolist(),
        "weights": model.coef_[0].tolist(),
        "constant": float(model.intercept_[0]),
    }


def score(parameters: Parameters, person: NDArray[np.int64], good: Array, context: Array) -> Array:
    """How likely each row is answered well. ``good`` is looked at only before each row itself."""
    inputs = np.hstack([history(person, good, float(parameters["common"])), context])
    standard = (inputs - np.array(parameters["middle"])) / np.array(parameters["width"])
    return np.asarray(1 / (1 + np.exp(-(standard @ np.array(parameters["weights"]) + parameters["constant"]))))


LEARNED = Learned(
    id="response",
    kind="response",
    title="Whether a suggestion is answered with a thumbs-up",
    inputs=INPUTS,
    fit=fit,
    score=score,
)
