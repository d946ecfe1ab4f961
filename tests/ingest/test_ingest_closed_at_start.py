"""Gateways come in once somebody hears them: what a restart of the broker would lose is never sent."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import yaml
from peers import peer, wait_until, worker

from devices.payloads import theengs_scale
from ingest import broker as mosquitto
from store import gateways, households, registrations
from store.settings import Settings


@contextmanager
def keeping(database: str, folder: Path) -> Iterator[None]:
    environ = os.environ | {"PHR_DATABASE_URL": database, "PHR_MQTT_PASSWORD": "b"}
    with (folder / "gatekeeper.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest.gatekeeper", "--closed-at-start", str(folder)], env=environ, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0


@contextmanager
def started(config: Path, port: int) -> Iterator[None]:
    """By the very words of compose.yaml. It ends as in an accident: by SIGKILL."""
    compose = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text("utf-8"))
    words = compose["services"]["broker"]["command"]
    words[-1] = words[-1].replace("$$", "$").replace("/mosquitto/phr", str(config.parent))
    path = f"{Path(mosquitto.program()).parent}:{os.environ['PATH']}"
    with (config.parent / "mosquitto.log").open("ab") as log:
        child = subprocess.Popen(words, env={"PATH": path}, stderr=log)
    try:
        wait_until(lambda: answers(port))
        yield
    finally:
        child.kill()
        child.wait()


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_no_gateway_is_let_in_before_a_worker_listens_at_the_broker_that_runs(
    tmp_path: Path, free_port: int, database: str, conn: psycopg.Connection, people: list[int]
) -> None:
    config = mosquitto.prepare(tmp_path, port=free_port, gateways=[], ingest_password="b")
    who = gateways.admit(conn, households.add(conn), "居間")
    registrations.add(
        conn, gateway_id=who.gateway_id, device="scale", model="theengs_scale", label="", person_id=people[0]
    )
    settings = Settings(database_url=database, mqtt_port=free_port, mqtt_password="b", mqtt_slot="ingest-test")
    topic, heard = f"phr/v1/{who.gateway_id}/scale", []

    def let_in() -> bool:
        with peer(free_port, who.gateway_id, who.password) as one:
            one.client.on_publish = lambda c, u, mid, reason, p: heard.append(str(reason))
            if one.connected:
                one.send(topic, theengs_scale(60 + len(heard)))
            one.client.on_publish = None
            return one.connected

    def opened() -> int:
        return (tmp_path / "gatekeeper.log").read_text("utf-8").count("may come in")

    with keeping(database, tmp_path):
        for times in (1, 2):
            with started(config, free_port):
                assert not let_in()
                with worker(settings):
                    wait_until(let_in)
                    assert opened() == times
                assert let_in()  # its messages wait
    assert heard == ["Success"] * 4
