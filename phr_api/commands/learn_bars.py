"""`phr learn bars`: every bar of what is learnt beside its number, met or not, by one command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from advice_engine import learning, risk_refit
from advice_engine.risk_refit import Gate
from advice_engine.risk_spline import Sample
from phr_api.commands import (
    bench_gate,
    bench_households,
    learn_cohorts,
    learn_data,
    learn_estimates,
    learn_ranker,
    learn_risk,
)
from phr_api.commands.learn_estimates import Public
from phr_api.commands.learn_gates import Seed, To, row, show_rows, write
from phr_api.commands.terminal import console

_REFITTED = "high_glucose"

Numbered = tuple[int, Gate]


def bars(
    data: Public,
    *,
    states: Annotated[int, typer.Option(min=1, help="Random states of bars 1 to 3.")] = 100_000,
    towns: Annotated[int, typer.Option(min=4, help="Invented towns of bars 7 and 8.")] = 20,
    quarters: Annotated[int, typer.Option(min=4, help="Invented towns of bar 17.")] = 100,
    households: Annotated[int, typer.Option(min=5, help="Invented households of bar 11.")] = 600,
    seed: Seed = 0,
    to: To = None,
) -> None:
    """Measure all seventeen bars and print each beside its number; a bar that is not met is printed all the same.

    Takes some minutes. Example: phr learn bars --data ../shared/data
    """
    parts = (ranker(data, states=states, towns=towns, seed=seed), estimates(data, seed), gate(households))
    rest = (risk(data), cohorts(quarters, seed))
    found: list[Numbered] = []
    for part in (*parts, *rest):
        with console.status("measuring …"):
            found += part
    found.sort(key=lambda one: one[0])
    show_rows(("bar", "check", "measured", "line", ""), ((str(number), *row(one)) for number, one in found))
    if to:
        write(to, [{"number": number} | asdict(one) for number, one in found])


def ranker(data: Path, *, states: int, towns: int, seed: int) -> Iterator[Numbered]:
    """Bars 1 to 8."""
    yield from zip((1, 2, 3), learn_ranker.outside(states, seed), strict=True)
    floor, _, _, constant, _ = learn_ranker.trial(data, seed)
    yield from ((4, floor), (5, constant))
    yield from _all(6, learn_ranker.response(data, seed))
    yield from _all(7, learn_ranker.simulation(towns, seed))
    yield from _all(8, learn_ranker.truth(towns, seed))


def estimates(data: Path, seed: int) -> Iterator[Numbered]:
    """Bars 9, 10, 15 and 16."""
    for one in learn_estimates.weight(learn_estimates.weights(data), seed):
        yield 10 if "95 % interval" in one.name else 9, one
    yield from _all(15, learn_estimates.pressure(seed))
    yield from _all(16, learn_estimates.walking(learn_estimates.steps(data)))


def gate(households: int) -> Iterator[Numbered]:
    """Bar 11: whose weight it is, in homes of two; `phr bench gate` measures more of it."""
    found = bench_households.summary(bench_households.household(seed) for seed in range(households))
    lines = {"right": bench_gate.RIGHT, "assigned": bench_gate.ASSIGNED, "guests_rejected": bench_gate.GUESTS}
    for name, line in lines.items():
        told = f"shared scale, {households} homes of two: {name.replace('_', ' ')}"
        yield 11, Gate(told, f"{found[name]:.3f}", f">= {line:g}", found[name] >= line)


def risk(data: Path) -> Iterator[Numbered]:
    """Bars 12 to 14. There are no local records here: those of 2015-18 stand for a town's."""
    for part in learn_risk.PARTS:
        for one in learn_risk.evaluate(data, part).gates:
            yield 13 if one.name.startswith("Shonai") else 12, _called(one, part)
    people = learn_data.people(data)
    local = people.rows((people.extra["cycle"] >= learn_risk.TRAINED_BEFORE) & (people.extra[_REFITTED] >= 0))
    names = tuple(name for name in learning.part(_REFITTED).inputs if name in local.inputs)
    start = learn_risk.parameters(learn_risk.shipped(_REFITTED))
    found = risk_refit.refit(start, Sample(local.inputs, local.extra[_REFITTED]), names)
    yield from _all(14, (_called(one, f"refit on NHANES 2015-18 ({found.how}), held out") for one in found.gates))


def cohorts(towns: int, seed: int) -> Iterator[Numbered]:
    """Bar 17."""
    yield from _all(17, learn_cohorts.measured(towns, seed))


def _all(number: int, found: Iterable[Gate]) -> Iterator[Numbered]:
    return ((number, one) for one in found)


def _called(one: Gate, of: str) -> Gate:
    return Gate(f"{of}: {one.name}", one.measured, one.bar, one.passed)
