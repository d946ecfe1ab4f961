"""A broker that was killed comes back with an older state, in which delivered messages still wait."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from peers import peer, wait_until, worker

from devices.payloads import theengs_scale
from ingest import broker as mosquitto
from store.registrations import Registration
from store.settings import Settings

NEVER = 1_000_000
COUNT = "select count(*) from health.rejections"


@contextmanager
def killed_at_the_end(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (config.parent / "log").open("ab") as log:
        one = subprocess.Popen([mosquitto.program(), "-c", str(config)], stdout=log, stderr=log)
    try:
        yield one
    finally:
        one.kill()
        one.wait()


def test_what_a_restored_broker_sends_once_more_is_stored_once(
    tmp_path: Path, free_port: int, database: str, conn: psycopg.Connection, devices: dict[str, Registration]
) -> None:
    config = mosquitto.prepare(
        tmp_path / "broker",
        port=free_port,
        gateways=[("gw-1", mosquitto.password_hash("a"))],
        ingest_password="b",
        saved_after=NEVER,
    )
    settings = Settings(database_url=database, mqtt_port=free_port, mqtt_password="b", mqtt_slot="ingest-test")

    def stored() -> tuple[int, ...]:
        counts = "select (select count(*) from health.readings), (select count(*) from health.rejections)"
        return tuple(conn.execute(counts).fetchone() or ())

    with killed_at_the_end(config) as before:
        with worker(settings):
            pass  # its session exists now
        with peer(free_port, "gw-1", "a") as gateway:
            for number in range(20):
                gateway.send("phr/v1/gw-1/scale", theengs_scale(60 + number))
                gateway.send("phr/v1/gw-1/scale", b"broken %d" % number)
        saved = tmp_path / "broker" / "state" / "mosquitto.db"
        before.send_signal(signal.SIGUSR1)  # save now
        wait_until(lambda: saved.exists() and b"broken 19" in saved.read_bytes())
        with worker(settings) as one:
            wait_until(lambda: stored() == (20, 20))
            os.kill(one.process.pid, signal.SIGTERM)  # acknowledges what it stored
            one.process.wait(20)
    conn.execute("update health.readings set at = at - interval '1 hour'")  # not to be told by time and value
    with killed_at_the_end(config):
        with worker(settings), peer(free_port, "gw-1", "a") as gateway:
            gateway.send("phr/v1/gw-1/scale", b"the last word")
            wait_until(lambda: stored()[1] > 20)
        assert stored() == (20, 21)


def test_what_comes_before_the_worker_is_back_at_a_restarted_broker(
    tmp_path: Path, free_port: int, database: str, conn: psycopg.Connection, devices: dict[str, Registration]
) -> None:
    """Mosquitto saves a subscription of one's own and forgets shared ones; who says so hears it (MQTT 5, 0x10)."""
    config = mosquitto.prepare(
        tmp_path / "broker", port=free_port, gateways=[("gw-1", mosquitto.password_hash("a"))], ingest_password="b"
    )
    for slots, kept in ((1, True), (2, False)):
        settings = Settings(
            database_url=database, mqtt_port=free_port, mqtt_password="b", mqtt_slot="ingest-test", ingest_slots=slots
        )
        with mosquitto.running(config), worker(settings) as one:
            os.kill(one.process.pid, signal.SIGTERM)
            one.process.wait(20)
        with mosquitto.running(config), peer(free_port, "gw-1", "a") as gateway:
            heard: list[str] = []
            gateway.client.on_publish = lambda c, u, mid, reason, p, heard=heard: heard.append(str(reason))
            gateway.send("phr/v1/gw-1/scale", theengs_scale(60 + slots))
            wait_until(lambda heard=heard: heard)
            assert heard == ["Success" if kept else "No matching subscribers"]
            gateway.client.on_publish = None
            with worker(settings):
                gateway.send("phr/v1/gw-1/scale", b"the last word %d" % slots)
                wait_until(lambda slots=slots: conn.execute(COUNT).fetchone() == (slots,))
    assert conn.execute("select value from health.readings").fetchall() == [(61.0,)]
