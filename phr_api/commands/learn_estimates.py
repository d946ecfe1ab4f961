"""`phr learn estimates`: how well weight, pressure and steps are foreseen, each number beside its bar."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Annotated

import typer

from advice_engine import estimate_trials
from advice_engine.estimate_trials import Figures, Held, Met, Steps
from advice_engine.learned.step_forecast import WORN
from advice_engine.risk_refit import Gate
from phr_api.commands.learn_gates import Seed, To, compared, show
from phr_api.commands.problem import Problem

WEIGHT, STEPS = Path("weight_log_cc0/weight.csv"), Path("fitbit_2016/daily_steps.csv")
Public = Annotated[Path, typer.Option("--data", metavar="DIR", help="The public data.")]
_WEIGHT_BARS = {7: 0.75, 14: 1.05, 28: 1.68}  # kg


def estimates(data: Public, *, seed: Seed = 0, to: To = None) -> None:
    """Try the estimators of weight, pressure and steps on public logs; every number stands beside its bar.

    Example: phr learn estimates --data ../shared/data
    """
    show([*measured(data, seed)], to)


def measured(data: Path, seed: int) -> Iterator[Gate]:
    """Bars 9, 10, 15 and 16 of the estimators, and what stands beside them. Raises Problem without the data."""
    yield from weight(weights(data), seed)
    yield from pressure(seed)
    yield from walking(steps(data))


def weight(figures: Figures, seed: int, forecasts: int = 10_000) -> Iterator[Gate]:
    for days, bar in _WEIGHT_BARS.items():
        often, every = estimate_trials.weight(figures, days), estimate_trials.weight(figures, days, often=1)
        yield Gate(
            f"weight {days} days ahead, mean error in kg (last reading)",
            f"{often.error:.3f} ({often.last:.3f}), {often.forecasts} forecasts",
            f"<= {bar:g}, below the last reading's",
            often.error <= bar and often.error < often.last,
        )
        yield compared("  from every reading, also after long gaps", _plain(every))
        yield Gate(
            f"  95 % interval {days} days ahead, own log",
            f"{often.covered:.2f}",
            ">= 0.85",
            often.covered >= 0.85,
        )
    held = estimate_trials.weight_simulated(forecasts, seed)
    yield Gate(
        f"95 % interval of weight, {forecasts:,} simulated forecasts, seed {seed}",
        f"{held:.3f}",
        "0.93-0.97",
        0.93 <= held <= 0.97,
    )


def pressure(seed: int, people: int = 20_000) -> Iterator[Gate]:
    found = estimate_trials.pressure(people, seed)
    lower = 1 - found.ours / found.last
    yield Gate(
        f"next systolic pressure, {people:,} simulated people, seed {seed}: error below the last value's",
        f"{100 * lower:.1f} % ({found.ours:.2f} for {found.last:.2f} mmHg; own mean {found.week:.2f})",
        ">= 15 %",
        lower >= 0.15,
    )


def walking(people: Sequence[Steps]) -> Iterator[Gate]:
    found = estimate_trials.steps(people)
    yield Gate(
        "steps of the next 7 days, mean error (7-day mean; last day)",
        f"{found.ours:,.0f} ({found.week:,.0f}; {found.last:,.0f}), {found.forecasts} forecasts",
        "<= 1,450, below the 7-day mean's",
        found.ours <= 1450 and found.ours < found.week,
    )
    own, fixed = estimate_trials.goals(people)
    yield compared("  own step goal met, share of days (people from the 10th to the 90th percent)", _met(own))
    yield compared("  a fixed 8,000 met", _met(fixed))


def weights(data: Path) -> Figures:
    """One person's log: a figure a day. Raises Problem."""
    days: dict[int, list[float]] = defaultdict(list)
    for row in _rows(data / WEIGHT):
        days[int(row["day"])].append(float(row["weight_kg"]))
    return sorted((day, fmean(values)) for day, values in days.items())


def steps(data: Path) -> list[Steps]:
    """Everybody's worn days. Raises Problem."""
    people: dict[str, dict[int, float]] = defaultdict(dict)
    for row in _rows(data / STEPS):
        if float(row["steps"]) >= WORN:
            people[row["person"]][date.fromisoformat(row["date"]).toordinal()] = float(row["steps"])
    return list(people.values())


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise Problem(f"{path} is not there: --data names the folder with the public data")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _plain(held: Held) -> str:
    return f"{held.error:.3f} ({held.last:.3f}), {held.forecasts} forecasts, interval {held.covered:.2f}"


def _met(found: Met) -> str:
    return f"{found.mean:.2f} ({found.low:.2f} to {found.high:.2f})"
