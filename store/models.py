"""The register of what was learnt: candidates, shadows, the one that stands, and who decided it.

A model is JSON text under its sha256. It stands only after two weeks in the shadow, with every gate passed, on a
person's word; it is taken back by a change of one pointer. Every change is kept with who made it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

State = Literal["candidate", "shadow", "active", "retired"]
SHADOW = timedelta(days=14)
_COLUMNS = """model_id, learned_id, kind, created_at, code_version, data_sha256, data_rows, parameters, sha256, metrics,
    gates, state, shadow_since, approver, approved_at"""


class DamagedModel(Exception):
    """The parameters are not those of the digest."""


class NotAllowed(Exception):
    """The register refuses this step; its text says why, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """``parameters``: JSON text. ``gates``: name, measured, bar, passed. ``metrics``: group -> figures."""

    learned_id: str
    kind: str
    code_version: str
    data_sha256: str
    data_rows: dict[str, int]
    parameters: str
    metrics: dict[str, Any]
    gates: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the register."""

    model_id: int
    learned_id: str
    kind: str
    created_at: datetime
    code_version: str
    data_sha256: str
    data_rows: dict[str, int]
    parameters: str
    sha256: str
    metrics: dict[str, Any]
    gates: list[dict[str, Any]]
    state: State
    shadow_since: datetime | None
    approver: str | None
    approved_at: datetime | None

    def loaded(self) -> dict[str, Any]:
        """The parameters. Raises DamagedModel unless they have the digest that they were kept under."""
        if sha256(self.parameters.encode()).hexdigest() != self.sha256:
            raise DamagedModel(f"model {self.model_id} is not what was kept")
        found = json.loads(self.parameters)
        assert isinstance(found, dict)
        return found


def add(conn: psycopg.Connection, new: NewModel, by: str) -> int:
    """Keep a candidate; the same parameters for the same part are one model. Returns its number."""
    known = conn.execute(
        "select model_id from health.models where learned_id = %s and parameters = %s and data_sha256 = %s",
        (new.learned_id, new.parameters, new.data_sha256),
    ).fetchone()
    if known:
        return int(known[0])
    row = conn.execute(
        """insert into health.models (learned_id, kind, code_version, data_sha256, data_rows, parameters, sha256,
                                      metrics, gates)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning model_id""",
        (
            new.learned_id,
            new.kind,
            new.code_version,
            new.data_sha256,
            Jsonb(new.data_rows),
            new.parameters,
            sha256(new.parameters.encode()).hexdigest(),
            Jsonb(new.metrics),
            Jsonb(new.gates),
        ),
    ).fetchone()
    assert row is not None
    _note(conn, row[0], "candidate", by)
    return int(row[0])


def get(conn: psycopg.Connection, model_id: int) -> Model:
    """One model, held until the transaction ends. Raises NotAllowed for an unknown number."""
    query = f"select {_COLUMNS} from health.models where model_id = %s for update"  # noqa: S608 - columns of our own
    found = conn.cursor(row_factory=class_row(Model)).execute(query, (model_id,)).fetchone()
    if found is None:
        raise NotAllowed(f"there is no model {model_id}")
    return found


def listing(conn: psycopg.Connection) -> list[Model]:
    """All of them, the newest first."""
    query = f"select {_COLUMNS} from health.models order by model_id desc"  # noqa: S608 - columns of our own
    return conn.cursor(row_factory=class_row(Model)).execute(query).fetchall()


def active(conn: psycopg.Connection, learned_id: str) -> Model | None:
    """The model that stands, by the pointer; None: nobody has approved one."""
    query = f"select {_COLUMNS} from health.models join health.model_pointers using (learned_id, model_id)"  # noqa: S608
    found = conn.cursor(row_factory=class_row(Model)).execute(query + " where learned_id = %s", (learned_id,))
    return found.fetchone()


def in_shadow(conn: psycopg.Connection, learned_id: str) -> list[Model]:
    """Models that score beside the one that stands, unseen."""
    query = f"select {_COLUMNS} from health.models where learned_id = %s and state = 'shadow'"  # noqa: S608
    return conn.cursor(row_factory=class_row(Model)).execute(query + " order by model_id", (learned_id,)).fetchall()


def shadow(conn: psycopg.Connection, model_id: int, by: str, now: datetime) -> None:
    """Let a candidate score beside, unseen. Raises NotAllowed for anything but a candidate."""
    model = get(conn, model_id)
    if model.state != "candidate":
        raise NotAllowed(f"model {model_id} is {model.state}: only a candidate goes into the shadow")
    model.loaded()
    _set(conn, model_id, "shadow", by)
    conn.execute("update health.models set shadow_since = %s where model_id = %s", (now, model_id))


def approve(conn: psycopg.Connection, model_id: int, by: str, now: datetime) -> None:
    """Let it stand in the place of the one before. Raises NotAllowed while a gate or the two weeks are missing."""
    model = get(conn, model_id)
    if model.state != "shadow" or model.shadow_since is None:
        raise NotAllowed(f"model {model_id} is {model.state}: it must have been in the shadow first")
    if now < model.shadow_since + SHADOW:
        raise NotAllowed(f"model {model_id} stays in the shadow until {model.shadow_since + SHADOW:%Y-%m-%d}")
    shut = [gate["name"] for gate in model.gates if gate["passed"] is not True]
    if shut or not model.gates:
        raise NotAllowed(f"model {model_id} has not passed: {', '.join(shut) or 'no gate was measured'}")
    model.loaded()
    conn.execute("update health.models set approver = %s, approved_at = %s where model_id = %s", (by, now, model_id))
    _stand(conn, model, by, "")


def roll_back(conn: psycopg.Connection, learned_id: str, by: str, reason: str) -> int | None:
    """Point at the model that stood before this one; None: there was none, and now none stands.

    Raises NotAllowed when none stands.
    """
    standing = active(conn, learned_id)
    if standing is None:
        raise NotAllowed(f"no model stands for {learned_id}")
    row = conn.execute(
        """select model_id from health.models where learned_id = %s and state = 'retired' and approver is not null
              and approved_at < (select approved_at from health.models where model_id = %s)
            order by approved_at desc limit 1""",
        (learned_id, standing.model_id),
    ).fetchone()
    if row is None:
        _set(conn, standing.model_id, "retired", by, reason=reason)
        conn.execute("delete from health.model_pointers where learned_id = %s", (learned_id,))
        return None
    _stand(conn, get(conn, row[0]), by, reason)
    return int(row[0])


def _stand(conn: psycopg.Connection, model: Model, by: str, reason: str) -> None:
    standing = active(conn, model.learned_id)
    if standing is not None:
        _set(conn, standing.model_id, "retired", by, reason=reason)
    _set(conn, model.model_id, "active", by, reason=reason)
    conn.execute(
        """insert into health.model_pointers (learned_id, model_id) values (%s, %s)
           on conflict (learned_id) do update set model_id = excluded.model_id, set_at = now()""",
        (model.learned_id, model.model_id),
    )


def _set(conn: psycopg.Connection, model_id: int, state: State, by: str, *, reason: str = "") -> None:
    conn.execute("update health.models set state = %s where model_id = %s", (state, model_id))
    _note(conn, model_id, state, by, reason=reason)


def _note(conn: psycopg.Connection, model_id: int, state: State, by: str, *, reason: str = "") -> None:
    conn.execute(
        "insert into health.model_changes (model_id, state, by, reason) values (%s, %s, %s, %s)",
        (model_id, state, by, reason),
    )
