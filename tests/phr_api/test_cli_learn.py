"""`phr learn`: the register at the command line, and the bars on the public data."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from advice_engine import local_refit
from advice_engine.risk_anchor import CellCheck
from advice_engine.risk_metrics import Metrics
from phr_api.cli import app
from phr_api.commands import learn_data, learn_risk

GOOD = Metrics(n=1000, events=60, auc=0.79, brier=0.044, o_e=1.0)
CELL = CellCheck("male", 40, 1000.0, 0.17, 0.09, 0.075, 0.075)


@pytest.fixture
def phr(database: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("PHR_DATABASE_URL", database)
    return CliRunner()


def test_shipped_candidates_are_kept_and_none_stands(phr: CliRunner, conn: psycopg.Connection) -> None:
    assert phr.invoke(app, ["learn", "train"]).exit_code == 0
    told = phr.invoke(app, ["learn", "list"]).output
    assert "high_glucose" in told and "high_pressure" in told and "active" not in told
    assert conn.execute("select distinct state from health.models").fetchall() == [("candidate",)]
    assert conn.execute("select count(*) from health.model_pointers").fetchone() == (0,)
    assert conn.execute("select count(*) from audit.looks where items = 'models'").fetchone() == (1,)


def test_nobody_can_approve_before_two_weeks_and_the_command_says_why(phr: CliRunner, conn: psycopg.Connection) -> None:
    phr.invoke(app, ["learn", "train"])
    assert phr.invoke(app, ["learn", "shadow", "1"]).exit_code == 0
    refused = phr.invoke(app, ["learn", "approve", "1", "--by", "保健師長"])
    assert refused.exit_code == 1 and "stays in the shadow until" in refused.output
    conn.execute("update health.models set shadow_since = now() - interval '15 days' where model_id = 1")
    assert phr.invoke(app, ["learn", "approve", "1", "--by", "保健師長"]).exit_code == 0
    back = phr.invoke(app, ["learn", "rollback", "high_glucose", "--by", "保健師長", "--reason", "見直し"])
    assert back.exit_code == 0 and "no model stands now" in back.output


def test_a_local_refit_of_too_few_records_is_said_and_keeps_nothing(phr: CliRunner, conn: psycopg.Connection) -> None:
    told = phr.invoke(app, ["learn", "train", "--local"])
    assert told.exit_code == 0 and "too few" in told.output
    assert conn.execute("select count(*) from health.models").fetchone() == (0,)


def test_a_number_below_its_bar_shuts_the_gate() -> None:
    groups = {name: GOOD for name in ("everybody", "women", "men", "NH Asian")}
    assert all(gate.passed for gate in learn_risk.gates("high_glucose", groups, [CELL]))
    weak = Metrics(**asdict(GOOD) | {"auc": 0.74, "brier": 0.0446})
    shut = [gate.name for gate in learn_risk.gates("high_glucose", groups | {"women": weak}, [CELL]) if not gate.passed]
    assert shut == ["AUC women"]
    far = CellCheck("male", 40, 1000.0, 0.17, 0.09, 0.082, 0.075)
    shut = [gate.name for gate in learn_risk.gates("high_pressure", groups, [far]) if not gate.passed]
    assert len(shut) == 2


def test_a_shipped_file_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shipped"
    folder.mkdir()
    held = json.loads(learn_risk.written(learn_risk.shipped("high_glucose")))
    held["parameters"]["intercept"] += 0.1
    (folder / "high_glucose.json").write_text(json.dumps(held), "utf-8")
    monkeypatch.setattr(local_refit, "files", lambda _: tmp_path)
    with pytest.raises(learn_risk.Problem, match="not the parameters"):
        learn_risk.shipped("high_glucose")


@pytest.mark.interop
def test_the_areas_tables_are_read_with_their_suppressed_cells(shared: Path) -> None:
    folder = shared / "data"
    if not folder.is_dir():
        pytest.skip("the public data are not there")
    found = learn_data.published(learn_data.bins(folder, 2021), "high_glucose")
    assert len(found.share) == 14
    everybody = sum(found.people.values())
    share = sum(found.share[cell] * found.people[cell] for cell in found.share) / everybody
    assert 39_000 < everybody < 40_500 and 0.070 < share < 0.080  # published: 39,621 people, 7.5 %
    assert all(sum(margin.shares) == pytest.approx(1) for cell in found.margins.values() for margin in cell.values())
    assert (
        "office_bp_sys"
        not in learn_data.published(learn_data.bins(folder, 2021), "high_pressure").margins[("male", 40)]
    )
