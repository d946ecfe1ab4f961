"""The gatekeeper as a process of its own, beside a real broker and a real database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from peers import peer, wait_until

from ingest import broker as mosquitto
from ingest import coming, gatekeeper
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
    with peer(port, who.user, who.password) as one:
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


def test_while_a_secret_is_renewed_both_are_good_and_nothing_is_lost(
    conn: psycopg.Connection, database: str, folder: Path, free_port: int, home: int
) -> None:
    with ExitStack() as stack:
        stack.enter_context(mosquitto.running(folder / "mosquitto.conf"))
        stack.enter_context(keeping(database, folder))
        ingest = stack.enter_context(peer(free_port, "ingest", "secret"))
        ingest.client.subscribe("phr/v1/#", qos=1)
        wait_until(lambda: ingest.granted)
        old = gateways.admit(conn, home, "居間")
        wait_until(lambda: lets_in(free_port, old))
        before = stack.enter_context(peer(free_port, old.user, old.password))
        new = gateways.renew_secret(conn, old.gateway_id, overlap=timedelta(days=7))
        assert new is not None and new.user != old.user
        wait_until(lambda: lets_in(free_port, new))
        after, topic = stack.enter_context(peer(free_port, new.user, new.password)), f"phr/v1/{old.gateway_id}/scale"
        for number in range(20):
            (before, after)[number % 2].send(topic, b"%d" % number)
        wait_until(lambda: len(ingest.received) == 20)
        assert sorted(int(one.payload) for one in ingest.received) == list(range(20))
        wait_until(lambda: _left(conn, old) < timedelta(hours=1, minutes=1))  # the new one was heard
        conn.execute("update health.gateways set old_until = now()")
        wait_until(lambda: not before.client.is_connected())
        assert not lets_in(free_port, old) and after.client.is_connected()
        after.send(topic, b"20")
        wait_until(lambda: len(ingest.received) == 21)


def _left(conn: psycopg.Connection, who: gateways.Credentials) -> timedelta:
    """How long the old secret is still good."""
    row = conn.execute("select old_until - now() from health.gateways where gateway_id = %s", (who.gateway_id,))
    [(left,)] = row.fetchall()
    assert isinstance(left, timedelta)
    return left


def test_revoking_ends_both_secrets_and_neither_writes_for_others(
    conn: psycopg.Connection, database: str, folder: Path, free_port: int, home: int
) -> None:
    with ExitStack() as stack:
        stack.enter_context(mosquitto.running(folder / "mosquitto.conf"))
        stack.enter_context(keeping(database, folder))
        ingest = stack.enter_context(peer(free_port, "ingest", "secret"))
        ingest.client.subscribe("phr/v1/#", qos=1)
        wait_until(lambda: ingest.granted)
        old = gateways.admit(conn, home, "居間")
        new = gateways.renew_secret(conn, old.gateway_id, overlap=timedelta(days=7))
        assert new is not None
        wait_until(lambda: lets_in(free_port, new))
        for one in (old, new):
            for topic in ("another/scale", f"{old.gateway_id}0/scale", f"{old.gateway_id}/SYStoMQTT"):
                with peer(free_port, one.user, one.password) as box:  # a refusal can cost it its connection
                    box.send(f"phr/v1/{topic}", b"not mine")
        boxes = [stack.enter_context(peer(free_port, one.user, one.password)) for one in (old, new)]
        for box in boxes:
            box.send(f"phr/v1/{old.gateway_id}/scale", b"mine")
        wait_until(lambda: len(ingest.received) >= 2)
        assert {one.payload for one in ingest.received} == {b"mine"}
        gateways.revoke(conn, old.gateway_id)
        wait_until(lambda: not any(box.client.is_connected() for box in boxes))
        assert not lets_in(free_port, old) and not lets_in(free_port, new)


def test_a_name_within_a_client_id_is_nobody_who_came_in(tmp_path: Path) -> None:
    log = tmp_path / "connections.log"
    came = b"2026-11-22T06:00:00: New client connected from 10.0.0.7:4123 as %s (p5, c1, k60, u'%s').\n"
    forged = b"x (p5, c1, k60, u'gw-victim.2')."
    log.write_bytes(came % (forged, b"gw-thief") + came % (b"id", b"gw-1.2") + came[:31])
    names, read = coming.since(log, 0)
    assert names == {"gw-thief", "gw-1.2"} and read < log.stat().st_size
    with log.open("ab") as file:
        file.write((came % (b"id", b"gw-1.3"))[31:])
    assert coming.since(log, read)[0] == {"gw-1.3"}
    assert coming.since(tmp_path / "none", 7) == (set(), 0)


def test_a_long_log_is_cut_and_read_on(tmp_path: Path) -> None:
    log = tmp_path / "connections.log"
    log.write_bytes(b"2026-11-22T06:00:00: Client gw-1 closed its connection.\n" * 20_000)
    assert coming.since(log, 0) == (set(), 0) and log.stat().st_size == 0
    log.write_bytes(b"2026-11-22T06:00:00: New client connected from ::1:1 as a (p2, c1, k60, u'gw-1.2').\n")
    assert coming.since(log, 900_000)[0] == {"gw-1.2"}


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
