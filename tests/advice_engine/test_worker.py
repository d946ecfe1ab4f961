import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event, Thread
from time import monotonic, sleep

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from small_town import Town

from advice_engine.__main__ import listen
from advice_engine.run import work_once
from advice_engine.schedule import Worker, judge_night, night, nothing_left, quietly, scheduler
from store import advice, due, nights
from store.clock import civil_day
from store.settings import Settings

FLAG = "home_pressure_high_now"


@contextmanager
def worker(**environ: str) -> Iterator[subprocess.Popen[str]]:
    """``python -m advice_engine`` with these settings and no others; killed at the end if it still runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PHR_")}
    running = subprocess.Popen(
        [sys.executable, "-m", "advice_engine"], env=kept | environ, stderr=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def wait_until(true: Callable[[], object], what: str) -> None:
    end = monotonic() + 60
    while not true():
        assert monotonic() < end, f"waited a minute for: {what}"
        sleep(0.05)


def ended(running: subprocess.Popen[str], number: int) -> tuple[int, str]:
    running.send_signal(number)
    _, log = running.communicate(timeout=60)
    return running.returncode, log


def environ(database: str, **more: str) -> Mapping[str, str]:
    return {"PHR_DATABASE_URL": database, "PHR_PUSH_QUIET_FROM": "0", "PHR_PUSH_QUIET_UNTIL": "0", **more}


def spoken(log: str) -> str:
    """The log without public ids and clock times, in which any three digits may stand by chance."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d\d:\d\d:\d\d,\d{3}", "", log)


def listening(conn: psycopg.Connection) -> bool:
    row = conn.execute(
        "select count(*) from pg_stat_activity where application_name = 'phr-advice-listen' and state = 'idle'"
        " and query ilike 'listen%' and datname = current_database()"
    ).fetchone()
    return row == (1,)


def test_a_mark_becomes_advice_and_is_told_and_the_worker_ends_on_sigterm(
    database: str, conn: psycopg.Connection, town: Town
) -> None:
    today = civil_day(datetime.now(UTC))
    early, late = town.person(), town.person()
    for person in (early, late):
        town.pressures(person, today, 165, 102)
    due.mark(conn, "advice", [(early, today)])  # before the worker is there

    def told() -> list[int]:
        rows = conn.execute("select person_id from health.deliveries where status = 'sent' order by 1").fetchall()
        return [person for (person,) in rows]

    with worker(**environ(database)) as running:
        wait_until(lambda: told() == [early], "the first person's advice")
        due.mark(conn, "advice", [(late, today)])
        wait_until(lambda: told() == [early, late], "the second person's advice")
        code, log = ended(running, signal.SIGTERM)
    assert code == 0, log
    assert {row.person_id for row in advice.worklist(conn, "062049")} == {early, late}
    (new,) = conn.execute("select count(*) from health.advice where person_id = %s", (early,)).fetchone() or ()
    assert log.count(f"judged 1 people: {new} new") == 2 and "advice worker ends" in log  # more in cold months
    public_ids = [str(one) for (one,) in conn.execute("select public_id from health.people").fetchall()]
    assert all(f"told {public_id} of advice" in log for public_id in public_ids)
    assert not any(secret in spoken(log) for secret in ("165", "102", "血圧", "ERROR"))


def test_a_commit_alone_wakes_the_worker(
    database: str, db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    today = civil_day(datetime.now(UTC))
    person = town.person()
    town.pressures(person, today, 165, 102)
    at_work = Worker(db, Settings(database_url=database), Event())
    listener = Thread(target=listen, args=(at_work,))  # no schedule beside it
    listener.start()
    wait_until(lambda: listening(conn), "the worker to listen")
    due.mark(conn, "advice", [(person, today)])
    wait_until(lambda: advice.worklist(conn, "062049"), "the advice")
    at_work.stop.set()
    listener.join(30)
    assert not listener.is_alive()


def test_the_worker_survives_a_lost_database_connection(database: str, conn: psycopg.Connection, town: Town) -> None:
    today = civil_day(datetime.now(UTC))
    person = town.person()
    town.pressures(person, today, 165, 102)
    with worker(**environ(database)) as running:
        wait_until(lambda: listening(conn), "the worker to listen")
        conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        due.mark(conn, "advice", [(person, today)])
        wait_until(lambda: advice.worklist(conn, "062049"), "the advice")
        wait_until(lambda: listening(conn), "the worker to listen again")
        code, log = ended(running, signal.SIGTERM)
    assert code == 0, log


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "PHR_DATABASE_URL"),
        ({"PHR_DATABASE_URL": "postgresql:///x", "PHR_VAPID_PRIVATE_KEY": "wrong-key"}, "PHR_VAPID_PRIVATE_KEY"),
    ],
)
def test_a_worker_that_lacks_a_setting_says_which(given: dict[str, str], says: str) -> None:
    with worker(**given) as running:
        _, log = running.communicate(timeout=60)
        assert running.returncode == 2
    assert says in log and "wrong-key" not in log and "Traceback" not in log


NIGHT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # 03:00 of the 21st in Japan


DONE = nights.done


def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("run", "schedule"):
        monkeypatch.setattr(f"advice_engine.{module}.CHUNK", 1)


def judged(conn: psycopg.Connection) -> int:
    row = conn.execute("select count(*) from health.decisions").fetchone()
    assert row
    return int(row[0])


def test_the_nightly_run_judges_everybody_once_a_day(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    at_work = Worker(db, Settings(), Event())
    person = town.person()
    judge_night(at_work, NIGHT)
    assert judged(conn) == 1
    town.pressures(person, date(2026, 11, 21), 165, 102)
    judge_night(at_work, NIGHT + timedelta(hours=5))
    assert judged(conn) == 1
    judge_night(at_work, NIGHT + timedelta(days=1))
    assert judged(conn) == 2 and advice.worklist(conn, "062049")


def test_a_clock_that_ran_ahead_puts_no_night_off(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    at_work = Worker(db, Settings(), Event())
    town.person()
    judge_night(at_work, NIGHT + timedelta(days=400))
    for moment in (NIGHT, NIGHT + timedelta(hours=5), NIGHT + timedelta(days=1)):
        assert nothing_left(db, moment) == (moment == NIGHT + timedelta(hours=5))
        judge_night(at_work, moment)
        assert nothing_left(db, moment)
    assert nothing_left(db, NIGHT)  # for another machine, whose clock is late


def test_a_nightly_run_that_was_cut_short_goes_on_where_it_was(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_portions(monkeypatch)
    people = [town.person() for _ in range(3)]
    stop = Event()
    monkeypatch.setattr(nights, "done", lambda *given: stop.set() or DONE(*given))
    judge_night(Worker(db, Settings(), stop), NIGHT)
    assert judged(conn) == 1 and not nothing_left(db, NIGHT)
    for person in people:
        town.pressures(person, date(2026, 11, 21), 165, 102)
    judge_night(Worker(db, Settings(), Event()), NIGHT)
    assert judged(conn) == 3 and nothing_left(db, NIGHT)
    assert len(advice.worklist(conn, "062049")) == 2  # the first one's turn was over before the pressures came


def test_two_workers_share_one_night_and_judge_each_person_once(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_portions(monkeypatch)
    people = [town.person() for _ in range(12)]
    seen: list[int] = []
    both = Barrier(2, timeout=30)
    monkeypatch.setattr(nights, "done", lambda *given: seen.extend(given[1].people) or DONE(*given))

    def share(_: int) -> None:
        both.wait()
        judge_night(Worker(db, Settings(), Event()), NIGHT)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(share, range(2)))
    assert sorted(seen) == people and judged(conn) == 12


def test_a_portion_that_fails_holds_up_no_other_and_is_judged_at_the_next_turn(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_portions(monkeypatch)
    people = [town.person() for _ in range(4)]
    refused = "health.decisions add constraint refused check (person_id <> %s)"
    conn.execute(f"alter table {refused % people[1]}".encode())
    judge_night(Worker(db, Settings(), Event()), NIGHT)
    assert judged(conn) == 3 and not nothing_left(db, NIGHT)
    conn.execute("alter table health.decisions drop constraint refused")
    judge_night(Worker(db, Settings(), Event()), NIGHT)
    assert judged(conn) == 4 and nothing_left(db, NIGHT)


def test_a_fault_of_the_learning_holds_up_nobodys_advice(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("advice_engine.schedule.choosing.learn", fail)
    town.person()
    judge_night(Worker(db, Settings(), Event()), NIGHT)
    assert judged(conn) == 1


def test_the_worker_has_the_night_judged_by_processes_of_its_own(
    database: str, db: ConnectionPool, conn: psycopg.Connection, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ(database).items():
        monkeypatch.setenv(name, value)
    town.person()
    at_work = Worker(db, Settings(advice_processes=2), Event())
    night(at_work, NIGHT)
    assert judged(conn) == 1 and nothing_left(db, NIGHT)
    monkeypatch.setattr("advice_engine.schedule.sys.executable", "/nothing/is/started/any/more")
    night(at_work, NIGHT + timedelta(hours=1))


def test_the_schedule_has_its_jobs_and_the_night_begins_at_three_in_japan(db: ConnectionPool) -> None:
    jobs = {job.id: job for job in scheduler(Worker(db, Settings(), Event())).get_jobs()}
    assert set(jobs) == {
        *("due people", "deliveries", "nightly run", "order of calls", "districts"),
        *("ranker's log", "weekly look back", "monthly refit"),
    }
    after_midnight = datetime(2026, 11, 20, 15, 5, tzinfo=UTC)
    assert jobs["nightly run"].trigger.get_next_fire_time(None, after_midnight) == NIGHT


def test_a_fault_is_logged_by_kind_and_place_without_the_row_it_quotes(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    person = town.person()
    town.pressures(person, date(2026, 11, 20), 165, 102)
    due.mark(conn, "advice", [(person, date(2026, 11, 20))])
    conn.execute("alter table health.advice add check (urgency < 4) not valid")  # refuses the row and quotes it

    def judge(at_work: Worker) -> None:
        work_once(at_work.pool, NIGHT)

    assert not quietly(judge, Worker(db, Settings(), Event()))
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert line.startswith("judge failed: CheckViolation 23514 at ") and "settle" in line
    assert "165" not in spoken(caplog.text) and "血圧" not in caplog.text
