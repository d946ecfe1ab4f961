"""Local records put a score right: level and slope from 100 of them, all of it from 200 events; and the gate. Pure.

A record is a person's checkup and whether the next one showed the target. What fails the gate stays in the shadow.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from advice_engine.learning import Parameters
from advice_engine.risk_metrics import Metrics, by_cell, slope
from advice_engine.risk_score import CELLS, NAMES, cell, chance, score, unanchored
from advice_engine.risk_spline import Columns, Sample, fit

RECALIBRATE_FROM = 100  # records
REFIT_FROM = 200  # events
CELL_EVENTS = 50
O_E, SLOPE = (0.8, 1.25), (0.85, 1.15)
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a promotion: what was measured and the line, in words, and whether it holds."""

    name: str
    measured: str
    bar: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Refit:
    """``how``: 'none' (too few records), 'level and slope' or 'all of it'. Gates are measured on people held out."""

    how: str
    parameters: Parameters
    gates: tuple[Gate, ...]
    cells: dict[str, dict[str, Any]]


def refit(parameters: Parameters, sample: Sample, inputs: tuple[str, ...]) -> Refit:
    """What these local records allow. Every fifth record is held out in turn, so that nobody is judged by their own."""
    if len(sample.target) < RECALIBRATE_FROM or not 0 < sample.target.sum() < len(sample.target):
        return Refit("none", parameters, (Gate("local records", f"{len(sample.target)}", ">= 100", False),), {})
    entire = sample.target.sum() >= REFIT_FROM
    held_out = np.full(len(sample.target), np.nan)
    for fold in range(FOLDS):
        out = np.arange(len(sample.target)) % FOLDS == fold
        learnt = _learn(parameters, sample.rows(~out), inputs, entire=bool(entire))
        held_out[out] = chance(learnt, sample.rows(out).columns)
    cells = by_cell(sample.columns, sample.target, held_out)
    logit = np.log(held_out / (1 - held_out))
    found = gates(cells, slope(sample.target, logit)[1])
    how = "all of it" if entire else "level and slope"
    learnt = _learn(parameters, sample, inputs, entire=bool(entire))
    return Refit(how, learnt, found, {name: asdict(one) for name, one in cells.items()})


def gates(cells: dict[str, Metrics], measured_slope: float) -> tuple[Gate, ...]:
    """O/E 0.8 to 1.25 in every sex × age cell with 50 events and more, slope 0.85 to 1.15.

    Without one such cell nothing has been shown, and the gate stays shut.
    """
    big = {name: one for name, one in cells.items() if one.events >= CELL_EVENTS}
    found = [
        Gate(f"O/E {name}", f"{one.o_e or 0:.2f}", "0.80-1.25", O_E[0] <= (one.o_e or 0) <= O_E[1])
        for name, one in big.items()
    ]
    found.append(Gate("cells with 50 events", str(len(big)), ">= 1", bool(big)))
    found.append(Gate("slope", f"{measured_slope:.2f}", "0.85-1.15", SLOPE[0] <= measured_slope <= SLOPE[1]))
    return tuple(found)


def _learn(parameters: Parameters, sample: Sample, inputs: tuple[str, ...], *, entire: bool) -> Parameters:
    if entire:
        return unanchored(fit(sample, inputs), _references(parameters, sample.columns))
    plain = score({**parameters, "local": {"shift": 0.0, "slope": 1.0}}, sample.columns).logit
    shift, steep = slope(sample.target, plain)
    return {**parameters, "local": {"shift": shift, "slope": steep}}


def _references(parameters: Parameters, columns: Columns) -> dict[str, list[dict[str, float]]]:
    """The middle local person of each cell; what nobody there has keeps the value of before."""
    found: dict[str, list[dict[str, float]]] = {}
    cells = cell(columns["age"])
    for male, sex in enumerate(NAMES):
        found[sex] = []
        for place in range(len(CELLS)):
            rows = (columns["male"] == male) & (cells == place)
            known = {name: column[rows & ~np.isnan(column)] for name, column in columns.items()}
            own = {name: round(float(np.median(values)), 1) for name, values in known.items() if len(values)}
            found[sex].append({**parameters["reference"][sex][place], **own})
    return found
