"""An MQTT client as anyone could bring it, the worker as a process of its own, and patience."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from store.settings import Settings, variable


def wait_until(true: Callable[[], object], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def exhaust(work: Callable[..., int], *given: object) -> None:
    """Again and again until nothing is left to do."""
    while work(*given):
        pass


@dataclass
class Peer:
    """An MQTT client as anyone could bring it: what it was told on connecting, what it has received."""

    client: Client
    answers: list[str]
    received: list[MQTTMessage]
    granted: list[str]

    @property
    def connected(self) -> bool:
        return self.answers == ["Success"]

    def send(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Publish and wait for the broker's acknowledgement."""
        self.client.publish(topic, payload, qos=qos, retain=retain).wait_for_publish(20)


@contextmanager
def peer(
    port: int,
    name: str | None,
    password: str | None,
    *,
    client_id: str = "",
    kept: bool = False,
    protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5,
) -> Iterator[Peer]:
    """Connect (or be refused): waits for the broker's answer. ``kept``: the session outlives the connection."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=protocol, reconnect_on_failure=False)
    one = Peer(client, [], [], [])
    client.username_pw_set(name, password) if name else None
    client.max_inflight_messages_set(1000)
    client.on_connect = lambda c, u, f, reason, p: one.answers.append(str(reason))
    client.on_message = lambda c, u, message: one.received.append(message)
    client.on_subscribe = lambda c, u, mid, reasons, p: one.granted.extend(map(str, reasons))
    if kept:
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        client.connect("127.0.0.1", port, clean_start=False, properties=session)
    else:
        client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        wait_until(lambda: one.answers)
        yield one
    finally:
        end(client)


def session_of(settings: Settings, slot: int = 1) -> AbstractContextManager[Peer]:
    """In the place of the worker that holds this slot: it is given what that one has not acknowledged."""
    name = f"{settings.mqtt_slot}-{slot}"
    return peer(settings.mqtt_port, settings.mqtt_username, settings.mqtt_password, client_id=name, kept=True)


def end(client: Client) -> None:
    """Disconnect and close every socket now: paho leaves its inner pair to the garbage collector, which warns."""
    client.disconnect()
    client.loop_stop()
    client._reset_sockets()


@dataclass
class Worker:
    """``python -m ingest`` as a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")


@contextmanager
def worker(settings: Settings) -> Iterator[Worker]:
    """Start it and wait until it listens; killed at the end if it still lives."""
    names = (
        "database_url",
        "mqtt_port",
        "mqtt_password",
        "mqtt_slot",
        "ingest_slots",
        "ingest_batch",
        "ingest_receive",
        "metrics_port",
        "log_level",
    )
    environ = os.environ | {variable(name): str(getattr(settings, name)) for name in names}
    with NamedTemporaryFile(suffix=".log") as log:
        started = Worker(subprocess.Popen([sys.executable, "-m", "ingest"], env=environ, stderr=log), Path(log.name))
        try:
            wait_until(lambda: "listening" in started.said)
            yield started
        finally:
            started.process.kill()
            started.process.wait()
