"""What a worker counts and how it answers for its health, asked over HTTP as Prometheus does."""

import http.client
import os
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import ports
import psycopg
import pytest
from peers import Peer, wait_until, worker
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from psycopg_pool import ConnectionPool

from devices.payloads import theengs_scale
from ingest import backlog, health
from ingest.decode import Outcome
from ingest.inbox import Inbox
from ingest.message import Message
from ingest.metrics import Meter
from store import pool
from store.model import Rejection
from store.registrations import Registration
from store.settings import Settings, variable

NOW = datetime.now(UTC)


def ask(port: int, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def values(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """(sample name, label values) -> value."""
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def refused(reason: str) -> Outcome:
    rejection = Rejection(origin="t", reason=reason, detail="", raw=b"", received_at=NOW)
    return Outcome(Message("t", b"", NOW), rejection=rejection)


def test_a_worker_tells_what_it_stored_what_it_refused_and_what_it_holds(
    settings: Settings, gateway: Peer, devices: dict[str, Registration]
) -> None:
    port = ports.free()
    with worker(replace(settings, metrics_port=port)):
        gateway.send("phr/v1/gw-1/scale", theengs_scale(66.6))
        gateway.send("phr/v1/gw-1/scale", b"broken")
        wait_until(lambda: values(ask(port, "/metrics")[1]).get(("phr_ingest_messages_total", ())) == 2)
        wait_until(lambda: ask(port, "/readyz") == (200, "ok\n"))
        text = ask(port, "/metrics")[1]
        assert ask(port, "/healthz")[0] == 200
        assert ask(port, "/etc/passwd")[0] == 404
    told = values(text)
    assert told["phr_ingest_readings_total", ()] == 1
    assert told["phr_ingest_rejections_total", ("not_json",)] == 1
    assert told["phr_ingest_connected", ("ingest-test-1", "own")] == 1
    assert told["phr_ingest_latency_seconds_count", ()] == told["phr_ingest_batch_messages_count", ()]
    assert "66.6" not in text and "broken" not in text


def test_reasons_stay_few_whatever_is_said(db: ConnectionPool) -> None:
    meter = Meter(db)
    meter.kept([refused("not_json"), refused("61.7 kg of 花子"), *(refused(f"reason_{n}") for n in range(100))])
    counted = {labels for (name, labels) in values(meter.text().decode()) if name == "phr_ingest_rejections_total"}
    assert ("not_json",) in counted and ("other",) in counted and len(counted) == 65
    assert not any("phr_ingest" in family.name for family in REGISTRY.collect())


def test_a_worker_that_is_not_subscribed_is_alive_and_not_ready(settings: Settings, db: ConnectionPool) -> None:
    meter, inbox = Meter(db), Inbox(settings)
    with health.served(meter, db, 0, "127.0.0.1") as port:
        assert ask(port, "/readyz")[0] == 503
        meter.began("a", inbox, True)
        inbox.start()
        wait_until(lambda: ask(port, "/readyz")[0] == 200)
        inbox.stop()
        assert ask(port, "/readyz")[0] == 503
        assert ask(port, "/healthz")[0] == 200


def test_a_worker_without_its_database_is_not_ready(settings: Settings, database: str, db: ConnectionPool) -> None:
    meter, inbox = Meter(db), Inbox(settings)
    meter.began("a", inbox, True)
    inbox.start()
    with health.served(meter, db, 0, "127.0.0.1") as port:
        wait_until(lambda: ask(port, "/readyz")[0] == 200)
        db.close()
        assert ask(port, "/readyz")[0] == 503
    inbox.stop()


def test_a_worker_whose_database_has_restarted_is_ready_at_the_first_asking(
    settings: Settings, database: str, conn: psycopg.Connection
) -> None:
    with pool.open_pool(database, name="ingest", checked=False) as unchecked:
        meter, inbox = Meter(unchecked), Inbox(settings)
        meter.began("a", inbox, True)
        inbox.start()
        wait_until(lambda: inbox.connected)
        with unchecked.connection(), unchecked.connection(), unchecked.connection():
            pass  # several wait in the pool
        conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'ingest' and datname = current_database()"
        )
        assert health.ready(meter, unchecked)
        inbox.stop()


def test_the_broker_tells_how_much_it_holds(settings: Settings) -> None:
    with backlog.watched(settings) as waiting:
        wait_until(lambda: waiting() is not None)
        assert (waiting() or 0) >= 0


def test_who_connects_and_says_nothing_is_let_go(
    settings: Settings, db: ConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    with (
        health.served(Meter(db), db, 0, "127.0.0.1") as port,
        socket.create_connection(("127.0.0.1", port), timeout=20) as silent,
    ):
        assert silent.recv(1) == b""


def test_a_port_that_is_taken_stops_the_worker_with_a_sentence(settings: Settings, db: ConnectionPool) -> None:
    with health.served(Meter(db), db, 0) as port:
        given = {"database_url": settings.database_url, "mqtt_password": settings.mqtt_password, "metrics_port": port}
        environ = os.environ | {variable(name): str(value) for name, value in given.items()}
        done = subprocess.run(
            [sys.executable, "-m", "ingest"], env=environ, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 2 and f"PHR_METRICS_PORT: port {port} is taken" in done.stderr
