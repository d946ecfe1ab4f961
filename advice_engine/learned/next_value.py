"""What the next measurement of a value may be: the person's own earlier ones, pulled to the line of age and sex. Pure.

A single systolic pressure of a clinic or checkup sways so much that the next one lies nearer to what is usual at that
age than the last one did. So n own values count with n / (n + pull), the usual value with the rest; ``pull`` is the
variance within a person over that between people. Both were measured on one public cohort of a clinic (nafld of R's
package survival: pressure 2.2, here 2; HDL 0.19, here 0.2; its other values can not be used): a value whose pull nobody
measured is not estimated, for a pull of 2 made HDL worse than the last value alone. It orders and estimates; no rule's
line is moved by it, and no citizen is told a value that was not measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advice_engine.learning import Learned, Parameters

PULLS = {"office_bp_sys": 2.0, "hdl": 0.2}  # as many values as the usual one is worth
YEARS = 3.0  # older values are left out


@dataclass(frozen=True, slots=True)
class Usual:
    """The mean of one metric in a group: ``sex`` 'female' or 'male', ``age`` in years at the middle of the group."""

    metric: str
    sex: str
    age: float
    mean: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """An own value in the metric's canonical unit, and the age in years (parts of a year, too) when it was measured."""

    age: float
    value: float


def fit(data: Sequence[Usual]) -> Parameters:
    """The straight line over age of each metric and sex, by least squares. Raises ValueError for a single age."""
    keys = sorted({(one.metric, one.sex) for one in data if one.metric in PULLS})
    lines: dict[str, dict[str, list[float]]] = {}
    for metric, sex in keys:
        rows = [one for one in data if (one.metric, one.sex) == (metric, sex)]
        lines.setdefault(metric, {})[sex] = _line([(one.age, one.mean) for one in rows])
    return {"lines": lines, "pulls": PULLS, "years": YEARS}


def usual(parameters: Parameters, metric: str, sex: str, age: float) -> float | None:
    """What is usual at this age (years) and sex; None where no line is known."""
    line = parameters["lines"].get(metric, {}).get(sex)
    return None if line is None else float(line[0] + line[1] * age)


def score(parameters: Parameters, metric: str, own: Sequence[Earlier], *, sex: str, age: float) -> float | None:
    """The value to be expected at ``age``, from own earlier ones within ``YEARS`` before; None without a line.

    With none of one's own it is what is usual.
    """
    expected = usual(parameters, metric, sex, age)
    if expected is None:
        return None
    off = [
        one.value - line
        for one in own
        if 0 <= age - one.age <= parameters["years"] and (line := usual(parameters, metric, sex, one.age)) is not None
    ]
    pull = float(parameters["pulls"][metric])
    return expected + sum(off) / (len(off) + pull)  # n / (n + pull) of their mean


def _line(points: Sequence[tuple[float, float]]) -> list[float]:
    """[at age 0, a year]."""
    middle = sum(age for age, _ in points) / len(points)
    height = sum(value for _, value in points) / len(points)
    spread = sum((age - middle) ** 2 for age, _ in points)
    if spread == 0:
        raise ValueError("a line over age needs two ages")
    slope = sum((age - middle) * (value - height) for age, value in points) / spread
    return [height - slope * middle, slope]


LEARNED = Learned(
    id="next_value",
    kind="estimator",
    title="A next value: own earlier ones, pulled to what is usual at that age",
    inputs=("age", "male", "office_bp_sys", "hdl"),
    fit=fit,
    score=score,
)
