from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
from callers import Town, agree
from fastapi.testclient import TestClient
from test_api_own_data import spoken

from store import advice, people

NOW = datetime.now(UTC)


def flag(conn: psycopg.Connection, person_id: int, at: datetime, **other: object) -> None:
    told = {"rule_id": "bp_high", "kind": "red_flag", "urgency": 4, "audience": "both"} | other
    advice.settle(conn, {person_id: [spoken(**told)]}, at)


def test_the_newest_reason_comes_first_with_name_and_phone(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    rin = people.add(
        conn, birth_date=date(1950, 1, 1), sex="female", name="遊佐 りん", kana="ユザ リン", phone="0234-00-0000"
    )
    agree(conn, rin.person_id)
    flag(conn, town.taro.person_id, NOW - timedelta(hours=5))
    flag(conn, rin.person_id, NOW - timedelta(hours=1), kind="referral", urgency=3)
    flag(conn, town.hanako.person_id, NOW - timedelta(hours=3))
    found = nurse.get("/api/nurse/worklist").json()
    assert [one["person"]["name"] for one in found] == ["遊佐 りん", "酒田 花子", "最上 太郎"]
    assert (found[0]["kana"], found[0]["phone"]) == ("ユザ リン", "0234-00-0000")
    assert found[0]["reasons"][0]["kind"] == "referral"
    assert found[0]["reasons"][0]["rests_on"]
    assert [one["since"] for one in found] == sorted((one["since"] for one in found), reverse=True)


def test_people_without_a_reason_or_of_another_town_are_not_on_the_list(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    away = people.add(conn, birth_date=date(1950, 1, 1), sex="male", name="鶴岡 一", town="062031")
    flag(conn, away.person_id, NOW)
    advice.settle(conn, {town.hanako.person_id: [spoken()]}, NOW)  # plain advice is no reason to call
    assert nurse.get("/api/nurse/worklist").json() == []


def test_every_name_on_the_list_is_a_look_at_that_person(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    for person in (town.hanako, town.taro):
        flag(conn, person.person_id, NOW)
    nurse.get("/api/nurse/worklist")
    looks = conn.execute("select person_id, actor, role, purpose from audit.looks order by person_id").fetchall()
    actor = f"staff:{town.nurse.staff_id}"
    assert looks == [(p.person_id, actor, "nurse", "worklist") for p in (town.hanako, town.taro)]


def test_a_summary_shows_contact_advice_and_newest_values(
    nurse: TestClient, town: Town, hanako: TestClient, conn: psycopg.Connection
) -> None:
    flag(conn, town.hanako.person_id, NOW)
    typed = {"metric": "weight", "value": 61.5, "unit": "kg", "at": "2026-11-01T07:00:00+09:00"}
    hanako.post("/api/entries", json={"readings": [typed]})
    found = nurse.get(f"/api/nurse/people/{town.hanako.public_id}").json()
    assert (found["person"]["name"], found["kana"]) == ("酒田 花子", "サカタ ハナコ")
    assert [one["kind"] for one in found["advice"]] == ["red_flag"]
    assert [(one["metric"], one["value"], one["unit"]) for one in found["last"]] == [("weight", 61.5, "kg")]


def test_a_person_of_another_town_is_not_found_and_the_attempt_is_written_down(
    nurse: TestClient, conn: psycopg.Connection
) -> None:
    away = people.add(conn, birth_date=date(1950, 1, 1), sex="male", name="鶴岡 一", town="062031")
    foreign, absent = (nurse.get(f"/api/nurse/people/{one}") for one in (away.public_id, uuid4()))
    assert (foreign.status_code, foreign.json()) == (404, absent.json())
    assert conn.execute("select person_id, action, allowed from audit.looks order by look_id").fetchall() == [
        (away.person_id, "deny", False),
        (None, "deny", False),  # guessing ids is written down too
    ]


def test_who_has_not_agreed_or_agrees_no_longer_is_not_there_for_the_nurse(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    silent = people.add(conn, birth_date=date(1950, 1, 1), sex="male", name="同意 無")
    for person in (silent, town.hanako):
        flag(conn, person.person_id, NOW)
    assert [one["person"]["name"] for one in nurse.get("/api/nurse/worklist").json()] == ["酒田 花子"]
    assert nurse.get(f"/api/nurse/people/{silent.public_id}").status_code == 404
    assert nurse.get(f"/nurse/people/{silent.public_id}").status_code == 404
    assert nurse.get(f"/nurse/people/{silent.public_id}/charts/weight.json").status_code == 404
    conn.execute("update health.consents set withdrawn_at = now() where person_id = %s", (town.hanako.person_id,))
    assert nurse.get("/api/nurse/worklist").json() == []
    assert nurse.get(f"/api/nurse/people/{town.hanako.public_id}").status_code == 404
    assert "酒田 花子" not in nurse.get("/nurse").text


def test_a_look_needs_one_of_the_purposes(nurse: TestClient, town: Town) -> None:
    path = f"/api/nurse/people/{town.hanako.public_id}"
    assert nurse.get(path, params={"purpose": "curiosity"}).status_code == 422
