"""An invented town on which the ranker is tried before anybody is told anything: people whose inclinations are known.

People differ in how much they follow at all (sd 0.6 in logit, as in the HeartSteps trial) and, by ``taste``, in which
family suits them. Each week each person is told one of the families that happen to be admitted. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advice_engine.learned import ranker
from advice_engine.off_policy import Array, Index, Log

Mask = NDArray[np.bool_]
Policy = Callable[[Array, Array], Array]  # (done, tried) so far, people x families -> value of each family

FAMILIES = 8
ADMITTED = 0.6
INCLINATION = 0.6  # sd in logit of how much people follow at all
LATE_WEEKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """``truth``: people x families, how likely each follows; ``admitted``: weeks x people x families."""

    truth: Array
    admitted: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What happened. ``late``: expected share followed in the last weeks; the log is in order of weeks."""

    late: float
    log: Log
    admitted: Mask


def invent(taste: float, seed: int, *, people: int = 400, weeks: int = 26) -> Town:
    """A town; ``taste`` is the sd in logit of a person's liking for a family."""
    dice = np.random.default_rng(seed)
    common = np.linspace(-0.75, 0.05, FAMILIES)[dice.permutation(FAMILIES)]
    own = dice.normal(0, INCLINATION, (people, 1)) + dice.normal(0, taste, (people, FAMILIES))
    admitted = dice.random((weeks, people, FAMILIES)) < ADMITTED
    admitted[..., 0] |= ~admitted.any(axis=2)
    return Town(truth=1 / (1 + np.exp(-(common + own))), admitted=admitted)


def live(town: Town, policy: Policy, seed: int) -> Lived:
    """Half a year under this policy, with the floor and the uniform draws of the ranker."""
    dice = np.random.default_rng(seed)
    weeks, people, _ = town.admitted.shape
    done, tried = np.zeros_like(town.truth), np.zeros_like(town.truth)
    rows = np.arange(people)
    late, taken_all, chances_all, reward_all = [], [], [], []
    for week in range(weeks):
        chances = spread(policy(done, tried), town.admitted[week])
        taken = _draw(chances, dice.random((people, 1)))
        reward = (dice.random(people) < town.truth[rows, taken]).astype(float)
        done[rows, taken] += reward
        tried[rows, taken] += 1
        late.append(float((chances * town.truth).sum(axis=1).mean()))
        taken_all.append(taken)
        chances_all.append(chances)
        reward_all.append(reward)
    log = Log(np.tile(rows, weeks), np.concatenate(taken_all), np.concatenate(chances_all), np.concatenate(reward_all))
    return Lived(late=float(np.mean(late[-LATE_WEEKS:])), log=log, admitted=town.admitted.reshape(-1, FAMILIES))


def pooled(done: Array, tried: Array) -> Array:
    """The ranker as it is."""
    known = ranker.fit({"families": [""] * FAMILIES, "done": done, "tried": tried})
    return ranker.means(np.array(known["rates"]), known["kappa"], done, tried)


def one_for_all(done: Array, tried: Array) -> Array:
    """The town's rates for everybody: no person is known."""
    rates = np.array(ranker.fit({"families": [""] * FAMILIES, "done": done, "tried": tried})["rates"])
    return np.broadcast_to(rates, done.shape)


def at_random(done: Array, tried: Array) -> Array:
    """No value at all: with equal values for all, ``spread`` draws uniformly."""
    return np.full_like(done, np.nan)


def spread(values: Array, admitted: Mask) -> Array:
    """The ranker's probabilities for many people at once: ``ranker.probabilities`` of what is admitted, row by row."""
    count = admitted.sum(axis=1, keepdims=True)
    uniform = admitted / count
    if np.isnan(values).all():
        return np.asarray(uniform)
    best = np.where(admitted, values, -np.inf).argmax(axis=1)
    least = np.minimum(ranker.FLOOR, ranker.FLOORS / count)
    greedy = admitted * least
    greedy[np.arange(len(best)), best] = (1 - (count - 1) * least)[:, 0]
    return np.asarray(ranker.UNIFORM * uniform + (1 - ranker.UNIFORM) * greedy)


def favourite(values: Array, admitted: Mask) -> Array:
    """Always the best admitted one, with no exploring: a policy that the log never followed."""
    best = np.where(admitted, values, -np.inf).argmax(axis=1)
    return np.asarray(np.eye(admitted.shape[1])[best])


def _draw(chances: Array, place: Array) -> Index:
    beyond = place >= chances.cumsum(axis=1)
    last = chances.shape[1] - 1 - (chances[:, ::-1] > 0).argmax(axis=1)  # the sum may fall short of 1 by a rounding
    return np.asarray(np.minimum(beyond.sum(axis=1), last))
