"""Measures how a gateway comes in and is shut out again: through the API, the TLS port and the API once more."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

import psycopg
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from devices import payloads
from phr_api.commands import demo_folder, demo_welcome
from phr_api.commands.demo_folder import Folder
from phr_api.commands.problem import Problem
from store import identifiers, sealing, sessions

_PATIENCE = 20.0  # seconds until something counts as never happened
_LOOK_EVERY = 0.01


@dataclass(frozen=True, slots=True)
class Onboarding:
    """Seconds: from the code sent to a reading stored; from the revocation asked to disconnected, and to refused."""

    stored: float
    disconnected: float
    refused: float


def measure(folder: Folder, *, n: int) -> list[Onboarding]:
    """``n`` gateways of one citizen, one after the other; each is shut out before the next comes."""
    sealing.use(demo_folder.master_key(folder).read_text("utf-8"))
    with psycopg.connect((folder.secrets / "database_url").read_text("utf-8"), autocommit=True) as conn:
        person_id = identifiers.person_of(conn, *demo_welcome.first_persona(folder).identifier)
        assert person_id is not None  # the town's own person
        api = _Api(demo_folder.state(folder)["api_port"], sessions.open(conn, person_id=person_id))
    return [_one(api, number) for number in range(n)]


def _one(api: _Api, number: int) -> Onboarding:
    code = api.ask("POST", "/api/gateway-codes", {"label": "bench"})["code"]
    start = time.monotonic()
    told = api.ask("POST", "/api/gateways", {"code": code})
    device = {"gateway": told["gateway"], "device": "band", "model": "phr_readings", "label": "bench"}
    api.ask("POST", "/api/registrations", device)
    with _connected(told) as client:
        at = datetime.now(UTC)
        payload = payloads.phr_readings([("temperature", 36 + number % 20 / 10, "Cel", at)])
        client.publish(f"{told['topic_prefix']}band", payload, qos=1)
        stored = _until(lambda: at in api.temperatures(at), start)
        start = time.monotonic()
        api.ask("DELETE", f"/api/gateways/{told['gateway']}")
        disconnected = _until(lambda: not client.is_connected(), start)
    refused = _until(lambda: not _accepted(told), start)
    return Onboarding(stored, disconnected, refused)


@contextmanager
def _connected(told: dict[str, Any]) -> Iterator[Client]:
    """The gateway, in as soon as the broker knows it."""
    until = time.monotonic() + _PATIENCE
    while not _accepted(told):
        if time.monotonic() > until:
            raise Problem("the broker does not let the new gateway in: does `python -m ingest.gatekeeper` run?")
        time.sleep(_LOOK_EVERY)
    with _client(told) as (client, answers):
        _until(lambda: answers, time.monotonic())
        yield client


def _accepted(told: dict[str, Any]) -> bool:
    with _client(told) as (_, answers):
        _until(lambda: answers, time.monotonic())
        return answers[0]


@contextmanager
def _client(told: dict[str, Any]) -> Iterator[tuple[Client, list[bool]]]:
    """A connection begun as the gateway was told, and the broker's answers to it."""
    mqtt, answers = told["mqtt"], list[bool]()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5, reconnect_on_failure=False)
    client.username_pw_set(told["gateway"], told["password"])
    client.on_connect = lambda c, u, f, reason, p: answers.append(not reason.is_failure)
    if mqtt["tls"]:
        with _file(mqtt["ca"]) as ca:
            client.tls_set(ca)
    client.connect(mqtt["host"], mqtt["port"])
    client.loop_start()
    try:
        yield client, answers
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def _file(text: str | None) -> Iterator[str | None]:
    if text is None:
        yield None
        return
    with NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(text)
        file.flush()
        yield file.name


def _until(what: Callable[[], object], start: float) -> float:
    while not what():
        if time.monotonic() - start > _PATIENCE:
            raise Problem(f"not within {_PATIENCE:g} s: see the logs of the gatekeeper and of ingest")
        time.sleep(_LOOK_EVERY)
    return time.monotonic() - start


class _Api:
    """The API as one citizen and their gateway see it."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, self._headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Problem(f"{method} {path.partition('?')[0]} answers {answer.status}")
        return json.loads(text) if text else None

    def temperatures(self, since: datetime) -> set[datetime]:
        found = self.ask("GET", f"/api/readings?metric=temperature&since={quote(since.isoformat())}")
        return {datetime.fromisoformat(one["at"]) for one in found["readings"]}
