"""The gatekeeper as a process of its own, beside a real broker and a real database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from peers import peer, wait_until

from ingest import broker as mosquitto
from ingest import gatekeeper
from ingest.broker import Broker
from store import gateways, households


@contextmanager
def keeping(database: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = os.environ | {"PHR_DATABASE_URL": database, "PHR_MQTT_PASSWORD": "secret"}
    with (folder / "gatekeeper.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest.gatekeeper", str(folder)], env=environ, stdout=log, stderr=log
        )
    try:
        wait_until(lambda: b"may come in" in (folder / "gatekeeper.log").read_bytes())
        yield process
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def folder(tmp_path: Path, free_port: int) -> Path:
    mosquitto.prepare(tmp_path, port=free_port, gateways=[], ingest_password="secret")
    return tmp_path


@pytest.fixture
def home(conn: psycopg.Connection) -> int:
    return households.add(conn)


def lets_in(port: int, who: gateways.Credentials) -> bool:
    with peer(port, who.gateway_id, who.password) as one:
        return one.connected


def test_a_new_gateway_comes_in_a_revoked_one_is_cut_and_nobody_else_notices(
    conn: psycopg.Connection, database: str, folder: Path, free_port: int, home: int
) -> None:
    with ExitStack() as stack:
        stack.enter_context(mosquitto.running(folder / "mosquitto.conf"))
        stack.enter_context(keeping(database, folder))
        ingest = stack.enter_context(peer(free_port, "ingest", "secret"))
        lost: list[object] = []
        ingest.client.on_disconnect = lambda *words: lost.append(words)
        first, second = gateways.admit(conn, home, "居間"), gateways.admit(conn, home, "台所")
        wait_until(lambda: lets_in(free_port, second))
        one, other = (stack.enter_context(peer(free_port, g.gateway_id, g.password)) for g in (first, second))
        assert one.connected and other.connected
        gateways.revoke(conn, first.gateway_id)
        wait_until(lambda: not one.client.is_connected())
        assert not lets_in(free_port, first)
        assert other.client.is_connected() and ingest.client.is_connected() and lost == []
        ingest.client.on_disconnect = None


def test_a_new_secret_is_live_and_the_old_one_dead(
    conn: psycopg.Connection, database: str, folder: Path, free_port: int, home: int
) -> None:
    with mosquitto.running(folder / "mosquitto.conf"), keeping(database, folder):
        old = gateways.admit(conn, home, "")
        wait_until(lambda: lets_in(free_port, old))
        with peer(free_port, old.gateway_id, old.password) as thief:
            new = gateways.renew_secret(conn, old.gateway_id)
            assert new is not None
            wait_until(lambda: not thief.client.is_connected())
        assert lets_in(free_port, new) and not lets_in(free_port, old)


def test_a_broker_that_starts_later_knows_what_changed_while_it_was_away(
    conn: psycopg.Connection, database: str, folder: Path, free_port: int, home: int
) -> None:
    with keeping(database, folder):
        made = gateways.admit(conn, home, "")
        wait_until(lambda: made.gateway_id in (folder / "passwords").read_text())
        with mosquitto.running(folder / "mosquitto.conf"):
            assert lets_in(free_port, made)
            later = gateways.admit(conn, home, "")
            wait_until(lambda: lets_in(free_port, later))


def test_it_outlives_its_connection_to_the_database(
    conn: psycopg.Connection, database: str, folder: Path, home: int
) -> None:
    with keeping(database, folder) as process:
        conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'ingest-gatekeeper' and datname = current_database()"
        )
        made = gateways.admit(conn, home, "")
        wait_until(lambda: made.gateway_id in (folder / "passwords").read_text())
        assert process.poll() is None


def test_a_number_left_behind_by_a_killed_broker_is_never_signalled(broker: Broker, tmp_path: Path) -> None:
    found = gatekeeper.broker_process(tmp_path / "broker")
    assert found is not None and found[0] == broker.pid
    (tmp_path / mosquitto.PID_FILE).write_text(str(os.getpid()))  # by now another program's
    assert gatekeeper.broker_process(tmp_path) is None
    (tmp_path / mosquitto.PID_FILE).write_text("no number")
    assert gatekeeper.broker_process(tmp_path) is None


def test_called_without_a_folder_it_says_how() -> None:
    answer = subprocess.run([sys.executable, "-m", "ingest.gatekeeper"], capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stderr) == (2, "usage: python -m ingest.gatekeeper [--closed-at-start] FOLDER\n")
