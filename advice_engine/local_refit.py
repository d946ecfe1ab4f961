"""The refit on the town's own consecutive checkups: a candidate with its gates, never more than that.

Once a month by the worker, and whenever somebody asks for it (``phr learn train --local``). It stands only after two
weeks in the shadow, with every gate passed, on a person's word.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files

import psycopg

from advice_engine import learning, risk_refit
from advice_engine.gather import everyone, gather
from advice_engine.risk_columns import pairs
from advice_engine.risk_spline import Sample
from store import models
from store.clock import civil_day
from store.models import NewModel

_CHUNK = 500
BY = "worker:advice"

log = logging.getLogger(__name__)


def refit_all(conn: psycopg.Connection, now: datetime) -> int:
    """The month's refit of every risk score; returns of how many. Nothing of it orders anybody."""
    parts = [part.id for part in learning.every() if part.kind == "risk"]
    for part in parts:
        log.info("%s", refit(conn, part, now, BY))
    return len(parts)


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
    parameters: learning.Parameters = json.loads(shipped(learned_id).parameters)
    return parameters


def shipped(learned_id: str) -> NewModel:
    """The candidate that comes with the product. Raises FileNotFoundError, or ChangedParameters for a changed one."""
    held = json.loads((files("advice_engine") / "shipped" / f"{learned_id}.json").read_text("utf-8"))
    parameters = learning.checked(held["parameters"], held.pop("sha256"))
    return NewModel(**(held | {"parameters": learning.text(parameters)}))


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
