"""The demo's watch over leftovers, its live lines, and `phr migrate`."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from typer.testing import CliRunner

from phr_api.cli import app
from phr_api.commands import demo_feed, demo_folder, demo_watch
from phr_api.commands.demo_feed import Feed, News, most_fitting, said
from phr_api.commands.problem import Problem
from store import advice, people, readings, registrations
from store.model import Reading

NOW = datetime.now(UTC).replace(microsecond=0)


def spoken(rule_id: str, title: str, metric: str, rank: int = 0) -> advice.Spoken:
    return advice.Spoken(
        rule_id=rule_id,
        kind="advice",
        urgency=1,
        audience="citizen",
        title=title,
        body="…",
        reason="…",
        rests_on=[{"metric": metric, "what": "…", "value": "…", "at": "2026-11-21"}],
        source={"guideline": "…", "year": 2023, "section": "…", "verified": True},
        rank=rank,
    )


@pytest.fixture
def citizen(conn: psycopg.Connection) -> int:
    return people.add(conn, birth_date=date(1960, 1, 1), sex="female", name="羽黒 ハル").person_id


@pytest.fixture
def source(conn: psycopg.Connection, citizen: int) -> int:
    conn.execute("insert into health.gateways (gateway_id, password_hash) values ('gw-1', '$7$')")
    added = registrations.add(
        conn, gateway_id="gw-1", device="cuff", model="phr_readings", label="血圧計", person_id=citizen
    )
    return added.source_id


def arrived(conn: psycopg.Connection, person: int, source: int, **values: float) -> None:
    at = NOW + timedelta(seconds=1)
    readings.add(conn, [Reading(person, word, at, source, value, 0, 0, at) for word, value in values.items()])


def test_a_reading_that_was_judged_becomes_a_line_with_its_advice(
    conn: psycopg.Connection, citizen: int, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_feed, "_PATIENCE", 600.0)
    arrived(conn, citizen, source, temperature=36.5)
    feed = Feed(conn)
    advice.settle(conn, {citizen: [spoken("salt", "みそ汁は1日1杯に", "bp_sys")]}, NOW)
    assert list(feed.lines()) == []
    at = NOW + timedelta(seconds=5)
    rows = (("bp_sys", 151), ("bp_dia", 92), ("pulse", 70))
    readings.add(conn, [Reading(citizen, word, at, source, value, 0, 0, at) for word, value in rows])
    assert list(feed.lines()) == []  # not judged yet
    conn.execute(
        "insert into health.decisions (person_id, at, facts_hash, spoke, shown, held, push)"
        " values (%s, %s, '', '{}', '{}', '{}', '{}')",
        (citizen, at),
    )
    (line,) = feed.lines()
    assert line.endswith("羽黒 ハル  血圧 151/92 mmHg → みそ汁は1日1杯に")
    assert list(feed.lines()) == []


def test_many_readings_at_once_give_a_few_lines(
    conn: psycopg.Connection, citizen: int, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_feed, "_PATIENCE", 0.0)
    arrived(conn, citizen, source, temperature=36.5)  # the feed begins behind it
    feed = Feed(conn)
    late = [NOW + timedelta(seconds=60 + turn) for turn in range(30)]
    readings.add(conn, [Reading(citizen, "weight", at, source, 60 + at.second / 10, 0, 0, at) for at in late])
    assert len(list(feed.lines())) == 2


def test_the_advice_that_rests_on_the_reading_comes_before_the_first_of_all() -> None:
    def row(number: int, title: str, metric: str) -> advice.AdviceRow:
        told: dict[str, Any] = {name: getattr(spoken("r", title, metric), name) for name in advice.Spoken.__slots__}
        return advice.AdviceRow(**told, advice_id=number, person_id=1, judged_at=NOW, created_at=NOW, closed_at=None)

    rows = [row(1, "血圧", "bp_sys"), row(2, "歩く", "steps")]
    assert most_fitting(rows, ("steps_counter",)) == rows[1]
    assert most_fitting(rows, ("temperature",)) == rows[0]
    assert most_fitting([], ("temperature",)) is None


@pytest.mark.parametrize(
    ("metrics", "values", "words"),
    [
        (("weight",), (61.75,), "体重 61.8 kg"),
        (("steps_counter",), (4321.0,), "歩数 4321 歩"),
        (("bp_dia", "bp_sys", "pulse"), (80.0, 120.0, 60.0), "血圧 120/80 mmHg"),
        (("pulse", "spo2"), (60.0, 97.0), "脈拍 60 回/分、SpO2 97 %"),
    ],
)
def test_measurements_are_said_as_people_say_them(
    metrics: tuple[str, ...], values: tuple[float, ...], words: str
) -> None:
    assert said(News(1, NOW, metrics, values, 0.0)) == words


def orphan() -> int:
    """A sleeping process that is nobody's child here."""
    done = subprocess.run("sleep 600 >/dev/null 2>&1 & echo $!", shell=True, capture_output=True, check=True)
    return int(done.stdout)


def test_what_a_killed_demo_left_running_is_stopped(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    left = psutil.Process(orphan())
    demo_watch.note_children(folder, {"broker": left.pid})
    told: list[str] = []
    demo_watch.stop_leftovers(folder, told.append)
    assert not left.is_running()
    assert told == ["broker still runs from a demo that was killed: stopping it"]
    demo_watch.stop_leftovers(folder, told.append)
    assert len(told) == 1


def test_a_process_that_only_got_the_same_number_is_left_alone(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    other = psutil.Process(orphan())
    (folder.path / "children.json").write_text(json.dumps([["broker", other.pid, other.create_time() - 100]]))
    demo_watch.stop_leftovers(folder, print)
    assert other.is_running()
    other.kill()


def test_waiting_ends_with_a_sentence() -> None:
    with pytest.raises(Problem, match="too slow"):
        demo_watch.wait(lambda: False, tend=lambda: None, seconds=0.2, otherwise="too slow")


def test_only_what_was_said_after_the_start_counts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("as ingest-1 \n")
    assert demo_watch.said_since(log, 0, " ingest-1 ")
    assert not demo_watch.said_since(log, log.stat().st_size, " ingest-1 ")
    assert not demo_watch.said_since(tmp_path / "none", 0, "x")


def test_migrate_names_what_it_applied_and_then_has_nothing_to_do(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        conn.execute("drop database if exists phr_empty")
        conn.execute("create database phr_empty")
    monkeypatch.setenv("PHR_DATABASE_URL", server.format(database="phr_empty"))
    assert "applied 0001_ground.sql" in CliRunner().invoke(app, ["migrate"]).stdout
    assert CliRunner().invoke(app, ["migrate"]).stdout == "nothing to do: the schema is up to date\n"


def test_migrate_without_a_database_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHR_DATABASE_URL", raising=False)
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 1
    assert result.stderr.startswith("phr: not set: PHR_DATABASE_URL")


def test_a_database_that_does_not_answer_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHR_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 1
    assert "the database can't be reached" in result.stderr


def test_simulate_needs_a_demo_that_runs(tmp_path: Path) -> None:
    demo_folder.prepare(tmp_path / "demo")
    done = subprocess.run(
        [sys.executable, "-m", "phr_api.cli", "simulate", "--data", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "does not run: start it with `phr up" in done.stderr
