"""What came of a call: the 保健師 notes it on her list, the citizen answers, and either takes it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient
from invented_person import a_red_flag, agree, two_to_call

from store import due, people
from store.people import Person

NOW = datetime.now(UTC)


@pytest.fixture
def called(conn: psycopg.Connection) -> tuple[Person, Person]:
    return two_to_call(conn, NOW)


def reason(conn: psycopg.Connection, person: Person) -> int:
    [(advice_id,)] = conn.execute(
        "select advice_id from health.advice where person_id = %s and kind in ('red_flag', 'referral')",
        (person.person_id,),
    ).fetchall()
    return int(advice_id)


def closed(conn: psycopg.Connection, advice_id: int) -> None:
    """As the worker does when the answer has been read."""
    conn.execute("update health.advice set closed_at = now() where advice_id = %s", (advice_id,))


def test_what_she_notes_is_told_to_her_colleagues_and_to_the_person_and_can_be_taken_back(
    nurse: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    agree(conn, town.hanako.person_id, NOW)
    hers = a_red_flag(conn, town.hanako.person_id, NOW, rule_id="checkup_glucose", kind="referral", urgency=3)
    due.take(conn, "advice")
    form = {"advice": [hers], "outcome": "treated", "day": "2026-01-05", "note": "本間医院に通院中"}
    answer = nurse.post("/nurse/calls", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/nurse?said=treated")
    assert [person for person, _ in due.take(conn, "advice")] == [town.hanako.person_id]
    assert "<strong>治療中</strong>(2026年1月5日、保健 しおり)本間医院に通院中" in nurse.get("/nurse").text
    closed(conn, hers)
    page = nurse.get("/nurse?said=treated").text
    assert "受診ずみ・治療中とお答えの方(この30日、1件)" in page and "酒田 花子" in page
    mine = hanako.get("/").text
    assert "受診ずみ・治療中のお知らせ(1件)" in mine and "保健師より: 本間医院に通院中" in mine
    assert "ご連絡の結果" in hanako.get("/looks").text
    assert nurse.post("/nurse/calls", data={"advice": [hers], "outcome": "open"}).status_code == 303
    assert "酒田 花子" not in nurse.get("/nurse").text and "のお知らせ(1件)" not in hanako.get("/").text


def test_the_citizens_own_answer_stands_on_the_list_and_is_taken_back_by_them(
    nurse: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    agree(conn, town.hanako.person_id, NOW)
    hers = a_red_flag(conn, town.hanako.person_id, NOW)
    assert f'id="answer-{hers}-under_care"' in hanako.get("/").text
    assert hanako.post(f"/advice/{hers}/answer", data={"answer": "under_care"}).status_code == 303
    assert "ご本人のお返事: <strong>もう受診しています</strong>" in nurse.get("/nurse").text
    closed(conn, hers)
    assert "<strong>治療中</strong>" in nurse.get("/nurse").text
    assert "まちがいなので、取り消す" in hanako.get("/").text
    hanako.post(f"/advice/{hers}/answer", data={"answer": "not_yet"})
    assert "<strong>治療中</strong>" not in nurse.get("/nurse").text


def test_who_could_not_be_reached_waits_at_the_end_for_a_week_unless_it_is_of_today(
    nurse: TestClient, called: tuple[Person, Person], conn: psycopg.Connection
) -> None:
    for one in called:
        nurse.post("/nurse/calls", data={"advice": [reason(conn, one)], "outcome": "unreached"})
    page = nurse.get("/nurse").text
    end = page[page.index("連絡がつかなかった方(1人") :]
    assert "砂山 トシ" in end and "磯部 勇" not in end
    conn.execute("update health.call_outcomes set at = at - interval '8 days'")
    assert "連絡がつかなかった方(" not in nurse.get("/nurse").text


def test_only_reasons_of_people_on_her_list_can_be_noted_and_a_day_to_come_is_refused(
    nurse: TestClient, called: tuple[Person, Person], conn: psycopg.Connection
) -> None:
    stranger = people.add(conn, birth_date=NOW.date() - timedelta(days=20000), sex="male", name="他町", town="062031")
    foreign = a_red_flag(conn, stranger.person_id, NOW)
    both = {"advice": [reason(conn, called[0]), foreign], "outcome": "seen"}
    assert nurse.post("/nurse/calls", data=both).status_code == 404
    ahead = {"advice": [reason(conn, called[0])], "outcome": "seen", "day": "2199-01-01"}
    assert nurse.post("/nurse/calls", data=ahead).status_code == 422
    assert conn.execute("select count(*) from health.call_outcomes").fetchone() == (0,)
