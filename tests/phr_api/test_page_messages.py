"""How a citizen says how they want to be told, what a message's link does, and what gateways tell of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from callers import AppOn, Town
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from advice_engine.wishes import words
from phr_api.acting import MEMBER_ID
from phr_api.doors import COOKIE
from phr_api.pages._message_words import TOPICS
from phr_api.routes.receipts import signature
from store import entitlements, identifiers, message_wishes
from store.message_wishes import Wishes
from store.settings import Settings

SECRETS = "sms=new-secret sms=old-secret letter=x"
WISHED = {
    "a_week": 1,
    "silent": ["salt", "praise"],
    "channel": "web_push",
    "quiet_from": 20,
    "quiet_until": 9,
    "paused_until": "2031-01-02",
}


@pytest.fixture
def browser(client: TestClient, town: Town) -> TestClient:
    """Hanako's browser."""
    client.cookies.set(COOKIE, town.hanako_token)
    client.headers.update({"sec-fetch-site": "same-origin", "accept": "text/html"})
    return client


@pytest.fixture
def gateway(app_on: AppOn, database: str, doors: ConnectionPool) -> Iterator[TestClient]:
    """A caller of an installation that takes receipts."""
    app = app_on(Settings(database_url=database, receipt_secrets=SECRETS), doors)
    with TestClient(app) as opened:
        yield opened


def a_message(conn: psycopg.Connection, person_id: int, status: str = "sent", attempts: int = 1) -> UUID:
    ((token,),) = conn.execute(
        "with said as (insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason,"
        "  rests_on, source, judged_at) values (%s, 'walk', 'advice', 1, 'both', '', '', '', '[]', '{}', now())"
        "  returning advice_id, person_id)"
        " insert into health.deliveries (advice_id, person_id, channel, status, attempts, sent_at)"
        " select advice_id, person_id, 'sms', %s, %s, case when %s = 'sent' then now() end from said returning token",
        (person_id, status, attempts, status),
    ).fetchall()
    return token


def status(conn: psycopg.Connection) -> str:
    ((found,),) = conn.execute("select status from health.deliveries").fetchall()
    return found


def told(gateway: TestClient, body: str, *, secret: str = "new-secret", channel: str = "sms") -> int:
    signed = {"X-Phr-Signature": signature(secret, body.encode()), "Content-Type": "application/json"}
    return gateway.post(f"/api/receipts/{channel}", content=body, headers=signed).status_code


def test_who_said_nothing_has_the_towns_ways_and_what_was_said_is_kept(
    hanako: TestClient, taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    nothing = {"a_week": 3, "silent": [], "channel": None, "quiet_from": None, "quiet_until": None}
    assert hanako.get("/api/me/messages").json() == nothing | {"paused_until": None}
    for _ in range(2):
        assert hanako.put("/api/me/messages", json=WISHED).status_code == 204
    assert hanako.get("/api/me/messages").json() == WISHED
    assert taro.get("/api/me/messages").json()["a_week"] == 3
    assert conn.execute("select person_id, set_by from health.message_wishes").fetchall() == [
        (town.hanako.person_id, "self")
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"a_week": 4}, {"silent": ["red_flag"]}, {"silent": ["referral"]}, {"channel": "log"}, {"channel": "pigeon"},
     {"quiet_from": 24, "quiet_until": 1}, {"quiet_from": 20}, {"more": 1}],
)  # fmt: skip
def test_a_wish_that_means_nothing_is_refused(hanako: TestClient, wrong: dict[str, Any]) -> None:
    assert hanako.put("/api/me/messages", json=wrong).status_code == 422


def test_the_page_keeps_the_form_and_shows_it_again(browser: TestClient, town: Town, conn: psycopg.Connection) -> None:
    form = {"a_week": "0", "silent": ["salt", "reflection"], "channel": "", "quiet_from": "", "quiet_until": "",
            "paused_until": "2031-01-02"}  # fmt: skip
    answer = browser.post("/messages", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/messages?said=kept")
    assert message_wishes.of_person(conn, town.hanako.person_id) == Wishes(
        a_week=0, silent=("salt", "reflection"), paused_until=date(2031, 1, 2)
    )
    page = browser.get("/messages?said=kept").text
    assert re.findall(r'value="(\w+)" checked', page) == ["salt", "reflection"]
    assert '<option value="0" selected>' in page and 'value="2031-01-02"' in page and "お休みしています" in page
    assert "いつもお届けするもの" in page and "同意を取りやめて" in page  # what no wish ends, and what does
    assert browser.post("/messages", data=form | {"quiet_from": "0", "quiet_until": "5"}).status_code == 303
    assert '<option value="0" selected>0時' in browser.get("/messages").text


def test_every_topic_has_its_japanese_word() -> None:
    assert set(words()) == set(TOPICS)


def test_who_may_agree_for_somebody_may_wish_for_them(taro: TestClient, town: Town, conn: psycopg.Connection) -> None:
    now, asked = datetime.now(UTC), {"params": {"person": str(town.hanako.public_id)}}
    assert taro.put("/api/me/messages", json={"a_week": 1}, **asked).status_code == 404
    entitlements.add(
        conn, person_id=town.hanako.person_id, proxy_id=town.taro.person_id, kind="caregiver", relation="夫",
        valid_from=now - timedelta(days=1), valid_to=None, evidence="委任状", noted_by="staff:1",
    )  # fmt: skip
    assert taro.put("/api/me/messages", json={"a_week": 1}, **asked).status_code == 204
    assert taro.get("/api/me/messages", **asked).json()["a_week"] == 1
    [(person, by)] = conn.execute("select person_id, set_by from health.message_wishes").fetchall()
    assert person == town.hanako.person_id and by.startswith("proxy:")


def test_the_link_of_a_message_marks_it_for_its_owner_alone(
    browser: TestClient, taro: TestClient, nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    link = f"/m/{a_message(conn, town.hanako.person_id)}"
    for other in (taro, nurse):
        assert other.get(link).status_code == 303 and status(conn) == "sent"
    for _ in range(2):
        answer = browser.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert status(conn) == "opened"
    assert taro.get(f"/m/{uuid4()}").headers["location"] == "/"  # a stranger's word is answered like any other
    notes = conn.execute("select state from health.delivery_events order by event_id").fetchall()
    assert notes == [("sent",), ("opened",)]


def test_a_link_without_sign_in_shows_the_sign_in_and_comes_back_after_it(
    client: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    link = f"/m/{a_message(conn, town.hanako.person_id)}"
    answer = client.get(link, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/signin/citizen?after={link.replace('/', '%2F')}",
    )
    assert answer.text == "" and status(conn) == "sent"
    assert link.replace("/", "%2F") in client.get(f"/signin/again?after={link}").text  # sign-in lets it through


def test_a_signed_receipt_counts_once_and_in_any_order(
    gateway: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    body = f'{{"id": "{a_message(conn, town.hanako.person_id)}", "state": "%s"}}'
    assert told(gateway, body % "delivered") == told(gateway, body % "delivered", secret="old-secret") == 204
    assert status(conn) == "delivered"
    assert told(gateway, body % "failed") == 204 and status(conn) == "delivered"  # late news


def test_an_unsigned_or_foreign_receipt_is_as_if_there_were_none(
    gateway: TestClient, client: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    body = f'{{"id": "{a_message(conn, town.hanako.person_id)}", "state": "delivered"}}'
    assert gateway.post("/api/receipts/sms", content=body).status_code == 404
    assert told(gateway, body, secret="wrong") == told(gateway, body, secret="") == 404
    assert told(gateway, body, secret="x", channel="letter") == 404  # it was not sent by letter
    assert told(gateway, body, channel="log") == 404
    assert told(client, body) == told(client, body, secret="") == 404  # no secret is set there
    assert told(gateway, f'{{"id": "{uuid4()}", "state": "delivered"}}') == 404
    assert told(gateway, '{"id": 1}') == told(gateway, "[") == told(gateway, body.replace("delivered", "opened")) == 422
    assert status(conn) == "sent"


def test_nobody_opens_what_was_never_sent(browser: TestClient, town: Town, conn: psycopg.Connection) -> None:
    browser.get(f"/m/{a_message(conn, town.hanako.person_id, 'due', attempts=0)}")
    assert status(conn) == "due"


def test_a_desk_enters_what_a_person_says_and_who_entered_it_stands_there(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    identifiers.add(conn, town.hanako.person_id, MEMBER_ID, "06060606:1:7:00")
    card = {"insurer": "06060606", "symbol": "1", "number": "7", "branch": "00", "birth_date": "1961-05-03"}
    assert nurse.post("/api/nurse/message-wishes", json={"person": card, "wishes": WISHED}).status_code == 204
    assert conn.execute("select person_id, set_by from health.message_wishes").fetchall() == [
        (town.hanako.person_id, f"paper:{town.nurse.staff_id}")
    ]
    wished = asdict(message_wishes.of_person(conn, town.hanako.person_id))
    assert wished | {"paused_until": str(wished["paused_until"]), "silent": list(wished["silent"])} == WISHED
    assert (
        nurse.post("/api/nurse/message-wishes", json={"person": card | {"number": "8"}, "wishes": {}}).status_code
        == 404
    )
