"""The first fit of a risk score: public data for its shape, the town's tables for its level. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from advice_engine.risk_anchor import Published, anchored
from advice_engine.risk_score import CELLS, NAMES, unanchored
from advice_engine.risk_spline import Columns, Sample, fit

SEED = 2026
_SELDOM_KNOWN = (("hdl", "tg_fasting"), ("family_diabetes",))  # hidden together from half of the rows in training


@dataclass(frozen=True, slots=True)
class Data:
    """``carriers``: the people who are weighted to look like the town (their target is not looked at)."""

    sample: Sample
    carriers: Columns
    published: Published | None


def train(data: Data, inputs: tuple[str, ...]) -> dict[str, Any]:
    """Fit, then bring to the town's level. Without published tables the score stays unanchored."""
    fitted = fit(Sample(hidden(data.sample.columns), data.sample.target), inputs)
    if data.published is None:
        return unanchored(fitted, {sex: [{} for _ in CELLS] for sex in NAMES})
    return anchored(fitted, data.carriers, data.published)


def hidden(columns: Columns) -> dict[str, Any]:
    """Half of the rows without laboratory values, half without family history, so that the fit learns to do without."""
    draw = np.random.default_rng(SEED)
    found = dict(columns)
    for names in _SELDOM_KNOWN:
        unknown = draw.random(len(columns["age"])) < 0.5
        found |= {name: np.where(unknown, np.nan, columns[name]) for name in names if name in columns}
    return found
