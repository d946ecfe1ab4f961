"""What the ranker's log of the last weeks says of policies that did not decide, how true its values were, what moved.

The values that an estimate leans on were said before the outcome was known, from what was known then: no decision is
expected from itself. Of too few effective decisions no estimate is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg

from advice_engine import off_policy
from advice_engine.families import NONE, families
from advice_engine.learned import ranker
from advice_engine.learning import Parameters
from advice_engine.off_policy import Array, Log, TooFew
from advice_engine.risk_metrics import Drift, calibration
from store import choices, ranker_nights
from store.clock import civil_day
from store.ranker_nights import Night, Rewarded

WINDOW = timedelta(days=90)
SEED = 0


def look_back(conn: psycopg.Connection, now: datetime) -> int:
    """Measure the last 90 days and keep it; returns how many decisions it rests on, 0: nothing to look at yet."""
    newest = choices.newest_model(conn)
    rows = ranker_nights.rewarded(conn, now - 2 * WINDOW)
    recent = [row for row in rows if row.at >= now - WINDOW]
    if newest is None or not recent:
        return 0
    found = measured(recent, choices.models(conn), newest[1])
    drift = moved([row for row in rows if row.at < now - WINDOW], recent)
    ranker_nights.add(conn, Night(day=civil_day(now), model_id=newest[0], **found, drift=drift))
    return len(recent)


def measured(rows: Sequence[Rewarded], models: Mapping[str, Parameters], newest: Parameters) -> dict[str, Any]:
    """Estimates, effective size and agreement of these decisions. Pure."""
    names = list(families())
    log, expected = _log(rows, names), _expected(rows, names, models)
    policies = _policies(rows, names, newest, log)
    estimates: list[dict[str, Any]] = [
        {"policy": "as logged", "effective": float(len(rows)), **_interval(log.reward, log)}
    ]
    estimates += [_estimate(name, policy, log, expected) for name, policy in policies.items()]
    said = expected[np.arange(len(rows)), log.taken]
    agreement = [{"expected": e, "observed": o, "n": n} for e, o, n in calibration(log.reward, said)]
    return {
        "decisions": len(rows),
        "effective": estimates[1]["effective"],
        "estimates": estimates,
        "agreement": agreement,
    }


def _estimate(name: str, policy: Array, log: Log, expected: Array) -> dict[str, Any]:
    """Without a value where the log holds too few decisions of this policy."""
    said: dict[str, Any] = {"policy": name, "effective": off_policy.effective(log, policy)}
    try:
        return said | _interval(off_policy.doubly_robust(log, policy, expected), log)
    except TooFew:
        return said


def moved(before: Sequence[Rewarded], now: Sequence[Rewarded]) -> list[dict[str, Any]]:
    """PSI of what was admitted and of what was followed, against the 90 days before; empty without those. Pure."""
    if not before:
        return []
    sizes, both = (len(before), len(now)), (before, now)
    offered = [Counter(str(option["family"]) for row in rows for option in row.options) for rows in both]
    followed = [Counter(str(int(row.reward)) for row in rows) for rows in both]
    found = (_psi("families admitted", offered, sizes), _psi("followed", followed, sizes))
    return [{"input": one.input, "psi": one.psi, "line": one.line} for one in found]


def _psi(name: str, counted: Sequence[Counter[str]], sizes: tuple[int, int]) -> Drift:
    """``counted``: before and now."""
    bins = sorted(set().union(*counted))
    old, new = (np.array([held[key] for key in bins]) + 0.5 for held in counted)
    old, new = old / old.sum(), new / new.sum()
    line = (len(bins) - 1) * sum(1 / size for size in sizes) * 2 + 0.02
    return Drift(name, float(((new - old) * np.log(new / old)).sum()), line)


def _log(rows: Sequence[Rewarded], names: Sequence[str]) -> Log:
    """Among those that were pushed: chances are those given that something was."""
    place = {name: at for at, name in enumerate(names)}
    chances = np.zeros((len(rows), len(names)))
    for at, row in enumerate(rows):
        for option in row.options:
            if option["family"] != NONE:
                chances[at, place[option["family"]]] = option["chance"]
    return Log(
        np.array([row.person_id for row in rows]),
        np.array([place[row.family] for row in rows]),
        chances / chances.sum(axis=1, keepdims=True),
        np.array([row.reward for row in rows]),
    )


def _expected(rows: Sequence[Rewarded], names: Sequence[str], models: Mapping[str, Parameters]) -> Array:
    return np.array([_values(models[row.model_id], row, names) for row in rows])


def _values(parameters: Parameters, row: Rewarded, names: Sequence[str]) -> list[float]:
    known = ranker.score(parameters, {family: (one[0], one[1]) for family, one in row.snapshot.items()})
    return [known.get(name, 0.0) for name in names]


def _policies(rows: Sequence[Rewarded], names: Sequence[str], newest: Parameters, log: Log) -> dict[str, Array]:
    """The newest model's best and the town's favourite, both without exploring; and chance."""
    admitted = log.chances > 0
    rates = dict(zip(newest["families"], newest["rates"], strict=True))
    town = np.broadcast_to([rates.get(name, 0.0) for name in names], admitted.shape)
    own = np.array([_values(newest, row, names) for row in rows])
    return {
        "newest model, no exploring": _best(own, admitted),
        "the town's favourite for all": _best(town, admitted),
        "by chance": admitted / admitted.sum(axis=1, keepdims=True),
    }


def _best(values: Array, admitted: Any) -> Array:
    best = np.where(admitted, values, -np.inf).argmax(axis=1)
    return np.asarray(np.eye(admitted.shape[1])[best])


def _interval(shares: Array, log: Log) -> dict[str, float]:
    found = off_policy.by_person(shares, log.person, SEED)
    return {"value": found.value, "low": found.low, "high": found.high}
