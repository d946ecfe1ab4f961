"""`phr learn ranker`: what the ranker's checks measure, each beside its bar, met or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from advice_engine import heartsteps, ranker_trials
from advice_engine.off_policy import LEAST_ESS, Interval, TooFew
from advice_engine.ranker_trials import Learnt
from advice_engine.risk_metrics import metrics
from advice_engine.risk_refit import Gate
from phr_api.commands import learn_heartsteps
from phr_api.commands.learn_gates import Seed, To, compared, show
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console

Public = Annotated[Path, typer.Option("--data", metavar="DIR", help="The public data: heartsteps_v1 is read.")]


def ranker(
    data: Public,
    *,
    states: Annotated[int, typer.Option(min=1, help="Random states of the first check.")] = 100_000,
    towns: Annotated[int, typer.Option(min=4, help="Invented towns of each simulation.")] = 20,
    seed: Seed = 0,
    to: To = None,
) -> None:
    """Try the ranker on invented people and on the HeartSteps trial; every number stands beside its bar.

    Takes some minutes. Example: phr learn ranker --data ../shared/data
    """
    if not (data / "heartsteps_v1").is_dir():
        raise Problem(f"no folder heartsteps_v1 in {data}")
    found: list[Gate] = []
    for make in checks(data, states=states, towns=towns, seed=seed):
        with console.status("measuring …"):
            found += make()
    show(found, to)


def checks(data: Path, *, states: int, towns: int, seed: int) -> Iterator[Callable[[], list[Gate]]]:
    """Each check, to be measured when it is called."""
    yield lambda: outside(states, seed)
    yield lambda: trial(data, seed)
    yield lambda: response(data, seed)
    yield lambda: simulation(towns, seed)
    yield lambda: truth(towns, seed)


def outside(states: int, seed: int) -> list[Gate]:
    """Nothing outside the admitted list, nothing under a red flag, every choice drawn again bit for bit."""
    found = ranker_trials.outside(states, seed + 1)
    wrong = found.not_admitted + found.under_red_flag
    sums = found.worst_sum <= 1e-9 and found.below_floor == 0
    return [
        Gate(f"advice not admitted or under a red flag, {states:,} states", f"{wrong}", "0", wrong == 0),
        Gate(
            f"choices not replayed bit for bit, of {found.choices:,}", f"{found.not_replayed}", "0",
            not found.not_replayed,
        ),
        Gate(
            "chances: distance of the sum from 1; below the floor", f"{found.worst_sum:.1e}; {found.below_floor}",
            "<= 1e-9; 0", sums,
        ),
    ]  # fmt: skip


def trial(data: Path, seed: int) -> list[Gate]:
    """Doubly robust on held-out people of the trial; what is no better than one message for all says so."""
    found = heartsteps.compare(learn_heartsteps.read(data), seed)
    floor, over = found.floor_over_trial, found.learned_over_constant
    claim = "better" if over.low > 0 else "no claim: the interval holds 0"
    return [
        Gate(
            "HeartSteps, learned with floor over the trial's policy, log steps", _interval(floor),
            ">= 0.08, lower 95 % > 0.02", floor.value >= 0.08 and floor.low > 0.02,
        ),
        compared("  learned without floor", _interval(found.learned_over_trial)),
        compared(f"  always '{found.constant}'", _interval(found.constant_over_trial)),
        Gate(
            f"HeartSteps, learned over always '{found.constant}'", f"{_interval(over)}: {claim}",
            "printed with its interval; no claim unless its lower bound > 0", True,
        ),
        Gate("  effective decisions", f"{found.effective:.0f}", f">= {LEAST_ESS:.0f}", found.effective >= LEAST_ESS),
    ]  # fmt: skip


def response(data: Path, seed: int) -> list[Gate]:
    """How well a thumbs-up is foreseen for held-out people."""
    chances, good = heartsteps.answers(learn_heartsteps.read(data), seed)
    found = [metrics(good, one) for one in chances]
    area = float(np.mean([one.auc for one in found if one.auc is not None]))
    brier = float(np.mean([one.brier for one in found]))
    return [
        Gate("response model, held-out people: AUC", f"{area:.3f}", ">= 0.65", area >= 0.65),
        Gate("response model, held-out people: Brier", f"{brier:.4f}", "<= 0.232", brier <= 0.232),
    ]


def simulation(towns: int, seed: int) -> list[Gate]:
    """Share followed in the last 8 of 26 weeks: pooled, one order for all, at random; all explore alike."""
    bars = {0.0: -0.003, 0.2: None, 0.6: None, 1.0: 0.04}
    found = [ranker_trials.learnt(taste, towns, seed) for taste in bars]
    return [_beside(one, bars[one.taste]) for one in found]


def truth(towns: int, seed: int) -> list[Gate]:
    """Estimates of a policy that never decided, where the truth is known; and one that must be refused."""
    found = ranker_trials.known_truth(towns, seed)
    try:
        refused = f"not refused: {ranker_trials.refuses(seed):.0f}"
    except TooFew as few:
        refused = f"refused at {few.ess:.0f}"
    return [
        Gate(f"off-policy, {towns} known truths: mean error", _share(found.mean), "<= 3 %", found.mean <= 0.03),
        Gate("off-policy: worst error", _share(found.worst), "<= 6 %", found.worst <= 0.06),
        compared("  mean error of SNIPS and of IPS", f"{_share(found.snips_mean)}, {_share(found.ips_mean)}"),
        Gate("off-policy, too few effective decisions", refused, f"refused below {LEAST_ESS:.0f}", refused[0] == "r"),
    ]  # fmt: skip


def _beside(one: Learnt, bar: float | None) -> Gate:
    more = one.pooled - one.one_for_all
    name = f"simulation, taste {one.taste:g}: pooled over one for all"
    measured = f"{more:+.4f} ({one.pooled:.3f}; {one.one_for_all:.3f}; {one.at_random:.3f})"
    return compared(name, measured) if bar is None else Gate(name, measured, f">= {bar:+g}", more >= bar)


def _interval(one: Interval) -> str:
    return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})"


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"
