"""「機器」: what a citizen does with gateways and devices, by plain forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from devices import payloads
from phr_api.doors import COOKIE
from store import gateways, households, rejections
from store.model import Rejection

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def browser(client: TestClient, town: Town) -> TestClient:
    """Hanako's browser: a cookie, and pages wanted."""
    client.cookies.set(COOKIE, town.hanako_token)
    client.headers |= {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    return client


def heard(conn: psycopg.Connection, at: datetime, kilograms: float, gateway: str = "gw-hanako") -> None:
    """A device that nobody has registered said something."""
    raw = payloads.phr_readings([("weight", kilograms, "kg", None)])
    topic = f"phr/v1/{gateway}/scale-9"
    rejections.add(conn, [Rejection(topic, "unregistered_device", "", raw, at, gateway, "scale-9")])


def test_without_a_gateway_the_page_says_what_to_do(browser: TestClient) -> None:
    page = browser.get("/devices")
    assert page.status_code == 200 and "まだ中継機がありません" in page.text
    assert '<a href="/devices">機器</a>' in browser.get("/").text


def test_a_code_is_shown_once_in_big_letters_and_as_a_picture(browser: TestClient, town: Town) -> None:
    page = browser.post("/devices/codes", data={"label": "居間"}).text
    groups = re.findall(r"<span>([0-9A-Z]{4})</span>", page)
    assert len(groups) == 4 and "あと15分" in page and 'src="data:image/svg+xml;base64,' in page
    assert "".join(groups) not in browser.get("/devices").text
    made = browser.post("/api/gateways", json={"code": "-".join(groups)})
    assert made.status_code == 201
    after = browser.get("/devices").text
    assert "<h3>居間</h3>" in after and made.json()["gateway"] in after and made.json()["password"] not in after


def test_a_gateway_is_taken_out_and_its_devices_end(browser: TestClient, home: int, conn: psycopg.Connection) -> None:
    new = {"gateway": "gw-hanako", "device": "s", "model": "theengs_scale", "label": "体重計", "whose": "household"}
    assert browser.post("/devices/new", data=new).headers["location"] == "/devices#gateways"
    assert browser.post("/devices/gateways/gw-taro/revoke").status_code == 404
    assert browser.post("/devices/gateways/gw-hanako/revoke").status_code == 303
    page = browser.get("/devices").text
    assert "まだ中継機がありません" in page and "1件を見る" in page
    assert [name for name, _ in gateways.all_live(conn)] == ["gw-taro"]


def test_a_broken_gateway_is_replaced_by_a_new_secret(browser: TestClient, home: int, conn: psycopg.Connection) -> None:
    before = dict(gateways.all_live(conn))["gw-hanako"]
    page = browser.post("/devices/gateways/gw-hanako/secret")
    assert page.status_code == 200 and "この1回しか出ません" in page.text
    assert "gw-hanako.2" in page.text and "phr/v1/gw-hanako/" in page.text and "1時間たつまで使えます" in page.text
    assert dict(gateways.all_live(conn))["gw-hanako"] == before  # the old box goes on until the new one is there
    page = browser.post("/devices/gateways/gw-hanako/secret", data={"at_once": "true"})
    assert "もう使えません" in page.text
    assert [name for name, _ in gateways.all_live(conn)] == ["gw-hanako.3", "gw-taro"]
    assert browser.post("/devices/gateways/gw-taro/secret").status_code == 404


def test_a_device_that_was_heard_is_found_and_what_it_said_before_is_read(
    browser: TestClient, home: int, conn: psycopg.Connection
) -> None:
    lived_there = NOW - timedelta(days=9)
    for at, kilograms in ((NOW - timedelta(hours=5), 61.0), (NOW, 62.0), (lived_there - timedelta(days=1), 99.0)):
        heard(conn, at, kilograms)
    heard(conn, NOW, 50.0, "gw-taro")
    rejections.add(conn, [Rejection("x", "unregistered_device", "", b"online", NOW, "gw-hanako", "LWT")])
    page = browser.get("/devices").text
    assert "新しい機器が見つかりました" in page and "記号 scale-9" in page and "(3回)" in page and "LWT" not in page
    new = {"gateway": "gw-hanako", "device": "scale-9", "model": "phr_readings", "label": "体重計", "whose": "me"}
    assert browser.post("/devices/new", data=new).status_code == 303
    stored = conn.execute("select value, at from health.readings order by at").fetchall()
    assert stored == [(61.0, NOW - timedelta(hours=5)), (62.0, NOW)]
    assert rejections.open_by_reason(conn) == {"unregistered_device": 3}


def test_a_device_is_renamed_handed_on_and_ended(
    browser: TestClient, taro: TestClient, home: int, town: Town, conn: psycopg.Connection
) -> None:
    households.join(conn, home, town.taro.person_id)
    new = {"gateway": "gw-hanako", "device": "s", "model": "theengs_scale", "label": "体重計", "whose": "household"}
    browser.post("/devices/new", data=new)
    page = browser.get("/devices").text
    assert "家族みんな" in page and "最上 太郎さん" in page and ">わたし</option>" in page
    [number] = set(re.findall(r"/devices/(\d+)/rename", page))
    assert browser.post(f"/devices/{number}/rename", data={"label": "風呂場"}).status_code == 303
    answer = browser.post(f"/devices/{number}/hand-on", data={"to": str(town.taro.public_id), "day": ""})
    assert answer.status_code == 303
    assert [one["label"] for one in taro.get("/api/registrations").json() if not one["valid_to"]] == ["風呂場"]
    browser.post("/devices/new", data=new | {"device": "t", "label": "台所"})
    [own] = set(re.findall(r"/devices/(\d+)/end", browser.get("/devices").text))
    assert browser.post(f"/devices/{own}/end").status_code == 303
    assert not re.findall(r"/devices/(\d+)/end", browser.get("/devices").text)


def test_where_several_live_nobody_is_taken_for_the_user_of_a_device(
    browser: TestClient, home: int, town: Town, conn: psycopg.Connection
) -> None:
    chosen = '<input type="radio" name="whose" value="me" required checked>'
    assert chosen in browser.get("/devices").text
    households.join(conn, home, town.taro.person_id)
    page = browser.get("/devices").text
    assert chosen not in page and chosen.replace(" checked", "") in page
    new = {"gateway": "gw-hanako", "device": "s", "model": "theengs_scale", "label": "体重計"}
    assert browser.post("/devices/new", data=new).status_code == 422


def test_what_a_device_measures_is_said_in_everybodys_words(browser: TestClient, home: int) -> None:
    new = {"gateway": "gw-hanako", "device": "s", "model": "gatt_blood_pressure_2a35", "label": "朝の", "whose": "me"}
    browser.post("/devices/new", data=new)
    page = browser.get("/devices").text
    assert "血圧・脈拍 ・ 記号 s ・" in page
    assert '<optgroup label="体重">' in page and '<optgroup label="歩数">' in page
    assert "gatt_rsc_2a53" not in page  # of which nothing is kept


def test_a_mistake_is_answered_by_a_page_with_words(browser: TestClient, home: int) -> None:
    new = {"gateway": "gw-hanako", "device": "a/b", "model": "theengs_scale", "label": "x", "whose": "me"}
    refused = browser.post("/devices/new", data=new)
    assert refused.status_code == 422 and "入力を確かめてください" in refused.text
    new["device"] = "s"
    assert [browser.post("/devices/new", data=new).status_code for _ in range(2)] == [303, 409]


def test_the_forms_of_another_site_are_refused(browser: TestClient, home: int) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/devices/codes", "/devices/gateways/gw-hanako/revoke", "/devices/gateways/gw-hanako/secret"):
        assert browser.post(path, headers=foreign).status_code == 403
