"""Last month's statistics are made once, from who agreed, and shown to researchers' programs alone."""

from __future__ import annotations

from csv import DictReader
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from callers import Town, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from phr_api import releases
from store import consents, people, registry, sessions, statistics
from store.pool import open_pool
from store.settings import Settings

SEPTEMBER, LATER = date(2026, 9, 1), datetime(2026, 10, 8, 3, tzinfo=UTC)
SETTINGS = Settings()


@pytest.fixture
def crowd(conn: psycopg.Connection) -> list[tuple[int, int]]:
    """Forty women and thirty men in their sixties who agreed a while ago, with a month of steps: person, consent."""
    made = []
    for number in range(70):
        sex = "female" if number < 40 else "male"
        person_id = people.add(conn, birth_date=date(1961, 5, 3), sex=sex, name="統計 さん").person_id
        conn.execute(
            "insert into health.days (person_id, day, metric, n, total, mean, low, high, last)"
            " select %s, date '2026-09-01' + back, 'steps', 1, %s, 0, 0, 0, 0 from generate_series(0, 29) as back",
            (person_id, 4000 + 100 * number),
        )
        given = {"purpose": "statistics", "recipient": "city", "items": ["readings"], "text_version": "1"}
        since = datetime.now(UTC) - timedelta(days=60)
        made.append((person_id, consents.give(conn, person_id, **given, given_by="self", valid_from=since)))
    return made


@pytest.fixture
def jobs(database: str) -> ConnectionPool:
    with open_pool(database, role="phr_jobs") as opened:
        yield opened


def test_last_months_tables_are_made_once_and_not_too_early(
    jobs: ConnectionPool, conn: psycopg.Connection, crowd: list[tuple[int, int]]
) -> None:
    assert releases.make_due(SETTINGS, jobs, LATER - timedelta(days=1)) == 0
    assert releases.make_due(Settings(statistics_day=0), jobs, LATER) == 0
    assert releases.make_due(SETTINGS, jobs, LATER) == 1
    assert releases.make_due(SETTINGS, jobs, LATER) == 0
    [release] = statistics.releases(conn, "062049")
    assert (release.month, release.smallest) == (SEPTEMBER, 10)
    steps = {(one.sex, one.ages): one for one in statistics.cells(conn, release.release_id) if one.what == "steps"}
    assert steps["female", "60-69"].people == 40 and steps["female", "60-69"].median == 6000
    assert steps["male", "60-69"].people == 30 and steps["male", "60-69"].q1 is None


def test_a_withdrawal_while_it_is_made_stops_the_release_and_the_next_one_counts_without_them(
    jobs: ConnectionPool, conn: psycopg.Connection, crowd: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = statistics.tally

    def tally(*args: object, **given: object) -> object:
        found = counting(*args, **given)  # type: ignore[arg-type]
        consents.withdraw(conn, *crowd[0], datetime.now(UTC) - timedelta(minutes=30))  # committed as late as that
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(statistics, "tally", tally)
        assert releases.make_due(SETTINGS, jobs, LATER) == 0
    assert statistics.releases(conn, "062049") == []
    assert releases.make_due(SETTINGS, jobs, LATER) == 1
    [release] = statistics.releases(conn, "062049")
    [everybody] = [
        one
        for one in statistics.cells(conn, release.release_id)
        if (one.what, one.sex, one.ages) == ("steps", "all", "all")
    ]
    assert everybody.median == 7500  # of 4,100 to 10,900; with the first person it was 7,450


def test_the_rules_that_are_counted_are_there_and_none_points_to_an_illness() -> None:
    rules = {rule.id: rule for rule in registry.load("advice_engine.rules", "RULE")}
    told = [rule for table in releases.TABLES for rule in table.rules]
    assert len(told) == len(set(told)) == 11
    assert {rules[rule].kind for rule in told} == {"advice"}


def test_a_researchers_program_reads_what_is_out_and_is_written_down(
    app: FastAPI, conn: psycopg.Connection, jobs: ConnectionPool, town: Town, crowd: list[tuple[int, int]]
) -> None:
    releases.make_due(SETTINGS, jobs, LATER)
    conn.execute("insert into identity.clients (client_id, role) values ('koeki', 'researcher')")
    token = sessions.open(conn, client_id="koeki")
    with TestClient(app, headers=bearer(token), raise_server_exceptions=False) as program:
        told = program.get("/api/statistics").json()
        assert (told["town"], told["month"], told["months"]) == ("062049", "2026-09", ["2026-09"])
        [men] = [one for one in told["groups"] if (one["what"], one["sex"], one["ages"]) == ("steps", "male", "60-69")]
        assert (men["people"], men["unit"], men["q1"]) == (30, "{steps}", None)
        answer = program.get("/api/statistics.csv", params={"month": "2026-09"})
        rows = list(DictReader(answer.text.splitlines()))
        assert "062049_health_statistics_20260901.csv" in answer.headers["Content-Disposition"]
        assert len(rows) == len(told["groups"]) and rows[0]["month"] == "2026-09"
        assert program.get("/api/statistics", params={"month": "2026-08"}).status_code == 404
        assert program.get("/api/statistics", params={"town": "064611"}).status_code == 404
        assert program.get("/api/nurse/worklist").status_code == 403
    with TestClient(app, headers=bearer(town.hanako_token)) as citizen:
        assert citizen.get("/api/statistics").status_code == 403
    looks = conn.execute(
        "select role, person_id, allowed from audit.looks where actor = 'client:koeki' and items = 'statistics'"
    ).fetchall()
    assert looks == [("researcher", None, True)] * 2
