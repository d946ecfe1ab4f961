"""The jobs worker as a process: it works in its role, and what it leaves when it is killed is done by the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from invented_person import invent

from phr_api import jobs
from store import deletion, exports, people
from store.pool import open_pool
from store.settings import Settings


@contextmanager
def worker(database):
    """``python -m phr_api.jobs`` until the block ends."""
    environ = os.environ | {"PHR_DATABASE_URL": database}
    process = subprocess.Popen([sys.executable, "-m", "phr_api.jobs"], env=environ)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(30) in (0, -9)


def until(what, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


@pytest.fixture
def her(db):
    return invent(db, datetime.now(UTC))


def test_a_copy_is_made_although_the_worker_is_killed_over_it(database, conn, her):
    conn.execute(
        "insert into health.readings (person_id, metric, at, source_id, value)"
        " select %s, 'pulse', now() - n * interval '1 minute', 1, 60 + n %% 20 from generate_series(1, 20000) as n",
        (her.person_id,),
    )
    asked = exports.ask(conn, her.person_id)

    def state() -> str:
        return exports.mine(conn, her.person_id, asked.export_id).state

    with worker(database) as process:
        until(lambda: state() == "working")
        process.kill()
    assert state() == "working"
    with worker(database):
        until(lambda: state() == "ready")
    assert b"".join(exports.pieces(conn, her.person_id, asked.export_id))[:2] == b"PK"
    assert conn.execute("select attempts from identity.exports").fetchone() == (2,)


def test_a_deletion_that_is_due_is_carried_out_by_itself(database, conn, her):
    conn.execute(
        "insert into identity.deletion_plans (person_id, asked_by, due_at) values (%s, 'self', now())", (her.person_id,)
    )
    with worker(database):
        until(lambda: deletion.of_person(conn, her.person_id).shut_at)
        conn.execute("update identity.deletion_plans set shut_at = now() - interval '1 hour'")
        until(lambda: people.by_id(conn, her.person_id) is None)
    assert len(deletion.evidence(conn, datetime(2020, 1, 1, tzinfo=UTC))) == 1


def test_a_deletion_that_cannot_be_carried_out_stops_nobody_elses(db, conn, caplog):
    stuck, other = (people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="仮の 人") for _ in "ab")
    conn.execute("create table health.foreign_to_us (person_id bigint references health.people)")
    conn.execute("insert into health.foreign_to_us values (%s)", (stuck.person_id,))
    conn.execute(
        "insert into identity.deletion_plans (person_id, asked_by, due_at, shut_at)"
        " select p, 'self', now() - a, now() - interval '1 hour'"
        "   from (values (%s::bigint, interval '2 days'), (%s, interval '1 day')) as v (p, a)",
        (stuck.person_id, other.person_id),
    )
    with open_pool(db.conninfo, role="phr_jobs") as jobs_pool:
        now = datetime.now(UTC)
        assert [jobs.delete_once(jobs_pool, now) for _ in range(3)] == [True, True, False]
        assert people.by_id(conn, other.person_id) is None and people.by_id(conn, stuck.person_id) is not None
        assert "a deletion failed: ForeignKeyViolation" in caplog.messages
        conn.execute("drop table health.foreign_to_us")
        assert jobs.delete_once(jobs_pool, now + timedelta(hours=2))
    assert people.by_id(conn, stuck.person_id) is None


def test_what_cannot_be_tidied_stops_nothing_else(db, conn, caplog):
    conn.execute("insert into health.arrivals values ('s', 1, 'd', now() - interval '99 days')")
    conn.execute("create table health.posts_of_others (person_id bigint, key text,"
                 " foreign key (person_id, key) references health.posts (person_id, key))")  # fmt: skip
    she = people.add(conn, birth_date=date(1950, 1, 1), sex="female", name="仮の 人").person_id
    conn.execute("insert into health.posts (person_id, key, digest, answer, posted_at)"
                 " values (%s, 'k', 'd', '{}', now() - interval '99 days')", (she,))  # fmt: skip
    conn.execute("insert into health.posts_of_others values (%s, 'k')", (she,))
    with open_pool(db.conninfo, role="phr_jobs") as jobs_pool:
        jobs.tidy(Settings(), jobs_pool, datetime.now(UTC), Event())
    assert "answers to posts: failed (ForeignKeyViolation)" in caplog.messages
    assert conn.execute("select count(*) from health.arrivals").fetchone() == (0,)
