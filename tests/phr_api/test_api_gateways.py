"""A gateway comes in by a one-time code, and its people can shut it out."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from phr_api import onboarding
from store import gateways, households, registrations
from store.settings import Settings


def a_code(caller: TestClient, **more: object) -> str:
    answer = caller.post("/api/gateway-codes", json=more)
    assert answer.status_code == 201
    return str(answer.json()["code"])


def test_from_code_to_gateway_to_revoked(hanako: TestClient, client: TestClient, conn: psycopg.Connection) -> None:
    code = hanako.post("/api/gateway-codes", json={"label": "居間"}).json()
    assert json.loads(code["invitation"]) == {"api": "http://testserver/api/gateways", "code": code["code"]}
    answer = client.post("/api/gateways", json={"code": code["code"]})
    made = answer.json()
    assert answer.status_code == 201
    assert made["topic_prefix"] == f"phr/v1/{made['gateway']}/"
    assert made["mqtt"] == {"host": "testserver", "port": 8883, "tls": True, "ca": None}
    assert len(made["password"]) * 5 >= 128
    [one] = hanako.get("/api/gateways").json()
    assert (one["gateway"], one["label"], one["household"], one["revoked_at"]) == (
        made["gateway"], "居間", code["household"], None,
    )  # fmt: skip
    assert "password" not in one
    scale = {"gateway": made["gateway"], "device": "scale", "model": "theengs_scale", "label": "体重計"}
    assert hanako.post("/api/registrations", json=scale).status_code == 201
    path = f"/api/gateways/{made['gateway']}"
    assert [hanako.delete(path).status_code for _ in range(2)] == [204, 404]
    assert gateways.all_live(conn) == []
    assert hanako.get("/api/gateways").json()[0]["revoked_at"]
    assert all(one["valid_to"] for one in hanako.get("/api/registrations").json())


def test_wrong_used_and_expired_codes_are_answered_alike(
    hanako: TestClient, client: TestClient, conn: psycopg.Connection
) -> None:
    used, expired = a_code(hanako), ""
    assert client.post("/api/gateways", json={"code": used}).status_code == 201
    expired = a_code(hanako)
    conn.execute("update health.gateway_codes set expires_at = now()")
    answers = [
        client.post("/api/gateways", json={"code": code}) for code in (used, expired, "0000-0000-0000-0000", "?")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(gateways.all_live(conn)) == 1


def test_of_two_gateways_with_one_code_one_comes_in(hanako: TestClient, client: TestClient) -> None:
    code = a_code(hanako)
    with ThreadPoolExecutor(3) as racers:
        codes = racers.map(lambda _: client.post("/api/gateways", json={"code": code}).status_code, range(3))
    assert sorted(codes) == [201, 404, 404]


def test_a_gateway_is_its_households_alone(hanako: TestClient, taro: TestClient, home: int) -> None:
    path = "/api/gateways/gw-hanako"
    assert [one["gateway"] for one in taro.get("/api/gateways").json()] == ["gw-taro"]
    assert taro.delete(path).status_code == taro.post(f"{path}/secret").status_code == 404
    assert taro.post("/api/gateway-codes", json={"household": home}).status_code == 404
    assert hanako.get("/api/gateways").json()[0]["revoked_at"] is None


def test_a_new_secret_lets_a_new_box_take_the_old_ones_name(
    hanako: TestClient, home: int, conn: psycopg.Connection
) -> None:
    before = dict(gateways.all_live(conn))
    told = hanako.post("/api/gateways/gw-hanako/secret").json()
    after = dict(gateways.all_live(conn))
    assert (told["gateway"], told["user"], told["topic_prefix"]) == ("gw-hanako", "gw-hanako.2", "phr/v1/gw-hanako/")
    assert told["password"] not in after["gw-hanako.2"]
    assert before.items() < after.items() and told["old_until"]  # the old one is good beside it
    told = hanako.post("/api/gateways/gw-hanako/secret", params={"at_once": True}).json()
    assert told["user"] == "gw-hanako.3" and told["old_until"] is None
    assert [name for name, _ in gateways.all_live(conn)] == ["gw-hanako.3", "gw-taro"]


def test_a_household_has_at_most_twenty_gateways(hanako: TestClient, home: int, conn: psycopg.Connection) -> None:
    for _ in range(onboarding.MOST - 1):
        gateways.admit(conn, home, "")
    assert hanako.post("/api/gateway-codes", json={}).status_code == 409
    gateways.revoke(conn, "gw-hanako")
    assert hanako.post("/api/gateway-codes", json={}).status_code == 201


def test_the_picture_is_an_svg_without_script_and_the_code_in_no_address(hanako: TestClient) -> None:
    code = a_code(hanako)
    answer = hanako.post("/api/gateway-codes/picture", json={"code": code})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    drawn = ElementTree.fromstring(answer.content)
    assert drawn.tag.endswith("svg") and not [one for one in drawn.iter() if one.tag.endswith("script")]


def test_who_came_in_by_my_code_stands_among_my_looks(hanako: TestClient, client: TestClient, town: Town) -> None:
    made = client.post("/api/gateways", json={"code": a_code(hanako)}).json()
    looks = hanako.get("/api/looks").json()
    assert [(one["role"], one["items"]) for one in looks if not one["mine"]] == [("gateway", "gateways")]
    assert made["password"] not in str(looks)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({"public_url": "https://phr.example.jp"}, "phr.example.jp"),
        ({"mqtt_public_host": "mq.example.jp"}, "mq.example.jp"),
    ],
)
def test_a_gateway_is_told_the_brokers_public_address(given: dict[str, str], host: str, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    settings = Settings(**given, mqtt_public_port=1, mqtt_public_tls=False, mqtt_public_ca=str(tmp_path / "ca.pem"))  # type: ignore[arg-type]
    assert onboarding.broker(settings) == onboarding.Mqtt(host, 1, False, "-----BEGIN CERTIFICATE-----")


def test_the_people_of_a_household_are_shown_to_each_other_and_it_is_written_down(
    hanako: TestClient, taro: TestClient, home: int, town: Town, conn: psycopg.Connection
) -> None:
    assert [len(one["members"]) for one in hanako.get("/api/households").json()] == [1]
    households.join(conn, home, town.taro.person_id)
    [ours] = hanako.get("/api/households").json()
    assert {one["name"] for one in ours["members"]} == {"酒田 花子", "最上 太郎"}
    assert {one["purpose"] for one in taro.get("/api/looks").json() if not one["mine"]} == {"household"}


def test_nothing_of_a_gateway_is_left_to_its_device_after_it_was_revoked(
    hanako: TestClient, home: int, town: Town, conn: psycopg.Connection
) -> None:
    made = registrations.add(
        conn, gateway_id="gw-hanako", device="scale", model="theengs_scale", label="x", person_id=town.hanako.person_id
    )
    hanako.delete("/api/gateways/gw-hanako")
    assert registrations.at(conn, [("gw-hanako", "scale")], datetime.now(UTC)) == {}
    path = f"/api/registrations/{made.registration_id}/hand-on"
    assert hanako.post(path, json={"to": "household"}).status_code == 404
