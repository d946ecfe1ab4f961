"""A citizen sees own data; what belongs to somebody else is answered as if it were not there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient

from store import advice, consents, unclaimed
from store.advice import Spoken
from store.model import Unclaimed

NOW = datetime.now(UTC)


def spoken(**other: Any) -> Spoken:
    given: dict[str, Any] = {
        "rule_id": "steps_more", "kind": "advice", "urgency": 1, "audience": "citizen", "title": "あと1,000歩",
        "body": "今より10分多く歩いてみませんか。", "reason": "先週の平均は 4,200 歩でした。",
        "rests_on": [{"metric": "steps", "what": "歩数", "value": "4,200 歩", "at": "2026-11-01/2026-11-07"}],
        "source": {"guideline": "身体活動・運動ガイド2023", "year": 2024, "section": "高齢者版", "verified": True},
        "rank": 0,
    }  # fmt: skip
    return Spoken(**given | other)


@pytest.fixture
def hanakos_advice(conn: psycopg.Connection, town: Town) -> int:
    settled = advice.settle(conn, {town.hanako.person_id: [spoken()]}, NOW)
    return settled.new[0].advice_id


def test_advice_comes_with_its_why_its_source_and_the_remark(hanako: TestClient, hanakos_advice: int) -> None:
    (one,) = hanako.get("/api/advice").json()
    assert one["advice_id"] == hanakos_advice
    assert one["reason"] == "先週の平均は 4,200 歩でした。"
    assert one["rests_on"][0]["value"] == "4,200 歩"
    assert one["source"]["guideline"] == "身体活動・運動ガイド2023"
    assert (one["notice"], one["answer"]) == ("この情報は診断ではありません。", None)


def test_advice_comes_in_screen_order_without_what_is_for_the_nurse(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    said = [spoken(rule_id="c", rank=2), spoken(rule_id="n", rank=1, audience="nurse"), spoken(rule_id="a", rank=0)]
    advice.settle(conn, {town.hanako.person_id: [one for one in said]}, NOW)
    ids = {row.rule_id: row.advice_id for row in advice.open_for(conn, town.hanako.person_id)}
    assert [one["advice_id"] for one in hanako.get("/api/advice").json()] == [ids["a"], ids["c"]]


def test_my_answer_is_kept_and_shown(hanako: TestClient, hanakos_advice: int) -> None:
    path = f"/api/advice/{hanakos_advice}/feedback"
    assert [hanako.post(path, json={"answer": "done"}).status_code for _ in range(2)] == [204, 204]
    assert hanako.get("/api/advice").json()[0]["answer"] == "done"
    assert hanako.post(path, json={"answer": "maybe"}).status_code == 422


def test_nobody_answers_or_sees_somebody_elses_advice(
    taro: TestClient, hanakos_advice: int, conn: psycopg.Connection
) -> None:
    assert taro.get("/api/advice").json() == []
    foreign = taro.post(f"/api/advice/{hanakos_advice}/feedback", json={"answer": "not_for_me"})
    absent = taro.post("/api/advice/999999/feedback", json={"answer": "not_for_me"})
    assert (foreign.status_code, foreign.json()) == (404, absent.json())  # no oracle
    assert conn.execute("select count(*) from health.feedback").fetchone() == (0,)


def test_a_consent_is_given_listed_and_withdrawn_by_its_giver_alone(hanako: TestClient, taro: TestClient) -> None:
    new = {"purpose": "phr_records", "recipient": "0611234567", "items": ["lab"], "text_version": "1"}
    given = hanako.post("/api/consents", json=new).json()
    assert (given["given_by"], given["withdrawn_at"], given["items"]) == ("self", None, ["lab"])
    path = f"/api/consents/{given['consent_id']}"
    assert taro.get("/api/consents").json() == []
    assert taro.delete(path).status_code == 404
    assert hanako.get("/api/consents").json()[0]["withdrawn_at"] is None
    assert [hanako.delete(path).status_code for _ in range(2)] == [204, 404]
    assert hanako.get("/api/consents").json()[0]["withdrawn_at"] is not None


def test_a_consent_that_is_over_before_it_begins_is_refused(hanako: TestClient) -> None:
    new = {
        "purpose": "push",
        "recipient": "city",
        "items": ["*"],
        "text_version": "2",
        "valid_to": "2020-01-01T00:00:00Z",
    }
    assert hanako.post("/api/consents", json=new).status_code == 422


def test_a_device_is_registered_at_a_gateway_of_my_home_only(hanako: TestClient, taro: TestClient, home: int) -> None:
    scale = {"gateway": "gw-hanako", "device": "scale-1", "model": "theengs_scale", "label": "体重計(居間)"}
    assert taro.post("/api/registrations", json=scale).status_code == 404
    added = hanako.post("/api/registrations", json=scale)
    assert (added.status_code, added.json()["shared"], added.json()["valid_to"]) == (201, False, None)
    assert hanako.post("/api/registrations", json=scale).status_code == 409
    assert hanako.post("/api/registrations", json=scale | {"device": "x", "model": "unknown"}).status_code == 422
    assert hanako.post("/api/registrations", json=scale | {"device": "a/b"}).status_code == 422
    assert [one["label"] for one in hanako.get("/api/registrations").json()] == ["体重計(居間)"]
    assert taro.get("/api/registrations").json() == []


def test_a_registration_is_ended_by_its_owner_only(hanako: TestClient, taro: TestClient, home: int) -> None:
    scale = {"gateway": "gw-hanako", "device": "scale-1", "model": "theengs_scale", "label": "体重計", "shared": True}
    added = hanako.post("/api/registrations", json=scale).json()
    path = f"/api/registrations/{added['registration_id']}"
    assert added["shared"] is True
    assert taro.delete(path).status_code == 404
    assert hanako.get("/api/registrations").json()[0]["valid_to"] is None
    assert hanako.delete(path).status_code == 204
    assert all(one["valid_to"] for one in hanako.get("/api/registrations").json())
    assert hanako.post("/api/registrations", json=scale).status_code == 201  # free for a new registration


def test_an_unclaimed_measurement_goes_to_the_member_who_claims_it(
    hanako: TestClient, taro: TestClient, home: int, conn: psycopg.Connection
) -> None:
    scale = {"gateway": "gw-hanako", "device": "scale-1", "model": "theengs_scale", "label": "体重計", "shared": True}
    hanako.post("/api/registrations", json=scale)
    row = conn.execute("select source_id from health.registrations").fetchone()
    assert row
    at = NOW - timedelta(hours=1)
    unclaimed.add(conn, [Unclaimed(home, "weight", at, row[0], 61.5, 0, 0, NOW)])
    assert taro.get("/api/unclaimed").json() == []
    (one,) = hanako.get("/api/unclaimed").json()
    assert (one["value"], one["unit"], one["source"]) == (61.5, "kg", "体重計")
    wanted = {name: one[name] for name in ("household", "source_id", "at")}
    assert taro.post("/api/unclaimed/claim", json=wanted).json() == {"moved": 0}
    assert [hanako.post("/api/unclaimed/claim", json=wanted).json()["moved"] for _ in range(2)] == [1, 0]
    assert hanako.get("/api/unclaimed").json() == []
    assert len(hanako.get("/api/readings", params={"metric": "weight"}).json()["readings"]) == 1


def test_i_can_read_who_looked_at_my_data(hanako: TestClient, nurse: TestClient, town: Town) -> None:
    hanako.get("/api/me")
    nurse.get(f"/api/nurse/people/{town.hanako.public_id}", params={"purpose": "outreach"})
    nurse.get(f"/api/nurse/people/{town.taro.public_id}")
    seen = hanako.get("/api/looks").json()
    assert [(one["mine"], one["role"], one["purpose"]) for one in seen] == [
        (True, "citizen", "own"),
        (False, "nurse", "outreach"),
        (True, "citizen", "own"),
    ]


def test_the_consent_of_a_person_is_no_one_elses(conn: psycopg.Connection, town: Town, hanako: TestClient) -> None:
    other = consents.give(
        conn, town.taro.person_id, purpose="push", recipient="city", items=["*"], text_version="2",
        given_by="self", valid_from=NOW,
    )  # fmt: skip
    foreign, absent = hanako.delete(f"/api/consents/{other}"), hanako.delete("/api/consents/999999")
    assert foreign.json() == absent.json()
    assert consents.of_person(conn, town.taro.person_id)[0].withdrawn_at is None
