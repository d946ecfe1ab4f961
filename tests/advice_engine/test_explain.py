"""Explaining a decision: the same that the worker then takes, and nothing written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from small_town import Town
from typer.testing import CliRunner

from advice_engine.explain import explain, told
from advice_engine.gather import gather
from advice_engine.run import work_once
from phr_api.cli import app
from store import choices, due
from store.clock import civil_day

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def lazy(town: Town, at: datetime = NOW) -> int:
    person = town.person()
    for back in range(28):
        town.day(person, civil_day(at) - timedelta(days=back), "steps", 2500, total=True)
    return person


def test_what_is_explained_is_what_the_worker_then_decides(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    for person in [lazy(town) for _ in range(6)]:
        conn.execute("begin read only")
        found = explain(conn, person, NOW)
        conn.execute("commit")
        assert found is not None and "steps_more" in found.spoke
        due.mark(conn, "advice", [(person, civil_day(NOW))])
        while work_once(db, NOW):
            pass
        [(spoke, shown, held, push)] = conn.execute(
            "select spoke, shown, held, push from health.decisions where person_id = %s", (person,)
        ).fetchall()
        assert (found.spoke, found.shown, found.held, found.pushed) == (tuple(spoke), tuple(shown), held, push)
        [choice] = [one for one in choices.all_since(conn, NOW - timedelta(days=1)) if one.person_id == person]
        assert found.chosen == choice.family and found.because == choice.because
        assert [one["chance"] for one in found.options] == [one["chance"] for one in choice.options]


def test_vetoes_and_red_flags_are_named(conn: psycopg.Connection, town: Town) -> None:
    person = lazy(town)
    town.pressures(person, civil_day(NOW), 172, 104)
    found = explain(conn, person, NOW)
    assert found is not None and found.options == [] and found.chosen == ""
    assert any(why.startswith("red flag first") for why in found.held.values())


def test_facts_are_told_as_counts_and_days_without_a_value(conn: psycopg.Connection, town: Town) -> None:
    person = lazy(town)
    found = told(gather(conn, [person], civil_day(NOW))[person])
    assert found == {"days: steps": "28, 2026-10-24 to 2026-11-20"}
    assert explain(conn, person + 1000, NOW) is None


@pytest.fixture
def phr(database: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("PHR_DATABASE_URL", database)
    return CliRunner()


def test_the_command_prints_it_and_the_person_sees_the_look(
    phr: CliRunner, conn: psycopg.Connection, town: Town
) -> None:
    person = lazy(town, datetime.now(UTC))
    [(public,)] = conn.execute("select public_id from health.people where person_id = %s", (person,)).fetchall()
    shown = phr.invoke(app, ["advise", "--person", str(public), "--explain"])
    assert shown.exit_code == 0, shown.output
    assert "steps_more" in shown.output and "walking" in shown.output and "2500" not in shown.output
    plain = json.loads(phr.invoke(app, ["advise", "--person", str(public), "--explain", "--json"]).output)
    assert plain["chosen"] in {one["family"] for one in plain["options"]}
    looks = conn.execute("select items, purpose from audit.looks where person_id = %s", (person,)).fetchall()
    assert looks == [("advice", "enquiry")] * 2
    assert conn.execute("select count(*) from health.choices").fetchone() == (0,)


def test_the_command_says_what_it_needs(phr: CliRunner) -> None:
    for given in (["--person", "somebody", "--explain"], ["--explain"]):
        assert phr.invoke(app, ["advise", *given]).exit_code != 0
