"""The refit on the town's own consecutive checkups: a candidate with its gates, never more than that."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version

import psycopg

from advice_engine import learning, risk_refit
from advice_engine.gather import everyone, gather
from advice_engine.risk_columns import pairs
from advice_engine.risk_spline import Sample
from phr_api.commands import learn_risk
from store import models
from store.clock import civil_day
from store.models import NewModel

_CHUNK = 500


def refit(conn: psycopg.Connection, learned_id: str, now: datetime, by: str) -> str:
    """Keep what the local records allow as a candidate; returns a sentence about it."""
    sample = local_pairs(conn, learned_id, now)
    standing = models.active(conn, learned_id)
    before = standing.loaded() if standing else learning_start(learned_id)
    found = risk_refit.refit(before, sample, learning.part(learned_id).inputs)
    counted = f"{len(sample.target)} pairs of checkups, {sample.target.sum():.0f} events"
    if found.how == "none":
        return f"{learned_id}: {counted}: too few, nothing was refitted"
    number = models.add(conn, _candidate(learned_id, sample, found), by)
    shut = [gate.name for gate in found.gates if not gate.passed]
    told = f"gates shut: {', '.join(shut)}" if shut else "every gate passed"
    return f"{learned_id}: {counted}: {found.how} refitted, model {number}; {told}"


def local_pairs(conn: psycopg.Connection, learned_id: str, now: datetime) -> Sample:
    """Of everybody whose records may be looked at now."""
    people = everyone(conn)
    chunks = (people[start : start + _CHUNK] for start in range(0, len(people), _CHUNK))
    return pairs(learned_id, [facts for chunk in chunks for facts in gather(conn, chunk, civil_day(now)).values()])


def learning_start(learned_id: str) -> learning.Parameters:
    """What a refit starts from where no model stands yet."""
    parameters: learning.Parameters = learn_risk.parameters(learn_risk.shipped(learned_id))
    return parameters


def _candidate(learned_id: str, sample: Sample, found: risk_refit.Refit) -> NewModel:
    held = b"".join(sample.columns[name].tobytes() for name in sorted(sample.columns)) + sample.target.tobytes()
    return NewModel(
        learned_id=learned_id,
        kind="risk",
        code_version=version("sakata-phr"),
        data_sha256=sha256(held).hexdigest(),
        data_rows={"train": len(sample.target), "events": int(sample.target.sum())},
        parameters=learning.text(found.parameters),
        metrics=found.cells,
        gates=[asdict(gate) for gate in found.gates],
    )
