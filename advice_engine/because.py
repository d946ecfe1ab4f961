"""Whether it can be said why a piece of advice came before the others. Pure. Only what is true is said.

A value is the person's own record against ``kappa`` imagined tries at the town's rate: whichever weighs more than half
made it so. Nothing is said of a draw by chance, of a rate that nobody has tried often, or of an order by prior alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from advice_engine.families import NONE
from advice_engine.learned.ranker import TOWN_TRIES
from advice_engine.learning import Parameters

Because = Literal["", "own", "town"]


def because(
    parameters: Parameters, counts: Mapping[str, tuple[float, float]], values: Mapping[str, float], family: str
) -> Because:
    """Why ``family`` came first. ``values``: of every option; ``counts``: the person's own (done, tried)."""
    if family == NONE or any(value >= values[family] for name, value in values.items() if name != family):
        return ""
    kappa = float(parameters["kappa"])
    done, tried = counts.get(family, (0.0, 0.0))
    if tried / (tried + kappa) > 0.5:
        return "own" if done / tried >= 0.5 else ""
    return "town" if _town(parameters, family, [name for name in values if name not in (NONE, family)]) else ""


def _town(parameters: Parameters, family: str, others: Sequence[str]) -> bool:
    """Whether the town has tried it often enough, and follows it more than each of the others."""
    place = {name: number for number, name in enumerate(parameters["families"])}
    rates, tries = parameters["rates"], parameters.get("tried", [0.0] * len(place))
    known = family in place and tries[place[family]] >= TOWN_TRIES
    return (
        bool(others)
        and known
        and all(
            name in place and rates[place[family]] > rates[place[name]] and tries[place[name]] >= TOWN_TRIES
            for name in others
        )
    )
