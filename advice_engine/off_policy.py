"""What a policy would have earned that was not the one that decided, from logged decisions. Pure.

Inverse propensity weighting, its self-normalised form, and the doubly robust estimator (Dudík 2011), each from the
probabilities that were logged. An estimate that rests on fewer than ``LEAST_ESS`` effective decisions is refused: a
number would only look like one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

LEAST_ESS = 200.0
_DRAWS = 2000


class TooFew(Exception):
    """Too few effective decisions for an estimate. ``ess`` says how many there are."""

    def __init__(self, ess: float) -> None:
        super().__init__(f"{ess:.0f} effective decisions; an estimate needs {LEAST_ESS:.0f}")
        self.ess = ess


@dataclass(frozen=True, slots=True)
class Log:
    """Logged decisions, one a row. ``taken``: option index; ``chances``: rows x options, 0 where not admitted."""

    person: Index
    taken: Index
    chances: Array
    reward: Array


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval over resampled people."""

    value: float
    low: float
    high: float


def weights(log: Log, policy: Array) -> Array:
    """How much likelier each logged choice would have been. ``policy``: rows x options, each row sums to 1."""
    rows = np.arange(len(log.taken))
    return np.asarray(policy[rows, log.taken] / log.chances[rows, log.taken])


def effective(log: Log, policy: Array) -> float:
    """How many decisions of the policy's own the log is worth (Kish)."""
    weight = weights(log, policy)
    total = float(np.sum(weight**2))
    return float(np.sum(weight)) ** 2 / total if total else 0.0


def ips(log: Log, policy: Array) -> float:
    """Inverse propensity weighting. Raises TooFew."""
    _enough(log, policy)
    return float(np.mean(weights(log, policy) * log.reward))


def snips(log: Log, policy: Array) -> float:
    """Self-normalised inverse propensity weighting. Raises TooFew."""
    _enough(log, policy)
    weight = weights(log, policy)
    return float(np.sum(weight * log.reward) / np.sum(weight))


def doubly_robust(log: Log, policy: Array, expected: Array) -> Array:
    """Each row's share of the estimate; its mean is the value. Raises TooFew.

    ``expected``: rows x options, the reward that a model fitted on *other* people expects.
    """
    _enough(log, policy)
    rows = np.arange(len(log.taken))
    missed = log.reward - expected[rows, log.taken]
    return np.asarray((policy * expected).sum(axis=1) + weights(log, policy) * missed)


def by_person(values: Array, person: Index, seed: int) -> Interval:
    """The mean of ``values`` and its interval when whole people are drawn again."""
    _, place = np.unique(person, return_inverse=True)
    sums, counts = np.bincount(place, values), np.bincount(place).astype(float)
    picked = np.random.default_rng(seed).integers(0, len(sums), (_DRAWS, len(sums)))
    drawn = sums[picked].sum(axis=1) / counts[picked].sum(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def _enough(log: Log, policy: Array) -> None:
    ess = effective(log, policy)
    if ess < LEAST_ESS:
        raise TooFew(ess)
