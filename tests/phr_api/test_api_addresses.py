"""Where I am told: given, proven by a code, taken away; at the API and on the page."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from callers import AppOn, Town, bearer
from channel_peers import LINE_SECRET, Services, line_signed, services
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from phr_api import telling
from store import addresses, entitlements, sealing, tokens, tries

PATH = "/api/me/addresses"
AGREED = {"purpose": "push", "recipient": "city", "items": ["notice"], "text_version": "2"}
SMS = {"channel": "sms", "address": "０９０-1234-5678"}  # as people type it


@pytest.fixture(scope="module")
def database(file_database: str) -> str:
    """One for all: each test has people of its own."""
    return file_database


@pytest.fixture
def outside() -> Iterator[Services]:
    with services() as opened:
        yield opened


@pytest.fixture
def hanako(
    app_on: AppOn, database: str, doors: ConnectionPool, town: Town, outside: Services, conn: psycopg.Connection
) -> Iterator[TestClient]:
    """A citizen where SMS, LINE and the app are set up, who agreed to be told."""
    sealing.make(conn, "lookup")  # as `phr migrate` does
    conn.execute("delete from identity.tries")  # of the tests before, to the same number
    given = outside.settings(database_url=database, embedded=True, public_url="http://testserver")
    app = app_on(given, doors)
    with TestClient(app, headers=bearer(town.hanako_token), follow_redirects=False) as opened:
        assert opened.post(PATH, json=SMS).status_code == 403  # before the consent
        assert opened.post("/api/consents", json=AGREED).status_code == 201
        yield opened


@pytest.fixture
def taro(hanako: TestClient, town: Town) -> Iterator[TestClient]:
    with TestClient(hanako.app, headers=bearer(town.taro_token), follow_redirects=False) as opened:
        assert opened.post("/api/consents", json=AGREED).status_code == 201
        yield opened


def code(outside: Services) -> str:
    found = re.search(r"\d{6}", outside.taken[-1][1]["text"])
    assert found
    return found[0]


def test_a_number_is_proven_by_the_code_that_was_sent_there(
    hanako: TestClient, taro: TestClient, town: Town, outside: Services, conn: psycopg.Connection
) -> None:
    added = hanako.post(PATH, json=SMS)
    assert (added.status_code, added.json()["code_sent"]) == (201, True)
    path, person = f"{PATH}/{added.json()['address_id']}", town.hanako.person_id
    assert outside.taken[-1][1]["to"] == "+819012345678"
    assert addresses.of_people(conn, [person], "sms") == []
    sent = code(outside)
    wrong = hanako.post(f"{path}/confirm", json={"code": f"{(int(sent) + 1) % 10**6:06}"})
    assert wrong.status_code == 422 and sent not in wrong.text
    assert taro.post(f"{path}/confirm", json={"code": sent}).status_code == 404
    assert hanako.post(f"{path}/confirm", json={"code": f" {sent[:3]} {sent[3:]} "}).status_code == 204
    assert [one.address for one in addresses.of_people(conn, [person], "sms")] == ["+819012345678"]
    [shown] = hanako.get(PATH).json()
    assert shown["shown"] == "…5678" and shown["confirmed_at"] and "+8190" not in str(shown)
    assert taro.get(PATH).json() == [] and taro.delete(path).status_code == 404
    assert hanako.delete(path).status_code == 204 and hanako.get(PATH).json() == []


def test_who_agreed_to_the_older_words_reads_the_newer_ones_first(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    addresses.add(conn, town.hanako.person_id, "email", "hanako@example.jp", confirmed=True)
    conn.execute("update health.consents set text_version = '1' where purpose = 'push'")
    assert hanako.post(PATH, json=SMS).status_code == 403
    assert hanako.post("/addresses/line", data={"link_token": "x"}).status_code == 403
    page = hanako.get("/addresses").text
    assert "説明が新しくなりました" in page and "どの届け先にもお送りしていません" in page and "add-sms" not in page


def test_a_wrong_try_counts_although_it_is_refused(hanako: TestClient, outside: Services) -> None:
    path = f"{PATH}/{hanako.post(PATH, json=SMS).json()['address_id']}/confirm"
    sent = code(outside)
    wrong = {"code": f"{(int(sent) + 1) % 10**6:06}"}
    assert [hanako.post(path, json=wrong).status_code for _ in range(addresses.CODE_TRIES)] == [422] * 5
    assert hanako.post(path, json={"code": sent}).status_code == 422


def test_a_telephone_does_not_ring_for_one_code_after_the_other(
    hanako: TestClient, taro: TestClient, outside: Services, conn: psycopg.Connection
) -> None:
    answers = [hanako.post(PATH, json=SMS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 60
    assert len(outside.taken) == 2
    there = f"address code|to:{sealing.hashes(conn, 'sms', '+819012345678')[0].hex()}"
    for _ in range(9):
        tries.take(conn, there, free=10)
    assert taro.post(PATH, json=SMS).status_code == 429  # nor for many people's


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [(410, 422, "refused"), (422, 422, "refused"), (429, 503, "unsent"), (500, 503, "unsent")],
)
def test_a_code_that_did_not_go_out_can_be_asked_for_again(
    hanako: TestClient, outside: Services, answer: int, status: int, said: str
) -> None:
    outside.answer = (answer, {}, {})
    assert hanako.post(PATH, json=SMS).status_code == status
    [waits] = hanako.get(PATH).json()
    path = f"/addresses/{waits['address_id']}"
    again = hanako.post(f"{path}/code", headers={"Accept": "text/html"})
    assert (again.status_code, again.headers["location"]) == (303, f"/addresses?said={said}")
    assert 'role="alert"' in hanako.get(again.headers["location"]).text


def test_one_that_was_taken_in_from_a_copy_is_sent_its_code_from_the_page(
    hanako: TestClient, taro: TestClient, town: Town, outside: Services, conn: psycopg.Connection
) -> None:
    number = addresses.add(conn, town.hanako.person_id, "sms", "+819012345678")  # as an import does
    path = f"/addresses/{number}"
    assert f'action="{path}/code"' in hanako.get("/addresses").text
    assert taro.post(f"{path}/code").status_code == 404
    assert hanako.post(f"{path}/code").headers["location"] == "/addresses?said=sent"
    older = code(outside)
    assert [hanako.post(f"{path}/code").status_code for _ in range(2)] == [303, 429]  # seldom, like the first
    assert hanako.post(f"{path}/confirm", data={"code": older}).status_code == 422
    assert hanako.post(f"{path}/confirm", data={"code": code(outside)}).status_code == 303
    assert f'action="{path}/code"' not in hanako.get("/addresses").text
    assert hanako.post(f"{path}/code").status_code == 404 and len(outside.taken) == 2


def test_no_transaction_waits_while_a_code_is_being_sent(
    hanako: TestClient, town: Town, outside: Services, conn: psycopg.Connection
) -> None:
    outside.answer = "slow"
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(hanako.post, PATH, json=SMS)
        deadline = time.monotonic() + 30
        while not outside.asked and time.monotonic() < deadline:
            time.sleep(0.02)
        [kept] = addresses.of_person(conn, town.hanako.person_id)  # who dies now has lost nothing
        outside.answer = None
        outside.closing.set()
        assert answer.result().json()["address_id"] == kept.address_id
    assert hanako.post(f"{PATH}/{kept.address_id}/confirm", json={"code": code(outside)}).status_code == 204


def test_what_is_no_address_is_refused_unrepeated(hanako: TestClient, outside: Services) -> None:
    for wrong in (
        {"channel": "sms", "address": "0234-26-5555"},
        {"channel": "sms", "address": "+1 555 0100"},
        {"channel": "sms", "address": "09012345678\nBcc: x"},
        {"channel": "fcm", "address": "short"},
        {"channel": "line", "address": "U" + "0" * 32},  # linked by LINE alone
        {"channel": "letter", "address": "post"},
        {"channel": "sms", "address": ""},
    ):
        answer = hanako.post(PATH, json=wrong)
        assert answer.status_code == 422 and (not wrong["address"] or wrong["address"] not in answer.text), wrong
    assert outside.taken == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Hanako.S@Example.JP ", "Hanako.S@example.jp"),
        ("ｈａｎａ@example.jp", "hana@example.jp"),
        ("a@b", None),
        ("hıroko@example.jp", None),  # for who ignores case, a dotless i is an i
        ("hana@example.jİ", None),
        ("a b@example.jp", None),
        ("a@example.jp\r\nBcc: x@example.jp", None),
        ("a@example.jp,b@example.jp", None),
        ("<a@example.jp>", None),
        ("a@" + "b" * 250 + ".jp", None),
    ],
)
def test_a_mail_address_is_taken_in_its_plainest_form_alone(typed: str, kept: str | None) -> None:
    try:
        assert telling._plain("email", typed) == kept
    except telling.Problem:
        assert kept is None


def test_a_channel_that_is_not_set_up_takes_no_address(hanako: TestClient) -> None:
    assert hanako.post(PATH, json={"channel": "email", "address": "a@example.jp"}).status_code == 404


def test_the_app_is_told_without_a_code(
    hanako: TestClient, town: Town, outside: Services, conn: psycopg.Connection
) -> None:
    given, person = {"channel": "fcm", "address": "an-apps-token:0123456789"}, town.hanako.person_id
    assert hanako.post(PATH, json=given).status_code == 403  # a browser knows no app's token
    app = tokens.connect(conn, tokens.offer(conn, person).text, "Pixel 8")
    assert app
    assert hanako.post(PATH, json=given, headers=bearer(app.access)).json()["code_sent"] is False
    assert [one.address for one in addresses.of_people(conn, [person], "fcm")] == [given["address"]]
    assert outside.taken == []
    assert hanako.post("/api/tokens/revoke", json={"refresh_token": app.refresh}).status_code == 204
    assert addresses.of_person(conn, person) == []


def _apps(conn: psycopg.Connection, person: int) -> list[tuple[UUID]]:
    return conn.execute(
        "select app_id from identity.apps where person_id = %s order by connected_at", (person,)
    ).fetchall()


def test_an_apps_token_goes_when_its_owner_ends_the_app_and_moves_to_the_app_that_gave_it_last(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    given, person = {"channel": "fcm", "address": "an-apps-token:0123456789"}, town.hanako.person_id
    for _ in range(2):  # connected anew on the same telephone
        app = tokens.connect(conn, tokens.offer(conn, person).text, "Pixel 8")
        assert app and hanako.post(PATH, json=given, headers=bearer(app.access)).status_code == 201
    older, newer = (one for (one,) in _apps(conn, person))
    assert hanako.post(f"/sessions/{older}/end").status_code == 303
    assert [one.address for one in addresses.of_person(conn, person)] == [given["address"]]
    assert hanako.post(f"/sessions/{newer}/end").status_code == 303
    assert addresses.of_person(conn, person) == []


def test_nobody_sees_or_adds_another_persons_addresses_whatever_they_may_do_for_them(
    hanako: TestClient, taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    given = entitlements.add(
        conn, person_id=town.hanako.person_id, proxy_id=town.taro.person_id, kind="caregiver", relation="長男",
        scope=["consents", "see", "enter"], valid_from=datetime.now(UTC) - timedelta(days=1), valid_to=None,
        evidence="委任状", noted_by="staff:1",
    )  # fmt: skip
    assert hanako.post(PATH, json=SMS).status_code == 201
    whom = {"person": str(town.hanako.public_id)}
    assert taro.get(PATH, params=whom).json() == []  # his own
    assert taro.post(PATH, json=SMS | {"address": "08011112222"}, params=whom).status_code == 201
    assert [one.address for one in addresses.of_person(conn, town.hanako.person_id)] == ["+819012345678"]
    conn.execute("update identity.sessions set acting_by = %s where person_id = %s", (given, town.taro.person_id))
    assert taro.get("/addresses").status_code == taro.post("/addresses/sms", data=SMS).status_code == 409


def test_everything_can_be_done_on_the_page(hanako: TestClient, outside: Services) -> None:
    added = hanako.post("/addresses/sms", data={"address": SMS["address"]})
    assert (added.status_code, added.headers["location"]) == (303, "/addresses?said=sent")
    page = hanako.get("/addresses?said=sent").text
    [number] = re.findall(r"/addresses/(\d+)/confirm", page)
    assert "…5678" in page and "+81" not in page and "メールアドレス" not in page  # e-mail is not set up
    assert hanako.post(f"/addresses/{number}/confirm", data={"code": code(outside)}).status_code == 303
    assert "まだ確かめていません" not in hanako.get("/addresses").text
    assert hanako.post(f"/addresses/{number}/remove").status_code == 303
    assert "…5678" not in hanako.get("/addresses").text
    looks = hanako.get("/looks").text
    assert "お知らせの届け先" in looks


def webhook(client: TestClient, *events: dict[str, object], secret: str = LINE_SECRET) -> int:
    body = json.dumps({"destination": "U0", "events": events}).encode()
    return client.post("/api/line/webhook", content=body, headers=line_signed(body, secret)).status_code


HERS = {"source": {"type": "user", "userId": "U" + "ab" * 16}, "replyToken": "r"}


def test_line_is_linked_by_its_webhook_and_unlinked_when_it_is_blocked(
    hanako: TestClient, town: Town, outside: Services, conn: psycopg.Connection
) -> None:
    anonymous = TestClient(hanako.app)
    assert webhook(anonymous, {"type": "follow", **HERS}) == 200
    [invited] = outside.invited
    [page] = re.findall(r"http://testserver(/addresses\?linkToken=\S+)", invited["messages"][0]["text"])
    [token] = re.findall(r'name="link_token" value="([^"]+)"', hanako.get(page).text)
    last = hanako.post("/addresses/line", data={"link_token": token}).text
    [nonce] = re.findall(r"https://access.line.me/dialog/bot/accountLink\?linkToken=[^&]+&amp;nonce=([\w-]+)", last)
    linked = {"type": "accountLink", **HERS, "link": {"result": "ok", "nonce": nonce}}
    assert webhook(anonymous, linked | {"link": {"result": "failed", "nonce": nonce}}) == 200
    assert hanako.get(PATH).json() == []
    for _ in range(2):  # LINE may send it again
        assert webhook(anonymous, linked) == 200
    assert [one.address for one in addresses.of_people(conn, [town.hanako.person_id], "line")] == ["U" + "ab" * 16]
    assert webhook(anonymous, {"type": "unfollow", **HERS}) == 200
    assert hanako.get(PATH).json() == []


def test_in_a_group_nobody_is_invited(hanako: TestClient, outside: Services) -> None:
    group = {"source": {"type": "group", "groupId": "C" + "0" * 32, "userId": "U" + "ab" * 16}, "replyToken": "r"}
    assert webhook(TestClient(hanako.app), {"type": "message", **group}) == 200
    assert outside.asked == []


def test_a_block_of_long_ago_that_line_tells_again_ends_no_newer_link(
    town: Town, hanako: TestClient, outside: Services, conn: psycopg.Connection
) -> None:
    person = town.hanako.person_id
    addresses.add(conn, person, "line", "U" + "ab" * 16, confirmed=True)
    blocked = {"type": "unfollow", "timestamp": int(datetime.now(UTC).timestamp() * 1000), **HERS}
    addresses.add(conn, person, "line", "U" + "ab" * 16, confirmed=True)  # linked again, before we hear of the block
    assert webhook(TestClient(hanako.app), blocked) == 200
    assert len(addresses.of_person(conn, person)) == 1
    later = int(datetime.now(UTC).timestamp() * 1000) + 1000
    assert webhook(TestClient(hanako.app), blocked | {"timestamp": later}) == 200
    assert addresses.of_person(conn, person) == []


def test_what_is_not_signed_by_line_does_nothing(hanako: TestClient, outside: Services) -> None:
    assert webhook(TestClient(hanako.app), {"type": "follow", **HERS}, secret="another secret") == 403
    assert TestClient(hanako.app).post("/api/line/webhook", json={"events": []}).status_code == 403
    assert outside.invited == []


def test_a_signed_body_that_we_do_not_understand_is_passed_over(hanako: TestClient, outside: Services) -> None:
    for body in (b"", b"{", b"[]", b'{"events": 3}', b'{"events": [null, {"source": {"userId": "x"}}]}'):
        answer = TestClient(hanako.app).post("/api/line/webhook", content=body, headers=line_signed(body))
        assert (answer.status_code, outside.asked) == (200, []), body


def test_without_its_secret_the_webhook_is_not_there(client: TestClient) -> None:
    assert client.post("/api/line/webhook", content=b"{}", headers={"X-Line-Signature": ""}).status_code == 404
