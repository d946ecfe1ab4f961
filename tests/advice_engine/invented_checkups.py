"""Invented people for the scores: a known law, so that a fit can be held against it."""

from __future__ import annotations

import numpy as np

from advice_engine.risk_score import CELLS, NAMES
from advice_engine.risk_spline import Array, Sample

INPUTS = ("age", "male", "bmi", "waist", "smoker", "hdl")


def law(columns: dict[str, Array]) -> Array:
    """The true logit: age and BMI raise it, men a little more, smokers by a half."""
    aged, heavy = (columns["age"] - 60) / 10, (columns["bmi"] - 24) / 4
    return -1.6 + 0.5 * aged + 0.7 * heavy + 0.3 * columns["male"] + 0.5 * columns["smoker"]


def people(n: int, seed: int = 1) -> Sample:
    draw = np.random.default_rng(seed)
    columns = {
        "age": draw.integers(40, 80, n).astype(float),
        "male": draw.integers(0, 2, n).astype(float),
        "bmi": np.round(draw.normal(24, 4, n), 1),
        "smoker": (draw.random(n) < 0.3).astype(float),
        "hdl": np.where(draw.random(n) < 0.5, np.nan, np.round(draw.normal(58, 14, n))),
    }
    columns["waist"] = np.round(columns["bmi"] * 3.5 + draw.normal(0, 4, n), 1)
    return Sample(columns, (draw.random(n) < 1 / (1 + np.exp(-law(columns)))).astype(float))


def middles() -> dict[str, list[dict[str, float]]]:
    """The same reference person in every cell."""
    usual = {"bmi": 24.0, "waist": 84.0, "smoker": 0.0, "hdl": 58.0}
    return {sex: [dict(usual) for _ in CELLS] for sex in NAMES}
