"""Devices are renamed, handed on and replaced by those whose they are, among those who share them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from devices.payloads import theengs_scale
from ingest import storing
from ingest.message import Message
from phr_api import own_devices
from store import households, readings, registrations, rejections
from store.model import Reading

NOW = datetime.now(UTC)
SCALE = {"gateway": "gw-hanako", "device": "scale-1", "model": "theengs_scale", "label": "体重計"}


@pytest.fixture
def path(hanako: TestClient, home: int) -> str:
    """Hanako's scale, hers for two days."""
    added = hanako.post("/api/registrations", json=SCALE | {"since": (NOW - timedelta(days=2)).isoformat()})
    assert added.status_code == 201
    return f"/api/registrations/{added.json()['registration_id']}"


@pytest.fixture
def together(conn: psycopg.Connection, town: Town, home: int) -> int:
    """Taro lives at Hanako's, since yesterday."""
    households.join(conn, home, town.taro.person_id, NOW - timedelta(days=1))
    return home


def test_a_device_gets_another_name(hanako: TestClient, taro: TestClient, path: str) -> None:
    assert hanako.patch(path, json={"label": "風呂場の体重計"}).json()["label"] == "風呂場の体重計"
    assert taro.patch(path, json={"label": "x"}).status_code == 404
    assert hanako.patch(path, json={"label": ""}).status_code == 422
    assert [one["label"] for one in hanako.get("/api/registrations").json()] == ["風呂場の体重計"]


def test_a_device_is_handed_on_to_a_member_who_then_has_it_alone(
    hanako: TestClient, taro: TestClient, path: str, together: int, town: Town, conn: psycopg.Connection
) -> None:
    handed = hanako.post(f"{path}/hand-on", json={"to": str(town.taro.public_id), "label": "太郎の体重計"})
    assert (handed.status_code, handed.json()["label"], handed.json()["shared"]) == (201, "太郎の体重計", False)
    [old] = hanako.get("/api/registrations").json()
    assert (old["label"], bool(old["valid_to"])) == ("体重計", True)
    assert [one["label"] for one in taro.get("/api/registrations").json()] == ["太郎の体重計"]
    assert hanako.post(f"{path}/hand-on", json={"to": "household"}).status_code == 409
    new = registrations.at(conn, [("gw-hanako", "scale-1")], datetime.now(UTC))["gw-hanako", "scale-1"]
    assert hanako.delete(f"/api/registrations/{new.registration_id}").status_code == 404  # it is his now
    assert (False, "household") in {(one["mine"], one["purpose"]) for one in taro.get("/api/looks").json()}


def test_what_was_measured_since_moves_with_it(
    hanako: TestClient, taro: TestClient, path: str, together: int, town: Town, conn: psycopg.Connection
) -> None:
    [(source,)] = conn.execute("select source_id from health.registrations").fetchall()
    me = town.hanako.person_id
    times = [NOW - timedelta(hours=hours) for hours in (30, 2)]
    readings.add(conn, [Reading(me, "weight", at, source, 60.0, 0, 0, NOW) for at in times])
    since = (NOW - timedelta(hours=3)).isoformat()
    answer = hanako.post(f"{path}/hand-on", json={"to": str(town.taro.public_id), "since": since})
    assert answer.status_code == 201
    for caller in (hanako, taro):
        assert len(caller.get("/api/readings", params={"metric": "weight"}).json()["readings"]) == 1


def test_a_device_becomes_the_households_and_a_replaced_one_another_model(
    hanako: TestClient, taro: TestClient, path: str, together: int, town: Town
) -> None:
    shared = hanako.post(f"{path}/hand-on", json={"to": "household", "model": "xiaomi_scale_181d"}).json()
    assert (shared["shared"], shared["model"]) == (True, "xiaomi_scale_181d")
    seen = [one for one in taro.get("/api/registrations").json() if not one["valid_to"]]
    assert [one["registration_id"] for one in seen] == [shared["registration_id"]]
    mine = taro.post(f"/api/registrations/{shared['registration_id']}/hand-on", json={"to": str(town.taro.public_id)})
    assert mine.status_code == 201  # a member may


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"to": "00000000-0000-0000-0000-000000000000"}, 404),
        ({"to": "somebody"}, 422),
        ({"to": "household", "model": "unknown"}, 422),
        ({"to": "household", "since": (NOW + timedelta(hours=1)).isoformat()}, 422),
        ({"to": "household", "since": (NOW - timedelta(days=43)).isoformat()}, 422),
        ({"to": "household", "since": (NOW - timedelta(days=3)).isoformat()}, 422),  # before it was registered
    ],
)
def test_what_can_not_be_is_refused(hanako: TestClient, path: str, body: dict[str, str], status: int) -> None:
    assert hanako.post(f"{path}/hand-on", json=body).status_code == status
    assert [one["valid_to"] for one in hanako.get("/api/registrations").json()] == [None]


def test_nobody_gets_a_device_for_a_time_before_they_lived_there(
    hanako: TestClient, taro: TestClient, path: str, together: int, town: Town
) -> None:
    early = (NOW - timedelta(hours=30)).isoformat()
    wanted = {"to": str(town.taro.public_id), "since": early}
    assert hanako.post(f"{path}/hand-on", json=wanted).status_code == 422
    assert taro.post("/api/registrations", json=SCALE | {"device": "band", "since": early}).status_code == 422
    assert taro.post("/api/registrations", json=SCALE | {"device": "band"}).status_code == 201


def test_who_loses_numbers_of_the_familys_device_finds_that_among_the_looks(
    hanako: TestClient, taro: TestClient, together: int, town: Town, conn: psycopg.Connection
) -> None:
    since = NOW - timedelta(hours=20)
    made = hanako.post("/api/registrations", json=SCALE | {"shared": True, "since": since.isoformat()}).json()
    [(source,)] = conn.execute("select source_id from health.registrations").fetchall()
    readings.add(conn, [Reading(town.hanako.person_id, "weight", NOW - timedelta(hours=2), source, 60.0, 0, 0, NOW)])
    wanted = {"to": str(town.taro.public_id), "since": (NOW - timedelta(hours=3)).isoformat()}
    path = f"/api/registrations/{made['registration_id']}/hand-on"
    assert taro.post(path, json=wanted).status_code == 201
    [seen] = [one for one in hanako.get("/api/looks").json() if not one["mine"]]
    assert (seen["action"], seen["items"], seen["purpose"]) == ("write", "registrations", "household")


def test_a_member_moves_nothing_of_the_time_before_they_lived_there(
    hanako: TestClient, taro: TestClient, together: int, town: Town
) -> None:
    since = NOW - timedelta(days=3)
    made = hanako.post("/api/registrations", json=SCALE | {"shared": True, "since": since.isoformat()}).json()
    wanted = {"to": str(town.hanako.public_id), "since": (NOW - timedelta(days=2)).isoformat()}
    path = f"/api/registrations/{made['registration_id']}/hand-on"
    assert taro.post(path, json=wanted).status_code == 422
    assert hanako.post(path, json=wanted).status_code == 201


def test_somebody_from_elsewhere_gets_and_hands_on_nothing(
    hanako: TestClient, taro: TestClient, path: str, town: Town
) -> None:
    assert hanako.post(f"{path}/hand-on", json={"to": str(town.taro.public_id)}).status_code == 404
    assert taro.post(f"{path}/hand-on", json={"to": "household"}).status_code == 404


def test_what_a_worker_just_holds_while_its_device_is_registered_is_not_left_behind(
    db: ConnectionPool, town: Town, home: int, conn: psycopg.Connection
) -> None:
    at = NOW - timedelta(minutes=1)
    message = Message("phr/v1/gw-hanako/scale-1", theengs_scale(61.7), at)

    def register() -> None:
        with db.connection() as mine:
            own_devices.register(mine, town.hanako.person_id, **SCALE, shared=False, since=at - timedelta(hours=1))

    with db.connection() as working:
        outcomes = storing.decoded(working, [message])
        assert outcomes[0].rejection is not None  # nobody's yet
        registering = threading.Thread(target=register)
        registering.start()
        registering.join(1)
        storing.store(working, "slot", outcomes)
    registering.join(20)
    assert conn.execute("select person_id, value from health.readings").fetchall() == [(town.hanako.person_id, 61.7)]
    assert rejections.open_by_reason(conn) == {}
