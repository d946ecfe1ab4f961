"""The ranker: which one of the admitted families is pushed, or none. It gets values and returns an index.

Partial pooling: a person's own record with a family counts against ``kappa`` imagined tries at the town's rate, which
is shifted by how often this person follows advice at all. The best family is taken, every option keeps a floor of
probability, and one decision in ten is drawn uniformly, for good: only that draw can show whether the engine helps.

Whether a draw can be replayed bit for bit hangs on no library's random numbers: they come from a digest of the seed.
Probabilities depend only on how many options there are and which is best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advice_engine.families import families
from advice_engine.learning import Learned, Parameters

Array = NDArray[np.float64]

FLOOR = 0.04  # of every option; shrunk above ten of them, so that the floors never take more than FLOORS
FLOORS = 0.4
UNIFORM = 0.10  # of all decisions, for good
OFFSET = 0.8  # how much of a person's own inclination shifts all families
PERSON_TRIES = 4.0  # tries at the expected rate before a person's inclination counts
TOWN_TRIES = 50.0  # tries at the prior rate before the town's own record counts as much
COLD_KAPPA = 200.0
GRID = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, COLD_KAPPA)
ENOUGH_TRIES = 500  # of the town: with fewer, kappa stays cold
WORTH = 0.15  # the value of "none": what hardly one in seven would follow is not worth a ring (an assumption of ours)


@dataclass(frozen=True, slots=True)
class Draw:
    """``index`` of the option taken; the probability of every option; whether this was a uniform draw."""

    index: int
    probabilities: tuple[float, ...]
    uniform: bool


def draw(values: Sequence[float], seed: str) -> Draw:
    """One of these options, the same for the same values and seed. Raises ValueError when there are none."""
    chances = probabilities(values)
    count = len(chances)
    kind, place = _numbers(seed)
    uniform = kind < UNIFORM
    stage = [1 / count] * count if uniform else _greedy(values)
    return Draw(_at(stage, place), chances, uniform)


def probabilities(values: Sequence[float]) -> tuple[float, ...]:
    """How likely each option is taken, floor and uniform draw together; they sum to 1."""
    if not values:
        raise ValueError("nothing to choose from")
    return tuple(UNIFORM / len(values) + (1 - UNIFORM) * chance for chance in _greedy(values))


def floor(count: int) -> float:
    """The least probability of each of so many options."""
    return min(FLOOR, FLOORS / count)


def means(rates: Array, kappa: float, done: Array, tried: Array) -> Array:
    """How likely each person (row) follows each family (column), from (decayed) counts of both."""
    expected = (tried @ rates + PERSON_TRIES * rates.mean()) / (tried.sum(axis=1) + PERSON_TRIES)
    own = (done.sum(axis=1) + PERSON_TRIES * expected) / (tried.sum(axis=1) + PERSON_TRIES)
    offset = OFFSET * (_logit(own) - _logit(expected))
    middle = 1 / (1 + np.exp(-(_logit(rates)[None, :] + offset[:, None])))
    return np.asarray((done + kappa * middle) / (tried + kappa))


def fit(data: Mapping[str, Any]) -> Parameters:
    """The town's rates and the strength of pooling, from decayed counts.

    ``data``: ``families`` (ids in column order), ``done`` and ``tried`` (people x families). Families that nobody was
    told of keep their prior; ``kappa`` stays cold until the town has ``ENOUGH_TRIES``.
    """
    names = list(data["families"])
    done, tried = np.asarray(data["done"], float), np.asarray(data["tried"], float)
    prior = np.array([families()[name].prior if name in families() else 0.5 for name in names])
    rates = (done.sum(axis=0) + TOWN_TRIES * prior) / (tried.sum(axis=0) + TOWN_TRIES)
    kappa = strength(rates, done, tried) if tried.sum() >= ENOUGH_TRIES else COLD_KAPPA
    return {
        "families": names,
        "rates": [float(rate) for rate in rates],
        "tried": [float(times) for times in tried.sum(axis=0)],
        "kappa": kappa,
        "worth_of_none": WORTH,
    }


def cold() -> Parameters:
    """Before anybody was told anything: the rules' prior."""
    nobody = np.zeros((0, len(families())))
    return fit({"families": list(families()), "done": nobody, "tried": nobody})


def strength(rates: Array, done: Array, tried: Array) -> float:
    """The kappa of ``GRID`` under which these counts are most likely (beta-binomial)."""
    from scipy.special import betaln  # type: ignore[import-untyped]  # heavy, and needed for fitting alone

    there = tried > 0
    middle = means(rates, COLD_KAPPA * 1e9, done, tried)[there]  # the pooled rates alone
    hits, misses = done[there], tried[there] - done[there]
    likely = [
        float(np.sum(betaln(hits + kappa * middle, misses + kappa * (1 - middle))))
        - float(np.sum(betaln(kappa * middle, kappa * (1 - middle))))
        for kappa in GRID
    ]
    return GRID[int(np.argmax(likely))]


def score(parameters: Parameters, counts: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """How likely this person follows each family that the parameters know. ``counts``: family -> (done, tried)."""
    names = list(parameters["families"])
    row = [counts.get(name, (0.0, 0.0)) for name in names]
    done, tried = np.array([[one[0] for one in row]]), np.array([[one[1] for one in row]])
    values = means(np.array(parameters["rates"]), float(parameters["kappa"]), done, tried)[0]
    return dict(zip(names, (float(value) for value in values), strict=True))


def _greedy(values: Sequence[float]) -> list[float]:
    count = len(values)
    best = max(range(count), key=lambda index: (values[index], -index))
    least = floor(count)
    return [1 - (count - 1) * least if index == best else least for index in range(count)]


def _at(chances: Sequence[float], place: float) -> int:
    total = 0.0
    for index, chance in enumerate(chances):
        total += chance
        if place < total:
            return index
    return len(chances) - 1  # the sum may fall short of 1 by a rounding


def _numbers(seed: str) -> tuple[float, float]:
    """Two numbers in [0, 1) of 53 bits each."""
    taken = sha256(seed.encode()).digest()
    return (int.from_bytes(taken[:8]) >> 11) / 2**53, (int.from_bytes(taken[8:16]) >> 11) / 2**53


def _logit(rate: Array) -> Array:
    return np.asarray(np.log(rate / (1 - rate)))


LEARNED = Learned(
    id="ranker",
    kind="ranker",
    title="Which one of the admitted families is pushed",
    inputs=("pushes by family", "rewards by family"),
    fit=fit,
    score=score,
)
