"""The jobs worker as a process: it works in its role, and what it leaves when it is killed is done by the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from invented_person import invent

from store import deletion, exports, people


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
