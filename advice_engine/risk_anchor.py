"""A score learnt elsewhere is brought to the town's level: its own published tables say how many there are. Pure.

People of the training data are weighted, within sex and five-year age cell, until their BMI, waist and pressure fall
into the published bins as the town's people do (raking). Then an offset a cell makes the weighted mean of the score
equal the town's share. This sets the level; it adds no discrimination.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advice_engine.learning import Parameters
from advice_engine.risk_score import CELLS, NAMES, cell, score, unanchored
from advice_engine.risk_spline import Array, Columns, sigmoid

PUBLISHED = CELLS[:-1]  # the tables end at 74
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Margin:
    """One item of one cell: ``edges`` between bins ascending (a value on an edge is above it), ``shares`` sum to 1."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """The town's figures of one year by (sex, lower age): margins of the inputs, share of the target, people."""

    margins: Mapping[tuple[str, int], Mapping[str, Margin]]
    share: Mapping[tuple[str, int], float]
    people: Mapping[tuple[str, int], float]


@dataclass(frozen=True, slots=True)
class CellCheck:
    """``before`` weights, ``raked`` and ``anchored``: modelled shares; ``truth`` the published one."""

    sex: str
    age: int
    people: float
    before: float
    raked: float
    anchored: float
    truth: float


def raked(columns: Columns, rows: NDArray[Any], margins: Mapping[str, Margin]) -> Array:
    """Weights (sum 1) of the rows; whoever lacks one of the items weighs nothing."""
    binned = {name: np.searchsorted(margins[name].edges, columns[name][rows], side="right") for name in margins}
    known = ~np.any([np.isnan(columns[name][rows]) for name in margins], axis=0)
    weights = known / known.sum()
    for _ in range(_ROUNDS):
        for name, bins in binned.items():
            shares = np.asarray(margins[name].shares)
            held = np.bincount(bins, weights, len(shares))
            weights = weights * np.divide(shares, held, out=np.zeros_like(held), where=held > 0)[bins]
            weights = weights / weights.sum()
    return np.asarray(weights)


def anchored(fitted: Parameters, carriers: Columns, published: Published) -> dict[str, Any]:
    """The fit with ``reference`` people and ``offsets``; beyond the published ages the nearest cell's offset stands."""
    first = unanchored(fitted, _references(carriers, published))
    plain = score(first, carriers).logit
    offsets: dict[str, list[float]] = {}
    for sex in NAMES:
        found = [_offset(plain, carriers, published, (sex, age)) for age in PUBLISHED]
        offsets[sex] = [*found, found[-1]]
    return first | {"offsets": offsets}


def check(parameters: Parameters, carriers: Columns, published: Published) -> list[CellCheck]:
    """What the anchored score says of a year's cells, beside what was published of that year."""
    plain = score({**parameters, "offsets": unanchored({}, {})["offsets"]}, carriers).logit
    now = score(parameters, carriers).logit
    found = []
    for sex, age in sorted(published.share):
        rows = _rows(carriers, sex, age)
        weights = raked(carriers, rows, published.margins[sex, age])
        means = (sigmoid(plain[rows]).mean(), weights @ sigmoid(plain[rows]), weights @ sigmoid(now[rows]))
        before, weighted, set_right = map(float, means)
        there = published.people[sex, age]
        found.append(CellCheck(sex, age, there, before, weighted, set_right, published.share[sex, age]))
    return found


def total(checks: list[CellCheck], which: str) -> float:
    """A column's mean over the cells, weighted by people."""
    return float(sum(getattr(one, which) * one.people for one in checks) / sum(one.people for one in checks))


def _rows(columns: Columns, sex: str, age: int) -> NDArray[Any]:
    return np.flatnonzero((columns["male"] == (sex == "male")) & (cell(columns["age"]) == CELLS.index(age)))


def _references(carriers: Columns, published: Published) -> dict[str, list[dict[str, float]]]:
    """The middle person of each cell, weighted as the town is."""
    found: dict[str, list[dict[str, float]]] = {}
    for sex in NAMES:
        found[sex] = []
        for age in CELLS:
            rows = _rows(carriers, sex, age)
            margins = published.margins.get((sex, age))
            weights = raked(carriers, rows, margins) if margins else np.full(len(rows), 1 / len(rows))
            middles = {name: _median(column[rows], weights) for name, column in carriers.items()}
            found[sex].append({name: middle for name, middle in middles.items() if not np.isnan(middle)})
    return found


def _median(values: Array, weights: Array) -> float:
    known = ~np.isnan(values)
    if not weights[known].sum():
        return float("nan")
    order = np.argsort(values[known], kind="stable")
    at = np.searchsorted(np.cumsum(weights[known][order]), weights[known].sum() / 2)
    return round(float(values[known][order][min(at, len(order) - 1)]), 1)


def _offset(plain: Array, carriers: Columns, published: Published, key: tuple[str, int]) -> float:
    """Bisection: the logit shift at which the weighted mean is the published share."""
    rows = _rows(carriers, *key)
    weights = raked(carriers, rows, published.margins[key])
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if weights @ sigmoid(plain[rows] + middle) < published.share[key] else (low, middle)
    return round(float(low), 6)
