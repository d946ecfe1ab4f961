"""One spline logistic: fitted with scikit-learn, scored with numpy from plain numbers. Pure.

Columns are arrays of one length by input name, NaN where unknown; yes/no inputs are 1 and 0, ``male`` too. A term is
what one input adds on the logit scale, so a score is a sum that can be told in words. Race is never an input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advice_engine.learning import Parameters

Array = NDArray[np.float64]
Columns = Mapping[str, Array]
DEGREE = 3
_AT = (0.5, 25, 50, 75, 99.5)  # percentiles of the knots; beyond the outer ones a term stays flat
_DIGITS = 8  # parameters are rounded, so that the last bit of a machine's arithmetic never shows
YES_NO = frozenset({"male", "bp_drug", "lipid_drug", "glucose_drug", "smoker", "family_diabetes"})
BY_SEX = frozenset({"age", "bmi", "waist"})  # their curves differ between men and women


@dataclass(frozen=True, slots=True)
class Sample:
    """``target`` 1 or 0 a row. Inputs without a single value are left out of the fit."""

    columns: Columns
    target: Array

    def rows(self, chosen: NDArray[Any]) -> Sample:
        return Sample({name: column[chosen] for name, column in self.columns.items()}, self.target[chosen])


def fit(sample: Sample, inputs: tuple[str, ...]) -> dict[str, Any]:
    """``intercept`` and ``terms``. Maximum likelihood with a light ridge (C = 10), Newton steps to the end."""
    from sklearn.linear_model import LogisticRegression  # heavy, and needed for fitting alone

    known = [name for name in inputs if name in sample.columns and not np.isnan(sample.columns[name]).all()]
    terms = {name: _shape(name, sample.columns[name]) for name in known}
    blocks = {name: _block(name, terms[name], sample.columns) for name in known}
    model = LogisticRegression(C=10, solver="newton-cholesky", tol=1e-10, max_iter=200)
    model.fit(np.hstack(list(blocks.values())), sample.target)
    weights = iter(np.split(model.coef_[0], np.cumsum([block.shape[1] for block in blocks.values()])[:-1]))
    fitted = {name: terms[name] | {"weights": _rounded(next(weights))} for name in known}
    return {"intercept": _rounded(model.intercept_)[0], "terms": fitted}


def terms(parameters: Parameters, columns: Columns) -> dict[str, Array]:
    """What each input adds (logit); NaN where the input is unknown and the fit saw nobody without it."""
    return {name: _term(name, term, columns) for name, term in parameters["terms"].items()}


def basis(knots: Array, values: Array) -> Array:
    """Cubic B-splines (Cox and de Boor), rows by splines, the last one left out; flat beyond the outer knots."""
    inner = np.clip(values, knots[DEGREE], knots[-DEGREE - 1])
    x = np.where(inner >= knots[-DEGREE - 1], np.nextafter(knots[-DEGREE - 1], -np.inf), inner)[:, None]
    splines = ((x >= knots[:-1]) & (x < knots[1:])).astype(np.float64)
    for degree in range(1, DEGREE + 1):
        left = (x - knots[: -degree - 1]) / (knots[degree:-1] - knots[: -degree - 1])
        right = (knots[degree + 1 :] - x) / (knots[degree + 1 :] - knots[1:-degree])
        splines = left * splines[:, :-1] + right * splines[:, 1:]
    return splines[:, :-1]


def sigmoid(logit: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -40, 40))))


def _shape(name: str, values: Array) -> dict[str, Any]:
    from sklearn.preprocessing import SplineTransformer

    known = values[~np.isnan(values)]
    shape: dict[str, Any] = {"missing": bool(np.isnan(values).any())}
    if name in YES_NO:
        return shape
    at = np.unique(np.percentile(known, _AT))[:, None]
    spline = SplineTransformer(knots=at, degree=DEGREE, include_bias=False, extrapolation="constant").fit(at)
    return shape | {"knots": _rounded(spline.bsplines_[0].t)}


def _block(name: str, term: Mapping[str, Any], columns: Columns) -> Array:
    """The design columns of one input; unknown values are nought in all but the last, which marks them."""
    values = columns[name]
    unknown = np.isnan(values)
    filled = np.where(unknown, 0.0, values)
    curve = basis(np.asarray(term["knots"]), filled) if "knots" in term else filled[:, None]
    curve = np.where(unknown[:, None], 0.0, curve)
    parts = [curve, curve * columns["male"][:, None]] if name in BY_SEX else [curve]
    return np.hstack([*parts, unknown[:, None].astype(np.float64)] if term["missing"] else parts)


def _term(name: str, term: Mapping[str, Any], columns: Columns) -> Array:
    values = columns.get(name, np.full(len(columns["male"]), np.nan))
    added: Array = _block(name, term, {**columns, name: values}) @ np.asarray(term["weights"])
    return added if term["missing"] else np.where(np.isnan(values), np.nan, added)


def _rounded(values: Array) -> list[float]:
    return [float(value) for value in np.round(values, _DIGITS) + 0.0]
