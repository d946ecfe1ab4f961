"""`phr simulate`: the gateways of the demo's town, publishing through the real broker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from phr_api.commands import demo_folder, demo_services, demo_welcome, interrupts
from phr_api.commands.demo_folder import Folder
from phr_api.commands.own_name import phr
from phr_api.commands.problem import Problem
from phr_api.town_live import Counter, Message, Street, counters

_MEMORY = "simulator.json"
_BROADCAST_GAP = 0.2  # seconds between two publishes of one burst


def simulate(
    data: Annotated[Path, typer.Option(metavar="DIR", help="The folder of the demo.")] = Path(".phr"),
    speed: Annotated[float, typer.Option(min=0.1, max=6000, help="Measurements a minute over the whole town.")] = 15,
    seconds: Annotated[float, typer.Option(min=0, help="Stop after so long; 0: only at Ctrl-C.")] = 0,
) -> None:
    """Let the town's devices measure: scales that repeat themselves, cuffs, counters, gateways that catch up.

    Talks to the broker of a running `phr up --no-live` (with --live it runs by itself).

    Example:

      phr simulate --speed 120
    """
    folder = demo_folder.find(data)
    if not demo_folder.running(folder):
        raise Problem(f"the demo in {data} does not run: start it with `{phr()} up --no-live --data {data}`")
    street = Street(demo_welcome.residents(folder), np.random.default_rng(), _counters(folder))
    interrupts.once()
    clients: dict[str, Client] = {}
    until = time.monotonic() + seconds if seconds else None
    try:
        while until is None or time.monotonic() < until:
            _publish(clients, folder, street.next(datetime.now(UTC)))
            _remember(folder, street.counters)
            time.sleep(60 / speed)
    except KeyboardInterrupt:
        pass
    finally:
        for client in clients.values():
            client.disconnect()
            client.loop_stop()


def _publish(clients: dict[str, Client], folder: Folder, messages: Iterable[Message]) -> None:
    for message in messages:
        if message.gateway not in clients:
            clients[message.gateway] = _connect(folder, message.gateway)
        clients[message.gateway].publish(message.topic, message.payload, qos=1)
        time.sleep(_BROADCAST_GAP)


def _connect(folder: Folder, gateway: str) -> Client:
    """A gateway's own connection with its own name and password; comes back by itself when the line breaks."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=f"{gateway}-simulated", protocol=MQTTv5)
    client.username_pw_set(gateway, demo_services.gateway_passwords(folder)[gateway])
    client.connect_async("127.0.0.1", demo_folder.state(folder)["mqtt_port"])
    client.loop_start()
    return client


def _counters(folder: Folder) -> dict[str, Counter]:
    """What the pedometers showed last, so that a restart looks like a pause, not like a new device."""
    memory = folder.path / _MEMORY
    if memory.exists():
        known = json.loads(memory.read_text("utf-8"))
        return {device: Counter(datetime.fromisoformat(at), steps) for device, (at, steps) in known.items()}
    seed = demo_folder.state(folder)["seed"]
    return counters(demo_welcome.residents(folder), demo_folder.seeded_at(folder), seed)


def _remember(folder: Folder, shown: Mapping[str, Counter]) -> None:
    told = {device: (counter.at.isoformat(), counter.steps) for device, counter in shown.items()}
    draft = folder.path / f"{_MEMORY}.new"
    draft.write_text(json.dumps(told), "utf-8")
    draft.replace(folder.path / _MEMORY)
