"""A person's place on the list: the sum of terms, compared with a person of the same age and sex. Pure.

``parameters``: ``intercept``, ``terms`` (``risk_spline``), ``offsets`` (logit, sex -> five-year cell) and ``reference``
(sex -> cell -> input -> value), both from the town's own figures (``risk_anchor``), and ``local`` (``shift``,
``slope``), set by local records. A score orders people within age and sex; it is shown to no citizen, and as a
probability to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advice_engine.learning import Parameters
from advice_engine.risk_spline import Array, Columns, sigmoid, terms

CELLS = (40, 45, 50, 55, 60, 65, 70, 75)  # lower ages; the last one is open, the first one takes the younger
NAMES = ("female", "male")


@dataclass(frozen=True, slots=True)
class Scored:
    """``logit`` a row; ``terms``: input -> what it adds against a same-age, same-sex person (nought where unknown)."""

    logit: Array
    terms: dict[str, Array]


def score(parameters: Parameters, columns: Columns) -> Scored:
    """Scores for many people at once. ``columns`` need ``age`` and ``male``."""
    cells, male = cell(columns["age"]), columns["male"].astype(int)
    usual = {name: _of_cell(parameters["reference"], name, cells, male) for name in parameters["terms"]}
    own, others = (
        terms(parameters, columns),
        terms(parameters, usual | {name: columns[name] for name in ("age", "male")}),
    )
    held = {name: np.where(np.isnan(own[name]), np.nan_to_num(others[name]), own[name]) for name in own}
    plain = parameters["intercept"] + sum(held.values()) + _of_cell(parameters, "offsets", cells, male)
    local = parameters["local"]
    unknown = {name: np.isnan(columns[name]) if name in columns else np.ones(len(male), bool) for name in own}
    against = {name: np.where(unknown[name], 0.0, held[name] - np.nan_to_num(others[name])) for name in own}
    return Scored(local["shift"] + local["slope"] * plain, against)


def chance(parameters: Parameters, columns: Columns) -> Array:
    """The modelled share, for calibration alone: it is told to nobody."""
    return sigmoid(score(parameters, columns).logit)


def cell(age: Array) -> Array:
    """Which five-year cell (index into ``CELLS``) each age falls into."""
    return np.asarray(np.clip((age - CELLS[0]) // 5, 0, len(CELLS) - 1).astype(int))


def unanchored(fitted: Parameters, reference: dict[str, list[dict[str, float]]]) -> dict[str, object]:
    """Parameters as they come from the fit, before any town's figures."""
    nought = [0.0] * len(CELLS)
    offsets = {name: list(nought) for name in NAMES}
    return {**fitted, "offsets": offsets, "reference": reference, "local": {"shift": 0.0, "slope": 1.0}}


def _of_cell(table: Parameters, name: str, cells: Array, male: Array) -> Array:
    if name == "offsets":
        grid = [table["offsets"][sex] for sex in NAMES]
    else:
        grid = [[values.get(name, np.nan) for values in table[sex]] for sex in NAMES]
    found: Array = np.asarray(grid, dtype=np.float64)[male, cells]
    return found
