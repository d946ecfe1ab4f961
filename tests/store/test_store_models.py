"""The register of models: who may stand, who decided, and the way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from store import models
from store.models import SHADOW, DamagedModel, NewModel, NotAllowed

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
GOOD = {"name": "slope", "measured": "1.00", "bar": "0.85-1.15", "passed": True}


def _new(number: float = 1.0, gates: list[dict[str, Any]] | None = None) -> NewModel:
    return NewModel(
        learned_id="high_glucose",
        kind="risk",
        code_version="0.1.0",
        data_sha256="0" * 64,
        data_rows={"train": 10},
        parameters=json.dumps({"intercept": number}),
        metrics={},
        gates=[GOOD] if gates is None else gates,
    )


def _standing(conn: psycopg.Connection, number: float, at: datetime) -> int:
    model = models.add(conn, _new(number), "operator:test")
    models.shadow(conn, model, "operator:test", at - SHADOW)
    models.approve(conn, model, "保健師長", at)
    return model


def test_a_candidate_stands_nowhere_until_a_person_approves_it_after_two_weeks(conn: psycopg.Connection) -> None:
    model = models.add(conn, _new(), "operator:test")
    with pytest.raises(NotAllowed, match="in the shadow first"):
        models.approve(conn, model, "保健師長", NOW)
    models.shadow(conn, model, "operator:test", NOW)
    with pytest.raises(NotAllowed, match="until 2026-11-15"):
        models.approve(conn, model, "保健師長", NOW + SHADOW - timedelta(seconds=1))
    assert models.active(conn, "high_glucose") is None
    assert [one.model_id for one in models.in_shadow(conn, "high_glucose")] == [model]
    models.approve(conn, model, "保健師長", NOW + SHADOW)
    standing = models.active(conn, "high_glucose")
    assert standing is not None and (standing.model_id, standing.approver) == (model, "保健師長")
    assert standing.loaded() == {"intercept": 1.0}


@pytest.mark.parametrize("gates", [[], [GOOD, GOOD | {"name": "O/E", "passed": False}], [GOOD | {"passed": None}]])
def test_a_gate_that_is_shut_or_was_never_measured_keeps_it_in_the_shadow(
    conn: psycopg.Connection, gates: list[dict[str, Any]]
) -> None:
    model = models.add(conn, _new(gates=gates), "operator:test")
    models.shadow(conn, model, "operator:test", NOW)
    with pytest.raises(NotAllowed, match="has not passed"):
        models.approve(conn, model, "保健師長", NOW + SHADOW)


def test_a_roll_back_points_at_the_one_before_and_then_at_none(conn: psycopg.Connection) -> None:
    first, second = _standing(conn, 1.0, NOW), _standing(conn, 2.0, NOW + timedelta(days=30))
    assert models.roll_back(conn, "high_glucose", "保健師長", "呼んだ方の声") == first
    standing = models.active(conn, "high_glucose")
    assert standing is not None and standing.model_id == first
    assert models.get(conn, second).state == "retired"
    assert models.roll_back(conn, "high_glucose", "保健師長", "見直し") is None
    assert models.active(conn, "high_glucose") is None
    with pytest.raises(NotAllowed, match="no model stands"):
        models.roll_back(conn, "high_glucose", "保健師長", "見直し")


def test_every_change_is_kept_with_who_made_it_and_why(conn: psycopg.Connection) -> None:
    model = _standing(conn, 1.0, NOW)
    models.roll_back(conn, "high_glucose", "保健師長", "見直し")
    rows = conn.execute("select state, by, reason from health.model_changes where model_id = %s order by 1", (model,))
    assert set(rows.fetchall()) == {
        ("candidate", "operator:test", ""),
        ("shadow", "operator:test", ""),
        ("active", "保健師長", ""),
        ("retired", "保健師長", "見直し"),
    }
    for change in ("delete from health.model_changes", "update health.model_changes set by = 'x'"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            conn.execute(change)


def test_what_was_fitted_can_not_be_changed_and_a_wrong_digest_is_refused(conn: psycopg.Connection) -> None:
    model = models.add(conn, _new(), "operator:test")
    with pytest.raises(psycopg.errors.RaiseException, match="as it was fitted"):
        conn.execute("update health.models set metrics = '{\"x\": 1}'")
    with pytest.raises(psycopg.Error):
        conn.execute("update health.models set sha256 = 'x'")
    conn.execute("alter table health.models disable trigger stays")
    conn.execute("alter table health.models drop constraint digest")
    conn.execute("update health.models set parameters = '{\"intercept\": 9.0}'")
    with pytest.raises(DamagedModel):
        models.get(conn, model).loaded()
    with pytest.raises(DamagedModel):
        models.shadow(conn, model, "operator:test", NOW)


def test_the_same_candidate_is_kept_once(conn: psycopg.Connection) -> None:
    assert models.add(conn, _new(), "operator:test") == models.add(conn, _new(), "operator:test")
    assert len(models.listing(conn)) == 1
