"""Consents through the API: words, proxies, papers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from phr_api.acting import MEMBER_ID
from store import consents, entitlements, identifiers, people
from store.clock import civil_day
from store.consent_scans import MOST_BYTES
from store.consent_words import newest

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40) + b"IEND\xaeB`\x82"
CARD = {"insurer": "06123456", "symbol": "さかた", "number": "12", "branch": "01", "birth_date": "1961-05-03"}
GUIDANCE = {"purpose": "guidance", "recipient": "city", "items": ["*"], "text_version": "1"}
PUSH = {"purpose": "push", "recipient": "city", "items": ["notice"], "text_version": "2"}


@pytest.fixture
def card(conn: psycopg.Connection, town: Town) -> dict[str, str]:
    """Hanako's insurance card."""
    identifiers.add(conn, town.hanako.person_id, MEMBER_ID, "06123456:さかた:12:01")
    return CARD


def paper(card: dict[str, str], **other: object) -> dict[str, object]:
    signed = {"purpose": "guidance", "recipient": "city", "items": ["*"], "text_version": "1"}
    return {**card, **signed, "signed_on": "2026-11-01", **other}


def send(nurse: TestClient, form: dict[str, object], content: bytes = PDF, path: str = "paper-consents"):
    return nurse.post(f"/api/nurse/{path}", data=form, files={"scan": ("a.exe", content, "text/html")})


def test_the_words_can_be_read_before_anybody_signs_in(client: TestClient) -> None:
    found = {one["purpose"]: one for one in client.get("/api/consent-words").json()}
    assert len(found) == 7 and found["phr_records"]["items"]["lab"] == "検査の結果"
    assert client.get("/consents/words/guidance/1").status_code == 200
    assert client.get("/consents/words/guidance/2").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"text_version": "99"}, 422),  # no such words
        ({"purpose": "everything"}, 422),
        ({"items": ["notice", "lab"]}, 422),  # of another purpose
        ({"recipient": "*"}, 422),
        ({"items": []}, 422),
        ({"purposes": ["push", "guidance"]}, 422),  # one at a time
    ],
)
def test_what_no_words_say_is_not_agreed_to(
    hanako: TestClient, conn: psycopg.Connection, wrong: dict[str, object], status: int
) -> None:
    assert hanako.post("/api/consents", json=PUSH | wrong).status_code == status
    assert conn.execute("select count(*) from health.consents").fetchone() == (0,)


def test_a_newer_consent_takes_the_place_of_the_older_one_so_that_one_withdrawal_is_enough(hanako: TestClient) -> None:
    records = {"purpose": "phr_records", "recipient": "*", "text_version": "1"}
    first = hanako.post("/api/consents", json=records | {"items": ["*"]}).json()
    second = hanako.post("/api/consents", json=records | {"items": ["lab"]}).json()
    given = {one["consent_id"]: one for one in hanako.get("/api/consents").json()}
    assert given[first["consent_id"]]["withdrawn_by"] == f"replaced:{second['consent_id']}"
    assert given[second["consent_id"]]["words_sha256"] and given[second["consent_id"]]["audience"] == ["person"]
    assert hanako.delete(f"/api/consents/{second['consent_id']}").status_code == 204
    assert all(one["withdrawn_at"] for one in hanako.get("/api/consents").json())


def test_who_leaves_the_record_takes_everything_back_but_the_refusal_of_research(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    for purpose in ("phr", "guidance", "push", "next_generation_opt_out"):
        agreed = {"purpose": purpose, "recipient": "city", "items": ["*"], "text_version": newest(purpose).version}
        assert hanako.post("/api/consents", json=agreed).status_code == 201
    of = {one["purpose"]: one["consent_id"] for one in hanako.get("/api/consents").json()}
    assert hanako.delete(f"/api/consents/{of['phr']}").status_code == 204
    running = [one["purpose"] for one in hanako.get("/api/consents").json() if not one["withdrawn_at"]]
    assert running == ["next_generation_opt_out"]
    assert consents.has_left(conn, town.hanako.person_id)
    assert hanako.post("/api/consents", json=PUSH).status_code == 409
    assert (
        hanako.post("/api/consents", json=PUSH | {"purpose": "phr", "items": ["*"], "text_version": "1"}).status_code
        == 201
    )
    assert hanako.post("/api/consents", json=PUSH).status_code == 201


def test_a_proxy_gives_and_takes_back_while_entitled_and_the_person_sees_it_and_can_end_it(
    hanako: TestClient, taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    whom = {"person": str(town.hanako.public_id)}
    assert taro.get("/api/consents", params=whom).status_code == 404
    assert taro.post("/api/consents", json=PUSH, params=whom).status_code == 404
    now = datetime.now(UTC)
    given = entitlements.add(
        conn, person_id=town.hanako.person_id, proxy_id=town.taro.person_id, kind="caregiver", relation="長男",
        valid_from=now, valid_to=now + timedelta(days=30), evidence="委任状", noted_by="staff:1",
    )  # fmt: skip
    assert [one["public_id"] for one in taro.get("/api/entitlements").json()["by_me"]] == [whom["person"]]
    made = taro.post("/api/consents", json=PUSH, params=whom)
    assert (made.status_code, made.json()["given_by"]) == (201, f"proxy:{given}")
    assert taro.get("/api/consents").json() == []  # his own are none
    assert taro.delete(f"/api/consents/{made.json()['consent_id']}").status_code == 404  # not among his own
    assert taro.delete(f"/api/consents/{made.json()['consent_id']}", params=whom).status_code == 204
    (shown,) = hanako.get("/api/consents").json()
    assert (shown["given_by"], shown["withdrawn_by"]) == (f"proxy:{given}", f"proxy:{given}")
    page = hanako.get("/consents").text
    assert "長男" in page and "委任状" in page and "代理の方が取りやめました" in page
    assert hanako.delete(f"/api/entitlements/{given}").status_code == 204
    assert taro.get("/api/consents", params=whom).status_code == 404
    looks = conn.execute("select action, purpose from audit.looks where role = 'proxy' and purpose = 'proxy'")
    assert sorted(looks) == [("write", "proxy"), ("write", "proxy")]
    refused = conn.execute(
        "select count(*) from audit.looks where not allowed and person_id = %s", [town.hanako.person_id]
    )
    assert refused.fetchone() == (3,)


def test_a_proxy_sees_nothing_else_of_the_person(taro: TestClient, town: Town, conn: psycopg.Connection) -> None:
    entitlements.add(
        conn, person_id=town.hanako.person_id, proxy_id=town.taro.person_id, kind="parent", relation="父",
        valid_from=datetime(2026, 1, 1, tzinfo=UTC), valid_to=None, evidence="戸籍", noted_by="staff:1",
    )  # fmt: skip
    # she is 65: nobody is her parent in the sense of the law any more
    assert taro.get("/api/consents", params={"person": str(town.hanako.public_id)}).status_code == 404
    assert "花子" not in taro.get("/consents").text


def test_a_signed_paper_is_kept_with_its_scan_and_the_person_sees_both(
    hanako: TestClient, taro: TestClient, nurse: TestClient, card: dict[str, str], town: Town
) -> None:
    done = send(nurse, paper(card, purpose="phr_records", recipient="*", items=["lab", "condition"]), PNG)
    assert done.status_code == 201, done.text
    (consent_id,) = done.json()["consent_ids"]
    shown = next(one for one in hanako.get("/api/consents").json() if one["consent_id"] == consent_id)
    assert shown["given_by"] == f"paper:{town.nurse.staff_id}" and shown["items"] == ["lab", "condition"]
    assert shown["valid_from"] == "2026-10-31T15:00:00Z"
    scan = hanako.get(f"/api/consents/{consent_id}/scans/given")
    assert (scan.content, scan.headers["content-type"]) == (PNG, "image/png")
    assert scan.headers["content-disposition"].startswith("attachment") and scan.headers["cache-control"] == "no-store"
    assert taro.get(f"/api/consents/{consent_id}/scans/given").status_code == 404
    assert hanako.get(f"/api/consents/{consent_id}/scans/withdrawn").status_code == 404
    page = hanako.get("/consents").text
    assert "紙の同意書" in page and f"/api/consents/{consent_id}/scans/given" in page
    back = send(nurse, {**card, "purpose": "phr_records", "signed_on": "2026-11-02"}, path="paper-withdrawals")
    assert (back.status_code, back.json()) == (200, {"consent_ids": [consent_id]})
    assert hanako.get(f"/api/consents/{consent_id}/scans/withdrawn").content == PDF
    assert "紙の申し出で取りやめました" in hanako.get("/consents").text


@pytest.mark.parametrize("wrong", [{"birth_date": "1961-05-04"}, {"branch": "02"}, {"number": "13"}])
def test_a_card_that_fits_nobody_of_her_town_changes_nothing_and_is_written_down(
    nurse: TestClient, card: dict[str, str], conn: psycopg.Connection, wrong: dict[str, str]
) -> None:
    before = conn.execute("select count(*) from health.consents").fetchone()
    assert send(nurse, paper(card | wrong)).status_code == 404
    assert conn.execute("select count(*) from health.consents").fetchone() == before
    assert conn.execute("select action, allowed from audit.looks").fetchall() == [("deny", False)]


def test_a_person_of_another_town_is_not_found_at_the_counter(nurse: TestClient, conn: psycopg.Connection) -> None:
    away = people.add(conn, birth_date=date(1961, 5, 3), sex="male", name="鶴岡 一", town="062031")
    identifiers.add(conn, away.person_id, MEMBER_ID, "06123456:さかた:12:01")
    assert send(nurse, paper(CARD)).status_code == 404


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<html><script>", 422),
        (PDF[:-8] + bytes(2000), 422),  # cut off
        (b"MZ" + PDF, 422),
        (b"", 422),
        (b"%PDF-" + bytes(MOST_BYTES) + b"%%EOF", 413),
    ],
    ids=["a page", "cut off", "a program", "empty", "too large"],
)
def test_what_is_no_scan_is_refused_by_its_content(
    nurse: TestClient, card: dict[str, str], conn: psycopg.Connection, content: bytes, status: int
) -> None:
    assert send(nurse, paper(card), content).status_code == status
    assert conn.execute("select count(*) from health.consent_scans").fetchone() == (0,)


def test_a_paper_signed_tomorrow_or_over_already_is_refused(nurse: TestClient, card: dict[str, str]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert send(nurse, paper(card, signed_on=tomorrow)).status_code == 422
    assert send(nurse, paper(card, valid_to="2026-11-02")).status_code == 422


def test_a_paper_that_was_left_lying_does_not_undo_what_the_person_decided_since(
    hanako: TestClient, nurse: TestClient, card: dict[str, str]
) -> None:
    agreed = hanako.post("/api/consents", json=GUIDANCE | {"items": ["advice"]}).json()
    late = send(nurse, paper(card))
    assert late.status_code == 409 and "署名" in late.json()["title"], late.text  # it names more than she chose since
    assert hanako.delete(f"/api/consents/{agreed['consent_id']}").status_code == 204
    assert send(nurse, paper(card)).status_code == 409  # and would bring back what she took back
    assert not any(one["withdrawn_at"] is None for one in hanako.get("/api/consents").json())
    today = civil_day(datetime.now(UTC)).isoformat()
    assert send(nurse, paper(card, signed_on=today)).status_code == 201


def test_a_paper_from_before_the_person_left_the_record_brings_nothing_back(
    hanako: TestClient, nurse: TestClient, card: dict[str, str]
) -> None:
    record = {"purpose": "phr", "recipient": "city", "items": ["*"], "text_version": "1"}
    first = hanako.post("/api/consents", json=record).json()
    assert hanako.delete(f"/api/consents/{first['consent_id']}").status_code == 204
    assert send(nurse, paper(card, **record)).status_code == 409
    assert hanako.post("/api/consents", json=record).status_code == 201
    assert send(nurse, paper(card)).status_code == 409


def test_a_citizen_enters_no_papers(hanako: TestClient, card: dict[str, str]) -> None:
    assert send(hanako, paper(card)).status_code == 403
    assert hanako.post("/api/nurse/entitlements", json={}).status_code in (403, 422)


def test_an_entitlement_is_noted_with_its_evidence_and_ends(
    nurse: TestClient, taro: TestClient, card: dict[str, str], town: Town, conn: psycopg.Connection
) -> None:
    identifiers.add(conn, town.taro.person_id, MEMBER_ID, "06123456:さかた:12:02")
    his = card | {"branch": "02", "birth_date": "1958-09-09"}
    new = {"person": card, "proxy": his, "kind": "caregiver", "relation": "夫", "evidence": "委任状"}
    assert nurse.post("/api/nurse/entitlements", json=new).status_code == 422  # a caregiver's needs an end
    assert (
        nurse.post("/api/nurse/entitlements", json=new | {"proxy": card, "valid_to": "2099-01-01"}).status_code == 422
    )
    assert nurse.post("/api/nurse/entitlements", json=new | {"valid_to": "2099-01-01"}).status_code == 201
    (ward,) = taro.get("/api/entitlements").json()["by_me"]
    assert (ward["public_id"], ward["relation"]) == (str(town.hanako.public_id), "夫")
    assert taro.delete(f"/api/entitlements/{ward['entitlement_id']}").status_code == 204  # he gives it up
    assert taro.get("/api/entitlements").json()["by_me"] == []
