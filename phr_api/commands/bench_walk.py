"""Measures walk one from outside: publish at the broker, look through the API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

import psycopg
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from devices import payloads
from phr_api import town_devices
from phr_api.commands import demo_folder, demo_services, demo_welcome
from phr_api.commands.demo_folder import Folder
from phr_api.commands.problem import Problem
from phr_api.town_devices import Device
from phr_api.town_resident import Resident
from store import identifiers, sealing, sessions

_PATIENCE = 20.0  # seconds until a reading counts as lost
_LOOK_EVERY = 0.01


@dataclass(frozen=True, slots=True)
class Walk:
    """Seconds from publish until the API shows the reading, and until the person is judged anew; None: never."""

    visible: float | None
    advice: float | None


def measure(folder: Folder, *, n: int, rate: float) -> list[Walk]:
    """``n`` weights of one citizen, one after the other, at most ``rate`` a second."""
    person, device = _bearer(demo_welcome.residents(folder))
    client = connect(folder, device.gateway)
    sealing.use(demo_folder.master_key(folder).read_text("utf-8"))
    with psycopg.connect((folder.secrets / "database_url").read_text("utf-8"), autocommit=True) as conn:
        person_id = identifiers.person_of(conn, *person.identifier)
        assert person_id is not None  # the town's own person
        api = _Api(demo_folder.state(folder)["api_port"], sessions.open(conn, person_id=person_id))
        walks = []
        for turn in range(n):
            start = time.monotonic()
            kilograms = round(person.weight_kg + (turn % 20 - 10) / 20, 2)
            walks.append(_one(client, device, kilograms, api=api, decided=lambda: _decisions(conn, person_id)))
            time.sleep(max(0.0, 1 / rate - (time.monotonic() - start)))
        client.disconnect()
        client.loop_stop()
    return walks


def _bearer(residents: tuple[Resident, ...]) -> tuple[Resident, Device]:
    """Somebody whose device tells the time of each reading: every publish is a reading of its own."""
    for person in residents:
        for device in town_devices.of(person):
            if device.model == "phr_readings":
                return person, device
    raise Problem("nobody in this demo has such a device: start it with at least 2 people")


def _one(client: Client, device: Device, kilograms: float, *, api: _Api, decided: Callable[[], int]) -> Walk:
    before, start, at = decided(), time.monotonic(), datetime.now(UTC)
    client.publish(device.topic, payloads.phr_readings([("weight", kilograms, "kg", at)]), qos=1)
    visible = until(lambda: at in api.weighings(at), start)
    return Walk(visible, until(lambda: decided() > before, start) if visible is not None else None)


def until(what: Callable[[], bool], start: float) -> float | None:
    """Seconds from ``start`` until ``what`` holds; None when it does not within 20."""
    while not what():
        if time.monotonic() - start > _PATIENCE:
            return None
        time.sleep(_LOOK_EVERY)
    return time.monotonic() - start


def _decisions(conn: psycopg.Connection, person_id: int) -> int:
    row = conn.execute(
        "select coalesce(max(decision_id), 0) from health.decisions where person_id = %s", (person_id,)
    ).fetchone()
    assert row is not None
    return int(row[0])


def connect(folder: Folder, gateway: str) -> Client:
    """Connected as this gateway, with its thread running. Raises Problem when the broker does not answer."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=f"{gateway}-bench", protocol=MQTTv5)
    client.username_pw_set(gateway, demo_services.gateway_passwords(folder)[gateway])
    client.connect("127.0.0.1", demo_folder.state(folder)["mqtt_port"])
    client.loop_start()
    until = time.monotonic() + _PATIENCE
    while not client.is_connected():
        if time.monotonic() > until:
            raise Problem("the broker of the demo does not answer")
        time.sleep(_LOOK_EVERY)
    return client


class _Api:
    """The API as one citizen sees it."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._headers = {"Authorization": f"Bearer {token}"}

    def weighings(self, since: datetime) -> set[datetime]:
        """The moments of the weighings from ``since`` on."""
        path = f"/api/readings?metric=weight&since={quote(since.isoformat())}"
        status, body = self._get(path)
        if status != 200:
            raise Problem(f"the API answers {status} instead of the readings")
        return {datetime.fromisoformat(reading["at"]) for reading in json.loads(body)["readings"]}

    def _get(self, path: str) -> tuple[int, bytes]:
        for last in (False, True):
            try:
                self._connection.request("GET", path, headers=self._headers)
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (ConnectionError, HTTPException):  # it closes connections that were silent for a while
                self._connection.close()
                if last:
                    break
        raise Problem("the API does not answer any more")
