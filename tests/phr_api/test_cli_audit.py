"""`phr audit`: verify, anchor, scope, seal; and the sealer's process."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from subprocess import PIPE, Popen
from threading import Event

import psycopg
import pytest
from click.testing import Result
from psycopg_pool import ConnectionPool
from typer.testing import CliRunner

from phr_api import sealing
from phr_api.cli import app
from store import audit, looks, people, sealer
from store.people import Person

Run = Callable[..., Result]


@pytest.fixture
def phr(database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PHR_DATABASE_URL", database)
    monkeypatch.setenv("LOGNAME", "sakata-op")
    return lambda *words: CliRunner().invoke(app, ["audit", *words])


@pytest.fixture
def mine(conn: psycopg.Connection) -> Person:
    return people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="鶴岡 みね")


def look(conn: psycopg.Connection, person_id: int | None, **other: object) -> None:
    told = {"actor": "staff:12", "role": "nurse", "action": "read", "items": "advice", "purpose": "guidance"}
    audit.note(conn, person_id=person_id, **(told | other))  # type: ignore[arg-type]


def seal(conn: psycopg.Connection) -> None:
    with conn.transaction():
        sealer.seal(conn)


def test_a_whole_chain_is_said_to_be_whole_and_what_is_not_sealed_is_named(
    phr: Run, conn: psycopg.Connection, mine: Person
) -> None:
    assert phr("verify").output.startswith("nothing is sealed")
    for _ in range(3):
        look(conn, mine.person_id)
    assert phr("seal").output == "3 sealed\n"
    look(conn, mine.person_id)
    told = phr("verify")
    assert told.exit_code == 0
    assert "3 rows read (1 to 3)" in told.output and "1 not sealed yet" in told.output
    assert told.output.rstrip().endswith(f"whole; it ends with {phr('anchor').output.strip()}")


def test_a_broken_chain_is_named_and_the_exit_code_says_so(
    phr: Run, database: str, conn: psycopg.Connection, mine: Person
) -> None:
    for _ in range(3):
        look(conn, mine.person_id)
    seal(conn)
    with psycopg.connect(database, options="-c session_replication_role=replica") as intruder:
        intruder.execute("delete from audit.sealed where number = 2")
    told = phr("verify")
    assert told.exit_code == 1
    assert "removed: row 2 is missing" in told.output and told.output.endswith("BROKEN\n")


def test_an_anchor_that_was_kept_is_compared(phr: Run, conn: psycopg.Connection, mine: Person) -> None:
    look(conn, mine.person_id)
    seal(conn)
    anchor = phr("anchor").output.strip()
    look(conn, mine.person_id)
    seal(conn)
    assert phr("verify", "--anchor", anchor).exit_code == 0
    other = phr("verify", "--anchor", f"1:{'0' * 64}")
    assert other.exit_code == 1 and "rewritten" in other.output
    unread = phr("verify", "--anchor", "hash")
    assert unread.exit_code == 1 and "expected NUMBER:HASH" in unread.output


def test_the_scope_of_a_leak_counts_persons_kinds_and_tries(phr: Run, conn: psycopg.Connection, mine: Person) -> None:
    other = people.add(conn, birth_date=date(1960, 1, 1), sex="male", name="鶴岡 一")
    look(conn, mine.person_id, items="page: advice, readings")
    look(conn, mine.person_id, items="readings: weight", action="write")
    seal(conn)
    look(conn, other.person_id, items="GET /nurse/people/{public_id}", action="deny", allowed=False)
    look(conn, other.person_id, actor="staff:1")  # somebody else's doing
    look(conn, None)
    rows = json.loads(phr("scope", "--who", "staff:12", "--when", "1h", "--format", "json").output)
    told = [(row["person"], row["seen"], row["changed"], row["refused"]) for row in rows]
    assert told == [(str(mine.public_id), 1, 1, 0), (str(other.public_id), 0, 0, 1), ("(nobody)", 1, 0, 0)]
    assert rows[0]["kinds"] == ["advice", "readings", "weight"]
    table = list(
        csv.DictReader(io.StringIO(phr("scope", "--who", "staff:12", "--when", "1h", "--format", "csv").output))
    )
    assert [row["person"] for row in table] == [row["person"] for row in rows]
    assert "2 persons concerned" in phr("scope", "--who", "staff:12", "--when", "1h").output
    both = phr("scope", "--who", "staff:12", "--who", "staff:1", "--when", "1h", "--format", "json").output
    assert json.loads(both)[1]["seen"] == 1
    noted = conn.execute("select actor, items from audit.looks where role = 'operator' limit 1").fetchone()
    assert noted == ("operator:sakata-op", "looks")


def test_the_scope_keeps_to_its_time(phr: Run, conn: psycopg.Connection, mine: Person) -> None:
    look(conn, mine.person_id)
    seal(conn)
    tomorrow = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    for words in (("--when", "1h", "--until", "30m"), ("--when", "2020-01-01", "--until", "2020-02-01")):
        assert json.loads(phr("scope", "--who", "staff:12", *words, "--format", "json").output) == []
    for words in (("--when", "1h"), ("--when", "1h", "--until", tomorrow)):
        assert json.loads(phr("scope", "--who", "staff:12", *words, "--format", "json").output)


@pytest.mark.parametrize(
    "words",
    [
        ("--who", "12", "--when", "7d"),
        ("--who", "Staff:12", "--when", "7d"),
        ("--who", "staff: 12", "--when", "7d"),
        ("--who", "person:1234", "--when", "7d"),
        ("--who", "staff:12", "--when", "2026-11-08", "--until", "2026-11-01"),
        ("--who", "staff:12", "--when", "2999-01-01"),
        ("--who", "staff:12", "--when", "last week"),
        ("--who", "staff:12", "--when", "999999999999d"),
    ],
)
def test_a_question_that_can_have_no_answer_is_refused_and_not_answered_with_nobody(phr: Run, words) -> None:
    told = phr("scope", *words)
    assert told.exit_code == 1 and told.stdout == "" and "expected" in told.stderr


def test_an_id_in_capitals_is_the_same_person(phr: Run, conn: psycopg.Connection, mine: Person) -> None:
    look(conn, mine.person_id, actor=f"person:{mine.public_id}")
    told = phr("scope", "--who", f"person:{str(mine.public_id).upper()}", "--when", "1h", "--format", "json")
    assert [row["person"] for row in json.loads(told.output)] == [str(mine.public_id)]


def test_the_scope_says_so_when_looks_of_that_time_have_gone(phr: Run, conn: psycopg.Connection) -> None:
    conn.execute("insert into audit.retired (month, last, hash) values ('2020-03-01', 7, 'h')")
    gone = "looks from before 2020-04 were old enough to go"
    assert gone in phr("scope", "--who", "staff:12", "--when", "2020-03-31").stderr
    assert gone not in phr("scope", "--who", "staff:12", "--when", "2020-04-02").stderr


def test_a_look_sealed_by_a_clock_that_was_put_back_is_in_the_scope(
    phr: Run, conn: psycopg.Connection, mine: Person
) -> None:
    look(conn, mine.person_id)
    with conn.transaction():
        conn.execute("set local session_replication_role = replica")
        conn.execute("update audit.fresh set at = at + interval '2 hours'")
    seal(conn)
    since = datetime.now(UTC) + timedelta(minutes=90)
    found = list(looks.concerned(conn, ["staff:12"], since, since + timedelta(hours=1)))
    assert [one.person_id for one in found] == [mine.person_id]


def test_the_sealer_seals_notes_the_head_down_and_makes_the_next_month(
    db: ConnectionPool, conn: psycopg.Connection, mine: Person, caplog: pytest.LogCaptureFixture
) -> None:
    class Once(Event):
        def wait(self, timeout: float | None = None) -> bool:
            self.set()
            return True

    for _ in range(3):
        look(conn, mine.person_id)
    with caplog.at_level(logging.INFO, "phr_api.sealing"):
        sealing.keep(db, Once(), years=5)
    assert f"audit anchor {sealer.head(conn).says}" in caplog.messages
    assert sealer.head(conn).number == 3
    name = f"audit.sealed_{datetime.now(UTC) + timedelta(days=31):%Y_%m}"
    assert conn.execute("select to_regclass(%s)", (name,)).fetchone() != (None,)


def test_the_sealers_process_seals_within_seconds_and_ends_when_told(
    database: str, conn: psycopg.Connection, mine: Person
) -> None:
    environ = {**os.environ, "PHR_DATABASE_URL": database}
    with Popen((sys.executable, "-m", "phr_api.sealing"), env=environ, stderr=PIPE) as process:
        try:
            look(conn, mine.person_id)
            deadline = time.monotonic() + 60
            while sealer.head(conn).number < 1 and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert sealer.head(conn).number == 1
