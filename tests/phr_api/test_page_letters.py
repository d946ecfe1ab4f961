"""The list of whom the 保健師 writes to or calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from callers import Town, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient

from advice_engine.channel import reaching
from store import consents, deliveries, letters, people, sessions, staff

PUSH = {"purpose": "push", "recipient": "city", "items": ["*"], "text_version": "2", "given_by": "paper:1"}


@pytest.fixture
def message(town: Town, conn: psycopg.Connection) -> str:
    """Hanako, who asked to be called, has one message of the channel that nobody has dealt with: its token."""
    person = town.hanako.person_id
    people.call(conn, person, name="=酒田 花子", kana="サカタ ハナコ", phone="0234-00-1234", address="酒田市本町")
    consents.give(conn, person, **PUSH, valid_from=datetime.now(UTC) - timedelta(days=1))
    letters.ask(conn, person, "phone")
    assert reaching(conn, [person]) == {person: "letter"}
    row = conn.execute(
        "insert into health.advice"
        " (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on, source, judged_at)"
        " values (%s, 'steps_more', 'advice', 1, 'both', '歩いてみませんか', '1日1,000歩から', 'r', '[]', '{}', now())"
        " returning advice_id",
        (person,),
    ).fetchone()
    assert row
    deliveries.add(conn, [(row[0], person, "letter")], datetime.now(UTC))
    conn.execute("update health.deliveries set status = 'sending', attempts = 1")
    conn.execute("update health.deliveries set status = 'sent', sent_at = now()")
    [(token,)] = conn.execute("select token from health.deliveries").fetchall()
    return str(token)


def withdrawn(conn: psycopg.Connection, town: Town, purpose: str) -> None:
    person = town.hanako.person_id
    for given in consents.of_person(conn, person):
        if given.purpose == purpose:
            consents.withdraw(conn, person, given.consent_id, datetime.now(UTC))


def test_she_sees_whom_to_call_and_that_there_is_something_new_but_not_what(
    nurse: TestClient, message: str, town: Town, conn: psycopg.Connection
) -> None:
    withdrawn(conn, town, "guidance")
    page = nurse.get("/nurse/letters").text
    assert all(
        word in page for word in ("酒田 花子", "0234-00-1234", "酒田市本町", "電話", "新しいお知らせがあります。")
    )
    assert "歩いてみませんか" not in page


def test_who_agreed_to_words_that_name_no_letters_gets_none(
    nurse: TestClient, message: str, town: Town, conn: psycopg.Connection
) -> None:
    withdrawn(conn, town, "push")
    consents.give(conn, town.hanako.person_id, **PUSH | {"text_version": "1"}, valid_from=datetime.now(UTC))
    assert "酒田 花子" not in nurse.get("/nurse/letters").text


def test_what_it_is_about_she_sees_of_who_agreed_to_guidance_and_praise_goes_along(
    nurse: TestClient, message: str, town: Town, conn: psycopg.Connection
) -> None:
    page = nurse.get("/nurse/letters").text
    assert "歩いてみませんか" in page and "よい調子です" not in page
    for kind, title in (("praise", "よい調子です"), ("information", "お知らせです")):
        conn.execute(
            "insert into health.advice"
            " (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on, source, judged_at)"
            " values (%s, %s, %s, 0, 'citizen', %s, '続けましょう', 'r', '[]', '{}', now())",
            (town.hanako.person_id, kind, kind, title),
        )
    page = nurse.get("/nurse/letters").text
    assert page.index("1日1,000歩から") < page.index("よい調子です") and "お知らせです" not in page


def test_what_she_dealt_with_is_off_the_list_and_delivered(
    nurse: TestClient, message: str, town: Town, conn: psycopg.Connection
) -> None:
    for _ in range(2):
        answer = nurse.post(f"/nurse/letters/{message}/done")
        assert (answer.status_code, answer.headers["location"]) == (303, "/nurse/letters?said=done")
    assert conn.execute("select status from health.deliveries").fetchall() == [("delivered",)]
    assert "花子" not in nurse.get("/nurse/letters").text
    told = [items for (items,) in conn.execute("select items from audit.looks where purpose = 'outreach'")]
    assert told == ["letters", "letters"]


def test_the_table_runs_nothing_in_a_spreadsheet_and_each_person_in_it_is_noted(
    nurse: TestClient, message: str, town: Town, conn: psycopg.Connection
) -> None:
    withdrawn(conn, town, "guidance")
    conn.execute("update health.deliveries set sent_at = '2026-11-20 20:00:00Z'")
    answer = nurse.get("/nurse/letters.csv")
    assert answer.headers["content-type"].startswith("text/csv") and answer.text.startswith("\ufeff方法,")
    assert ",'=酒田 花子," in answer.text and answer.text.endswith(",2026-11-21\r\n")  # the day in Japan
    assert conn.execute("select action, items from audit.looks where purpose = 'outreach'").fetchall() == [
        ("export", "letters: name, contact")
    ]


def test_who_took_the_consent_to_be_told_back_is_on_no_list(
    nurse: TestClient, message: str, town: Town, conn: psycopg.Connection
) -> None:
    withdrawn(conn, town, "push")
    assert "花子" not in nurse.get("/nurse/letters").text


def test_who_no_longer_wants_letters_and_calls_is_on_no_list(
    nurse: TestClient, message: str, town: Town, conn: psycopg.Connection
) -> None:
    letters.ask(conn, town.hanako.person_id, None)
    assert "花子" not in nurse.get("/nurse/letters").text


def test_a_colleague_of_another_town_or_of_a_facility_sees_and_does_nothing(
    app: FastAPI, message: str, conn: psycopg.Connection
) -> None:
    far = staff.add(conn, name="保健 とおく", town="064611")
    clinic = staff.add(conn, name="保健 しせつ", facility=("0688888888", "港の保健センター"))
    with TestClient(app, headers=bearer(sessions.open(conn, staff_id=far.staff_id)), follow_redirects=False) as one:
        assert "花子" not in one.get("/nurse/letters").text
        assert one.post(f"/nurse/letters/{message}/done").status_code == 404
    with TestClient(app, headers=bearer(sessions.open(conn, staff_id=clinic.staff_id))) as one:
        assert one.get("/nurse/letters").status_code == 403
    assert conn.execute("select status from health.deliveries").fetchall() == [("sent",)]


def test_how_a_person_wants_to_be_told_she_writes_down_on_their_page(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    path = f"/nurse/people/{town.hanako.public_id}"
    for how, kept in (("post", "post"), ("phone", "phone"), ("none", "")):
        assert nurse.post(f"{path}/letters", data={"how": how}).status_code == 303
        assert letters.asked(conn, town.hanako.person_id) == kept
        assert f'value="{how}" required checked' in nurse.get(path).text
    withdrawn(conn, town, "guidance")
    assert nurse.post(f"{path}/letters", data={"how": "post"}).status_code == 404
