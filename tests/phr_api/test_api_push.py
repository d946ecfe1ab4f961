from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import psycopg
from callers import Town, bearer
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from phr_api.app import create_app
from store import push_subscriptions
from store.settings import Settings

BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "p256dh": urlsafe_b64encode(b"\x04" + bytes(64)).decode().rstrip("="),
    "auth": urlsafe_b64encode(bytes(16)).decode().rstrip("="),
}


def test_a_browser_is_kept_once_and_forgotten_by_its_owner(
    hanako: TestClient, taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    path = "/api/push/subscriptions"
    assert hanako.post(path, json=BROWSER).status_code == 403  # to be told is agreed to first
    for one in (hanako, taro):
        assert one.post("/api/consents", json=AGREED).status_code == 201
    assert [hanako.post(path, json=BROWSER).status_code for _ in range(2)] == [204, 204]
    assert len(push_subscriptions.of_people(conn, [town.hanako.person_id])) == 1
    ended = {"endpoint": BROWSER["endpoint"]}
    assert taro.request("delete", path, json=ended).status_code == 404
    assert hanako.request("delete", path, json=ended).status_code == 204
    assert push_subscriptions.of_people(conn, [town.hanako.person_id]) == []


def test_a_browser_is_kept_with_the_key_it_subscribed_with(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    assert hanako.post("/api/consents", json=AGREED).status_code == 201
    older = urlsafe_b64encode(b"\x04" + bytes(63) + b"\x01").decode().rstrip("=")
    assert hanako.post("/api/push/subscriptions", json=BROWSER | {"server_key": older}).status_code == 204
    assert push_subscriptions.of_people(conn, [town.hanako.person_id])[0].server_key == older


AGREED = {"purpose": "push", "recipient": "city", "items": ["notice"], "text_version": "2"}
WRONG: list[dict[str, Any]] = [
    {"endpoint": "http://fcm.googleapis.com/x"},
    {"endpoint": "https://127.0.0.1/x"},
    {"endpoint": "https://fcm.googleapis.com.evil.example/x"},
    {"endpoint": "https://fcm.googleapis.com@evil.example/x"},
    {"endpoint": "https://127.0.0.1:5432\\@fcm.googleapis.com/x"},
    {"p256dh": "AAAA"},
    {"auth": "?" * 22},
]


def test_an_address_that_is_no_push_service_or_a_broken_key_is_refused(
    hanako: TestClient, conn: psycopg.Connection
) -> None:
    for wrong in WRONG:
        assert hanako.post("/api/push/subscriptions", json=BROWSER | wrong).status_code == 422, wrong
    assert conn.execute("select count(*) from health.push_subscriptions").fetchone() == (0,)


def test_the_public_key_is_given_while_push_is_on(
    client: TestClient, database: str, doors: ConnectionPool, town: Town
) -> None:
    assert client.get("/api/push/key").status_code == 404
    private = (
        urlsafe_b64encode(bytes(31) + b"\x01").decode().rstrip("=")
    )  # the scalar 1: its point is P-256's generator
    app = create_app(Settings(database_url=database, vapid_private_key=private), doors)
    with TestClient(app, headers=bearer(town.hanako_token)) as told:
        key = urlsafe_b64decode(told.get("/api/push/key").json()["public_key"] + "=")
    assert key.hex().startswith("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
