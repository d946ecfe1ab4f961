"""An emergency: a 保健師 opens the data of somebody who has not agreed. Limited, told, audited, watched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from callers import Town, agree, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient

from store import openings, people, reaching, sessions, staff
from store.sessions import NurseOnDuty

WHY = {"ground": "life", "reason": "お電話で返事が弱く、救急隊に伝える必要があります"}
HER = {"name": "酒田 花子", "birth_date": "1961-05-03"} | WHY
HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@pytest.fixture
def nurse(app: FastAPI, town: Town) -> Iterator[TestClient]:
    """The 保健師's program; nobody has agreed to be supported."""
    with TestClient(app, headers=bearer(town.nurse_token), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def supervisor(app: FastAPI, conn: psycopg.Connection) -> Iterator[TestClient]:
    her = staff.add(conn, name="監督 まさ", role="supervisor")
    with TestClient(app, headers=bearer(sessions.open(conn, staff_id=her.staff_id))) as opened:
        yield opened


def looks(conn: psycopg.Connection, person_id: int) -> list[tuple[object, ...]]:
    return conn.execute(
        "select action, items, purpose, basis, allowed from audit.looks where person_id = %s and role = 'nurse'"
        " order by look_id",
        (person_id,),
    ).fetchall()


def end_all(conn: psycopg.Connection) -> None:
    """As if its time were over."""
    conn.execute("set session_replication_role = replica")
    conn.execute(
        "update audit.openings set opened_at = opened_at - interval '2 hours', until = until - interval '2 hours'"
    )
    conn.execute("set session_replication_role = origin")


def test_an_opening_lets_her_in_for_its_time_and_no_longer(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    page = f"/api/nurse/people/{town.hanako.public_id}"
    assert nurse.get(page).status_code == 404
    answer = nurse.post("/api/nurse/openings", json=HER)
    assert (answer.status_code, answer.json()) == (201, {"public_id": str(town.hanako.public_id)})
    assert nurse.get(page).status_code == 200
    assert nurse.get(f"/nurse/people/{town.hanako.public_id}").status_code == 200
    (one,) = nurse.get("/api/nurse/openings").json()
    lasts = datetime.fromisoformat(one["until"]) - datetime.fromisoformat(one["opened_at"])
    assert (lasts, one["ground"]) == (timedelta(minutes=60), "life")
    end_all(conn)
    assert nurse.get(page).status_code == 404
    assert nurse.get("/api/nurse/openings").json() == []


def test_every_look_in_an_emergency_says_that_it_was_one(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    nurse.post("/api/nurse/openings", json=HER)
    nurse.get(f"/api/nurse/people/{town.hanako.public_id}")
    assert looks(conn, town.hanako.person_id) == [
        ("open", "opening", "emergency", "opening:1", True),
        ("read", "name, contact, advice, newest values", "guidance", "opening:1", True),
    ]


def test_who_agreed_is_not_opened_and_the_look_names_the_consent(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    consent = agree(conn, town.hanako.person_id)
    assert nurse.post("/api/nurse/openings", json=HER).status_code == 201
    assert conn.execute("select count(*) from audit.openings").fetchone() == (0,)
    nurse.get(f"/api/nurse/people/{town.hanako.public_id}")
    assert looks(conn, town.hanako.person_id)[-1][3] == f"consent:{consent}"


@pytest.mark.parametrize("name", ["酒田花子", "酒田　花子", "さかた はなこ", "サカタハナコ", "ｻｶﾀ ﾊﾅｺ"])
def test_she_is_found_by_name_or_kana_however_it_is_written(nurse: TestClient, town: Town, name: str) -> None:
    assert nurse.post("/api/nurse/openings", json=HER | {"name": name}).status_code == 201


def test_nobody_another_town_and_two_alike_are_answered_alike(
    nurse: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    people.add(conn, birth_date=town.taro.birth_date, sex="male", name="最上 太郎")
    people.add(conn, birth_date=town.taro.birth_date, sex="male", name="鶴岡 一", town="062031")
    for name in ("だれも いない", "最上 太郎", "鶴岡 一"):
        asked = WHY | {"name": name, "birth_date": str(town.taro.birth_date)}
        answer = nurse.post("/api/nurse/openings", json=asked)
        assert (answer.status_code, answer.json()["title"]) == (404, "見つかりません")
    refused = conn.execute("select count(*) from audit.looks where action = 'deny'").fetchone()
    assert refused == (3,)
    assert conn.execute("select count(*) from audit.openings").fetchone() == (0,)


@pytest.mark.parametrize(
    "change", [{"reason": "急ぎ"}, {"reason": " " * 30}, {"reason": "あ" * 501}, {"ground": "other"}, {"name": ""}]
)
def test_a_reason_must_be_given(nurse: TestClient, town: Town, change: dict[str, str]) -> None:
    assert nurse.post("/api/nurse/openings", json=HER | change).status_code == 422


def test_it_opens_nothing_for_her_colleagues(nurse: TestClient, supervisor: TestClient, town: Town) -> None:
    nurse.post("/api/nurse/openings", json=HER)
    assert supervisor.get(f"/api/nurse/people/{town.hanako.public_id}").status_code == 404
    assert supervisor.delete("/api/nurse/openings/1").status_code == 404


def test_she_closes_it_herself_when_she_is_done(nurse: TestClient, town: Town, conn: psycopg.Connection) -> None:
    nurse.post("/api/nurse/openings", json=HER)
    assert nurse.delete("/api/nurse/openings/1").status_code == 204
    assert nurse.get(f"/api/nurse/people/{town.hanako.public_id}").status_code == 404
    assert nurse.delete("/api/nurse/openings/1").status_code == 404
    assert ("close", "opening", "emergency", "", True) in looks(conn, town.hanako.person_id)


def test_the_person_is_told_on_their_page_and_in_who_looked(
    nurse: TestClient, hanako: TestClient, taro: TestClient
) -> None:
    nurse.post("/api/nurse/openings", json=HER)
    home = hanako.get("/", headers=HTML).text
    assert "緊急のため、保健師があなたの情報を見ました" in home and "命や体に危険がある" in home
    assert "救急隊" not in home  # the reason is for her supervisors
    seen = hanako.get("/looks").text
    assert "酒田市の保健師" in seen and "緊急(同意なし)" in seen and "開きました" in seen
    assert "緊急のため" not in taro.get("/", headers=HTML).text


def test_supervisors_see_who_opened_and_why_but_not_whose(
    nurse: TestClient, supervisor: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    nurse.post("/api/nurse/openings", json=HER)
    (one,) = supervisor.get("/api/nurse/openings/reported").json()
    assert (one["staff"], one["reason"], one["open"]) == ("保健 しおり", WHY["reason"], True)
    assert str(town.hanako.public_id) not in str(one)
    page = supervisor.get("/nurse/openings").text
    assert "保健 しおり" in page and WHY["reason"] in page and "いま開いています" in page
    end_all(conn)
    assert supervisor.get("/api/nurse/openings/reported").json()[0]["open"] is False


def test_a_nurse_a_citizen_and_another_town_see_no_such_list(
    app: FastAPI, nurse: TestClient, hanako: TestClient, conn: psycopg.Connection
) -> None:
    nurse.post("/api/nurse/openings", json=HER)
    for caller in (nurse, hanako):
        assert caller.get("/api/nurse/openings/reported").status_code == 403
        assert caller.get("/nurse/openings").status_code == 403
    assert hanako.post("/api/nurse/openings", json=HER).status_code == 403
    far = staff.add(conn, name="遠く みえ", town="062031", role="supervisor")
    with TestClient(app, headers=bearer(sessions.open(conn, staff_id=far.staff_id))) as caller:
        assert caller.get("/api/nurse/openings/reported").json() == []


def test_the_page_opens_leads_to_the_person_and_closes(nurse: TestClient, town: Town) -> None:
    form = nurse.get("/nurse/emergency").text
    assert 'name="reason"' in form and "60分間だけ開く" in form
    answer = nurse.post("/nurse/emergency", data=HER, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/nurse/people/{town.hanako.public_id}")
    assert "緊急に開いています" in nurse.get(answer.headers["location"]).text
    assert str(town.hanako.public_id) in nurse.get("/nurse/emergency").text
    closed = nurse.post("/nurse/emergency/1/close", headers=HTML)
    assert (closed.status_code, closed.headers["location"]) == (303, "/nurse/emergency")
    assert "いま開いている方" not in nurse.get("/nurse/emergency").text


def test_an_opening_cannot_be_changed_afterwards(conn: psycopg.Connection, town: Town) -> None:
    openings.add(
        conn, staff_id=town.nurse.staff_id, person_id=town.hanako.person_id, town="062049", ground="life",
        reason=WHY["reason"], lasts=timedelta(hours=1),
    )  # fmt: skip
    for change in (
        "until = until + interval '1 hour'",
        "reason = 'よくわからない別の理由'",
        "closed_at = now(), staff_id = 9",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            conn.execute(f"update audit.openings set {change}".encode())
    assert openings.close(conn, town.nurse.staff_id, 1) == town.hanako.person_id
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        conn.execute("update audit.openings set closed_at = null")
    with pytest.raises(psycopg.errors.CheckViolation):
        openings.add(
            conn, staff_id=1, person_id=1, town="062049", ground="life", reason=WHY["reason"], lasts=timedelta(days=2)
        )


def test_an_opening_shows_its_person_to_nobody_by_id_alone(town: Town, conn: psycopg.Connection) -> None:
    asked = {"town": "062049", "born": town.hanako.birth_date}
    with conn.transaction():
        reaching.begin(conn, NurseOnDuty(1, "保健 しおり", "062049"))
        found = openings.find(conn, **asked, name="酒田花子")
        assert openings.find(conn, **asked, name=" ") == []
    assert found == [(town.hanako.person_id, UUID(str(town.hanako.public_id)))]
    assert openings.find(conn, **asked, name="酒田花子") == []  # who is no 保健師 of that town finds nobody
    assert openings.of_person(conn, town.hanako.person_id, datetime.now(UTC) - timedelta(days=1)) == []


def test_who_mistypes_in_an_emergency_keeps_what_was_written(nurse: TestClient, conn: psycopg.Connection) -> None:
    answer = nurse.post("/nurse/emergency", data=HER | {"name": "だれも いない"}, headers=HTML)
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (404, True)
    assert "見つかりません" in answer.text and 'value="だれも いない"' in answer.text and HER["reason"] in answer.text
    assert conn.execute("select count(*) from audit.looks where action = 'deny'").fetchone() == (1,)


def test_after_many_in_a_day_she_names_the_supervisor_whom_she_told_and_supervisors_see_it(
    app: FastAPI, nurse: TestClient, supervisor: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    app.state.settings = replace(app.state.settings, openings_a_day=2)
    for number in (1, 2):
        assert nurse.post("/api/nurse/openings", json=HER | {"told": "x"}).status_code == 201
        assert nurse.delete(f"/api/nurse/openings/{number}").status_code == 204  # closed ones count
    assert "1日の目安" not in supervisor.get("/nurse").text + supervisor.get("/nurse/openings").text
    refused = nurse.post("/api/nurse/openings", json=HER)
    assert (refused.status_code, refused.json()["title"]) == (409, "上司に伝えてください")
    assert looks(conn, town.hanako.person_id)[-1] == (
        "deny", "POST /api/nurse/openings", "上司に伝えてください", "", False,
    )  # fmt: skip
    assert nurse.get(f"/api/nurse/people/{town.hanako.public_id}").status_code == 404
    assert 'name="told"' in nurse.get("/nurse/emergency").text
    asked = nurse.post("/nurse/emergency", data=HER, headers=HTML)
    assert asked.status_code == 409 and HER["reason"] in asked.text and "見つかりません" not in asked.text
    opened = nurse.post("/nurse/emergency", data=HER | {"told": "監督 まさ"}, headers=HTML)
    assert (opened.status_code, nurse.get(opened.headers["location"]).status_code) == (303, 200)
    assert "1日の目安をこえて緊急に開いた記録が1件" in supervisor.get("/nurse").text
    assert "1日の目安" not in nurse.get("/nurse").text
    assert "監督 まさ" in supervisor.get("/nurse/openings").text
    told = [one["told"] for one in supervisor.get("/api/nurse/openings/reported").json()]
    assert sorted(told, key=str) == [None, None, "監督 まさ"]


def test_a_colleague_and_another_day_have_their_own_number(
    app: FastAPI, nurse: TestClient, supervisor: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    app.state.settings = replace(app.state.settings, openings_a_day=1)
    assert nurse.post("/api/nurse/openings", json=HER).status_code == 201
    assert supervisor.post("/api/nurse/openings", json=HER).status_code == 201
    conn.execute("set session_replication_role = replica")
    conn.execute(
        "update audit.openings set opened_at = opened_at - interval '25 hours', until = until - interval '25 hours'"
    )
    conn.execute("set session_replication_role = origin")
    assert nurse.post("/api/nurse/openings", json=HER).status_code == 201
