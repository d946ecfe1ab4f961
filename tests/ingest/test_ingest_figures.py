"""The figures worker: woken by commits, newest days first, as a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from msgspec.structs import replace
from peers import exhaust, wait_until
from psycopg_pool import ConnectionPool

from ingest import figures, strangers
from store import days, due, gateways, readings, rejections
from store.clock import civil_day, day_start
from store.model import Reading, Rejection

TODAY = civil_day(datetime.now(UTC))
DAY = TODAY - timedelta(days=20)


def weighed(day: date, hour: float = 7, person: int = 1) -> Reading:
    at = day_start(day) + timedelta(hours=hour)
    return Reading(person, "weight", at, 1, 61, 0, 0, at)


def store(db: ConnectionPool, *batch: Reading) -> None:
    with db.connection() as conn:
        readings.add(conn, batch)


def counted(conn: psycopg.Connection, day: date, person: int = 1) -> int:
    rows = days.between(conn, person, ["weight"], day, day)
    return rows[0].n if rows else 0


def wait_for_count(conn: psycopg.Connection, day: date, expected: int) -> None:
    for _ in range(1000):
        if counted(conn, day) == expected:
            return
        threading.Event().wait(0.02)
    pytest.fail("the day was not recomputed")


@pytest.fixture
def kept(db: ConnectionPool, database: str) -> Iterator[None]:
    """The worker in a thread, which would not look by itself for ten minutes."""
    stop = threading.Event()
    thread = threading.Thread(target=figures.keep, args=(database, db, stop), kwargs={"poll": 600.0})
    thread.start()
    yield
    stop.set()
    thread.join()


def test_a_commit_wakes_the_worker_at_once(db: ConnectionPool, conn: psycopg.Connection, kept: None) -> None:
    for hour in range(3):
        store(db, weighed(DAY, hour))
        wait_for_count(conn, DAY, hour + 1)


def test_a_live_reading_does_not_wait_for_a_backlog_of_weeks(db: ConnectionPool, conn: psycopg.Connection) -> None:
    backlog = [(person, DAY + timedelta(days=n)) for person in range(100, 200) for n in range(18)]
    due.mark(conn, "days", backlog)
    store(db, weighed(TODAY))
    assert figures.work_once(db)
    assert counted(conn, TODAY) == 1
    [(waiting,)] = conn.execute("select sum(cardinality(people)) from health.due where work = 'days'").fetchall()
    assert len(backlog) - figures.PORTION - 100 <= waiting <= len(backlog) - figures.PORTION  # 100 people a mark


def test_a_backlog_goes_on_while_live_readings_keep_coming(db: ConnectionPool, conn: psycopg.Connection) -> None:
    due.mark(conn, "days", [(person, DAY) for person in range(100, 100 + 3 * figures.PORTION)])
    for hour in range(3):
        store(db, weighed(TODAY, hour))
        figures.work_once(db)
    assert counted(conn, TODAY) == 3
    assert conn.execute("select count(*) from health.due where work = 'days'").fetchall() == [(0,)]


def test_a_person_whose_days_cannot_be_computed_stops_nobody_elses(
    db: ConnectionPool, conn: psycopg.Connection
) -> None:
    beyond = [replace(weighed(DAY, hour, person=2), metric="pulse", value=1.7e308) for hour in (7, 8)]
    store(db, weighed(DAY), *beyond, weighed(DAY, person=3))
    exhaust(figures.work_once, db)
    assert [counted(conn, DAY, person) for person in (1, 2, 3)] == [1, 0, 1]
    marks = "select unnest(people), day from health.due where work = 'days_parked'"
    assert conn.execute(marks).fetchall() == [(2, DAY)]
    conn.execute("update health.readings set value = 60 where metric = 'pulse'")  # or the code was mended
    assert due.unpark(conn, "days") == 1
    figures.work_once(db)
    assert days.between(conn, 2, ["pulse"], DAY, DAY)[0].n == 2


def test_a_household_on_which_the_gate_fails_stops_nobody_elses(db: ConnectionPool, conn: psycopg.Connection) -> None:
    conn.execute("insert into health.households select from generate_series(1, 2)")
    conn.execute("insert into health.people (birth_date, sex) select '1950-01-01', 'female' from generate_series(1, 2)")
    conn.execute("insert into health.household_members select n, n, tstzrange(null, null) from generate_series(1, 2) n")
    conn.execute("insert into health.sources (kind, label) values ('device', '体重計')")
    weights = [(1, 1e300), (1, 60.0), (2, 60.0)]
    for number, (home, kg) in enumerate(weights):
        conn.execute(
            "insert into health.unclaimed (household_id, metric, at, source_id, value)"
            " values (%s, 'weight', now() - make_interval(hours => %s), 1, %s)",
            (home, number, kg),
        )
    due.mark(conn, "gate", [(1, TODAY), (2, TODAY)])
    figures.work_once(db)
    asked = conn.execute("select household_id from health.unclaimed where probability is not null").fetchall()
    assert asked == [(2,)]
    assert conn.execute("select unnest(people) from health.due where work = 'gate_parked'").fetchall() == [(1,)]


def test_as_a_process_it_works_and_stops_when_told(database: str, db: ConnectionPool, conn: psycopg.Connection) -> None:
    command = [sys.executable, "-m", "ingest.figures"]
    process = subprocess.Popen(command, env=os.environ | {"PHR_DATABASE_URL": database}, stderr=subprocess.DEVNULL)
    try:
        store(db, weighed(DAY))
        wait_for_count(conn, DAY, 1)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_without_a_database_address_it_says_so_and_ends() -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PHR_")}
    answer = subprocess.run([sys.executable, "-m", "ingest.figures"], env=bare, capture_output=True, text=True)
    assert answer.returncode == 2 and "PHR_DATABASE_URL" in answer.stderr


def test_as_a_process_it_drops_what_strangers_devices_said_long_ago(database: str, conn: psycopg.Connection) -> None:
    gateways.add(conn, "gw", "any")
    for days_ago in (5, 15):
        at = datetime.now(UTC) - timedelta(days=days_ago)
        rejections.add(conn, [Rejection("phr/v1/gw/x", "unregistered_device", "", b"61.7", at, "gw", "x")])
    environ = os.environ | {"PHR_DATABASE_URL": database, "PHR_STRANGERS_KEPT_DAYS": "10"}
    command = [sys.executable, "-m", "ingest.figures"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(rejections.listing(conn, limit=9)) == 1)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert "1 messages of devices that nobody registered within 10 days are dropped" in said and "61.7" not in said


def test_daily_work_is_done_at_once_and_then_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    daily = strangers.Daily(lambda: done.append(1))
    for hours, times in ((0, 1), (23.9, 1), (24.1, 2), (47, 2), (48.2, 3)):
        monkeypatch.setattr(strangers, "monotonic", lambda hours=hours: 3_600_000.0 + hours * 3600)
        daily()
        assert len(done) == times
