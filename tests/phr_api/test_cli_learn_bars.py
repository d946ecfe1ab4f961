"""`phr learn`: every bar by one command, the estimators', the districts'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import psycopg
import pytest
from callers import Town
from typer.testing import CliRunner

from advice_engine import cohort_trials, estimate_trials
from advice_engine.cohort_trials import Quiet
from advice_engine.estimate_trials import Errors
from advice_engine.risk_refit import Gate
from phr_api.cli import app
from phr_api.commands import learn_bars, learn_data, learn_gates, learn_ranker, learn_risk
from phr_api.commands.learn_data import People


def gates(*names: str, passed: bool = True) -> list[Gate]:
    return [Gate(name, "1", ">= 0", passed) for name in names]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes minutes answers at once: one check of the ranker's part is not met."""
    answers = {"outside": 3, "trial": 5, "response": 2, "simulation": 4, "truth": 4}
    for name, count in answers.items():
        made = gates(*(f"{name} {place}" for place in range(count)), passed=name != "truth")
        monkeypatch.setattr(learn_ranker, name, lambda *_, made=made: made)

    def risk(_: Path) -> Iterator[tuple[int, Gate]]:
        return iter([(12, gates("AUC")[0]), (13, gates("Shonai")[0]), (14, gates("slope")[0])])

    monkeypatch.setattr(estimate_trials, "weight_simulated", lambda *_: 0.95)
    monkeypatch.setattr(estimate_trials, "pressure", lambda people, _: Errors(people, 20.0, 18.0, 16.0))
    monkeypatch.setattr(cohort_trials, "quiet", lambda *_: Quiet(30.0, 9.0, 0.6))
    monkeypatch.setattr(cohort_trials, "found", lambda shift, *_: shift / 10)
    monkeypatch.setattr(learn_bars, "risk", risk)


@pytest.mark.interop
def test_one_command_prints_every_bar_met_or_not(quick: None, shared: Path, tmp_path: Path) -> None:
    if not (shared / "data").is_dir():
        pytest.skip("the public data are not there")
    out = tmp_path / "bars.json"
    small = ["--states", "10", "--towns", "4", "--quarters", "4", "--households", "5", "--json", str(out)]
    told = CliRunner().invoke(app, ["learn", "bars", "--data", str(shared / "data"), *small])
    assert told.exit_code == 0, told.output
    found = json.loads(out.read_text("utf-8"))
    assert {one["number"] for one in found} == set(range(1, 18))
    assert [one["number"] for one in found] == sorted(one["number"] for one in found)
    assert "NOT MET" in told.output and [one for one in found if one["number"] == 8 and not one["passed"]]


def test_a_number_below_its_line_is_not_met_and_one_without_a_line_says_nothing() -> None:
    assert learn_gates.row(gates("x", passed=False)[0]) == ("x", "1", ">= 0", "NOT MET")
    assert learn_gates.row(gates("x")[0]) == ("x", "1", ">= 0", "met")
    assert learn_gates.row(learn_gates.compared("x", "1")) == ("x", "1", "-", "")


def test_a_folder_without_the_public_data_is_said(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["learn", "estimates", "--data", str(tmp_path)])
    assert told.exit_code == 1 and "--data names the folder" in told.output


def test_the_districts_are_tried_and_written(quick: None, tmp_path: Path) -> None:
    out = tmp_path / "cohorts.json"
    told = CliRunner().invoke(app, ["learn", "cohorts", "--towns", "4", "--json", str(out)])
    assert told.exit_code == 0, told.output
    found = json.loads(out.read_text("utf-8"))
    assert [(one["measured"], one["passed"]) for one in found if one["bar"] != "-"] == [
        ("0.60", False),
        ("0.80", False),
    ]


def test_the_refit_that_stands_for_a_towns_own_is_gated_on_who_was_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn_risk, "PARTS", ())
    monkeypatch.setattr(learn_data, "people", lambda _: _people(1500))
    found = list(learn_bars.risk(Path("anywhere")))
    assert {number for number, _ in found} == {14}
    assert all("refit on NHANES 2015-18 (all of it), held out" in one.name for _, one in found)
    assert any("slope" in one.name for _, one in found)


def _people(count: int) -> People:
    """Seen in 2013 and 2015, half of them each; the more weight, the more often the target."""
    draw = np.random.default_rng(1)
    bmi = draw.normal(26, 4, count)
    inputs = {"age": draw.uniform(40, 79, count), "male": draw.integers(0, 2, count) * 1.0, "bmi": bmi}
    extra = {
        "cycle": np.where(np.arange(count) % 2, 2015.0, 2013.0),
        "high_glucose": (draw.random(count) < 1 / (1 + np.exp(-(bmi - 26) / 3))) * 1.0,
    }
    return People(inputs, extra)


@pytest.fixture
def phr(database: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("PHR_DATABASE_URL", database)
    return CliRunner()


def lives(conn: psycopg.Connection) -> list[tuple[int, str]]:
    return conn.execute("select person_id, district from health.districts order by person_id").fetchall()


def test_districts_are_noted_changed_and_taken_away_and_the_audit_says_so(
    phr: CliRunner, town: Town, conn: psycopg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "districts.csv"
    hanako, taro = town.hanako, town.taro
    file.write_text(f"public_id,district\n{hanako.public_id},港\n{taro.public_id},松原\n{uuid4()},東\n", "utf-8-sig")
    told = phr.invoke(app, ["learn", "districts", str(file)])
    assert told.exit_code == 0 and "2 of 3 are people of this record" in told.output
    assert lives(conn) == [(hanako.person_id, "港"), (taro.person_id, "松原")]
    file.write_text(f"public_id,district\n{hanako.public_id},八幡\n{taro.public_id},\n", "utf-8")
    assert phr.invoke(app, ["learn", "districts", str(file)]).exit_code == 0
    assert lives(conn) == [(hanako.person_id, "八幡")]
    assert conn.execute("select count(*) from audit.looks where items = 'districts'").fetchone() == (2,)


@pytest.mark.parametrize("text", ["public_id\nx\n", "person,district\n1,港\n", "public_id,district\nnobody,港\n"])
def test_a_file_of_another_shape_changes_nothing(
    phr: CliRunner, town: Town, conn: psycopg.Connection, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "districts.csv"
    file.write_text(text, "utf-8")
    told = phr.invoke(app, ["learn", "districts", str(file)])
    assert told.exit_code == 1 and "has no public_id" in told.output
    assert lives(conn) == []
    assert phr.invoke(app, ["learn", "districts", str(tmp_path / "none.csv")]).exit_code == 1
