"""How good a score is: by everybody, by sex × age, and how far its inputs have moved. Pure numpy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advice_engine.risk_spline import Array, Columns

BANDS = ((0, 39), (40, 54), (55, 64), (65, 74), (75, 200))


@dataclass(frozen=True, slots=True)
class Metrics:
    """Of one group. ``auc`` None without both outcomes; ``o_e``: observed over expected, None where none is."""

    n: int
    events: int
    auc: float | None
    brier: float
    o_e: float | None


@dataclass(frozen=True, slots=True)
class Drift:
    """Population stability index of one input against the line above which it is more than noise."""

    input: str
    psi: float
    line: float

    @property
    def moved(self) -> bool:
        return self.psi > self.line


def auc(target: Array, score: Array) -> float | None:
    """The share of pairs that the score orders rightly; ties count half."""
    ones = float(target.sum())
    if not 0 < ones < len(target):
        return None
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[target == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(target) - ones)))


def metrics(target: Array, chance: Array) -> Metrics:
    expected = float(chance.sum())
    brier = float(np.mean((chance - target) ** 2)) if len(target) else 0.0
    observed = float(target.sum())
    o_e = observed / expected if expected else None
    return Metrics(len(target), int(observed), auc(target, chance), brier, o_e)


def groups(columns: Columns) -> Iterator[tuple[str, NDArray[Any]]]:
    """("male 40-54", mask) …: every sex × age band."""
    for male, sex in ((0, "female"), (1, "male")):
        for low, high in BANDS:
            name = f"{sex} {'under 40' if high == 39 else '75+' if low == 75 else f'{low}-{high}'}"
            yield name, (columns["male"] == male) & (columns["age"] >= low) & (columns["age"] < high + 1)


def by_cell(columns: Columns, target: Array, chance: Array) -> dict[str, Metrics]:
    """Every sex × age band with somebody in it."""
    return {name: metrics(target[mask], chance[mask]) for name, mask in groups(columns) if mask.any()}


def slope(target: Array, logit: Array) -> tuple[float, float]:
    """(intercept, slope) of the logistic regression of what happened on the score; (0, 1) is perfect."""
    weights = np.zeros(2)
    design = np.column_stack([np.ones_like(logit), logit])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        spread = np.maximum(chance * (1 - chance), 1e-9)
        step = np.linalg.solve(design.T @ (design * spread[:, None]) + 1e-9 * np.eye(2), design.T @ (target - chance))
        weights = weights + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-10:
            break
    return round(float(weights[0]), 8), round(float(weights[1]), 8)


def calibration(target: Array, chance: Array, parts: int = 10) -> list[tuple[float, float, int]]:
    """(expected, observed, people) of equal parts, from the lowest chance up."""
    order = np.argsort(chance, kind="stable")
    return [
        (float(chance[part].mean()), float(target[part].mean()), len(part))
        for part in np.array_split(order, parts)
        if len(part)
    ]


def drift(before: Columns, now: Columns, bins: int = 10) -> list[Drift]:
    """PSI of every input that both know. The line is twice the noise of two such samples, and 0.02 above it."""
    return [found for name in before if name in now and (found := _drift(name, before, now, bins))]


def _drift(name: str, before: Mapping[str, Array], now: Mapping[str, Array], bins: int) -> Drift | None:
    old, new = (columns[name][~np.isnan(columns[name])] for columns in (before, now))
    if not len(old) or not len(new):
        return None
    edges = np.unique(np.quantile(old, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = [
        (np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1) + 0.5)
        / (len(values) + 0.5 * (len(edges) + 1))
        for values in (old, new)
    ]
    psi = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    return Drift(name, psi, len(edges) * (1 / len(old) + 1 / len(new)) * 2 + 0.02)
