"""Goals, the look back on the week and answers, through the doors: JSON and pages, oneself and a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from callers import Town
from fastapi import FastAPI
from fastapi.testclient import TestClient
from invented_person import a_red_flag
from psycopg.types.json import Jsonb

from advice_engine import goal_setting
from phr_api.doors import COOKIE
from phr_api.pages.home import MOST_CARDS
from store import advice, entitlements
from store.clock import civil_day
from store.entitlements import May

NOW = datetime.now(UTC)
TODAY = civil_day(NOW)
LATER = TODAY + timedelta(days=56)
LAST_MONDAY = TODAY - timedelta(days=TODAY.weekday() + 7)
HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def midnight_may_have_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Since this file was read: a run takes a quarter of an hour."""
    now = datetime.now(UTC)
    today = civil_day(now)
    days = {"TODAY": today, "LATER": today + timedelta(days=56), "LAST_MONDAY": today - timedelta(today.weekday() + 7)}
    for name, moment in (days | {"NOW": now}).items():
        monkeypatch.setitem(globals(), name, moment)


@pytest.fixture
def browser(app: FastAPI, town: Town) -> Iterator[TestClient]:
    """Hanako's browser."""
    with TestClient(app, headers=HTML, cookies={COOKIE: town.hanako_token}, follow_redirects=False) as opened:
        yield opened


def entitle(conn: psycopg.Connection, town: Town, *scope: May) -> dict[str, str]:
    """Taro may do this for Hanako."""
    entitlements.add(
        conn, person_id=town.hanako.person_id, proxy_id=town.taro.person_id, scope=list(scope), kind="caregiver",
        relation="夫", evidence="委任状", noted_by="staff:1", valid_from=NOW - timedelta(days=1), valid_to=None,
    )  # fmt: skip
    return {"person": str(town.hanako.public_id)}


def pressure(target: float = 5, **more: Any) -> dict[str, Any]:
    return {"kind": "pressure", "target": target, "until": str(LATER)} | more


def card(conn: psycopg.Connection, person: int, rule: str = "steps_more", kind: str = "advice", rank: int = 0) -> int:
    [(advice_id,)] = conn.execute(
        "insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on, source,"
        " rank, judged_at) values (%s, %s, %s, 1, 'both', %s, '本文。', '理由。', '[]', %s, %s, now())"
        " returning advice_id",
        (person, rule, kind, f"見出し {rule}", Jsonb({"guideline": "目安", "year": 2024, "section": "章"}), rank),
    ).fetchall()
    return int(advice_id)


def test_a_goal_is_set_shown_changed_and_let_be(hanako: TestClient) -> None:
    first = hanako.post("/api/me/goals", json=pressure())
    assert first.status_code == 201, first.text
    assert hanako.post("/api/me/goals", json=pressure()).json()["goal_id"] == first.json()["goal_id"]
    second = hanako.post("/api/me/goals", json=pressure(6)).json()
    [shown] = hanako.get("/api/me/goals").json()
    assert (shown["goal_id"], shown["title"], shown["unit"]) == (second["goal_id"], "血圧を、週に6日測る", "days")
    assert [hanako.delete(f"/api/me/goals/{second['goal_id']}").status_code for _ in range(2)] == [204, 204]
    assert hanako.get("/api/me/goals").json() == []
    assert len(hanako.get("/api/me/goals/history").json()) == 2


def test_what_a_doctor_decides_on_is_refused_kindly(hanako: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goal_setting, "resting", lambda *_: True)
    answer = hanako.post("/api/me/goals", json=pressure())
    assert answer.status_code == 409 and "主治医に相談して" in answer.json()["detail"]
    assert hanako.get("/api/me/goals").json() == []


@pytest.mark.parametrize("asked", [pressure(8), pressure(until=str(TODAY)), pressure(-1), {"kind": "fame"}])
def test_a_goal_that_does_not_fit_is_refused(hanako: TestClient, asked: dict[str, Any]) -> None:
    assert hanako.post("/api/me/goals", json=asked).status_code == 422


def test_a_goal_comes_from_own_advice_and_from_nobody_elses(
    hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    own, others = card(conn, town.hanako.person_id), card(conn, town.taro.person_id)
    for given, kept in ((own, own), (others, None)):
        made = hanako.post("/api/me/goals", json=pressure(advice_id=given)).json()
        row = conn.execute("select advice_id from health.goals where goal_id = %s", (made["goal_id"],)).fetchone()
        assert row == (kept,)
        hanako.delete(f"/api/me/goals/{made['goal_id']}")


def test_days_are_noted_and_taken_back(hanako: TestClient) -> None:
    hanako.post("/api/me/goals", json={"kind": "dry_days", "target": 2, "until": str(LATER)})
    for _ in range(2):
        assert hanako.put(f"/api/me/goals/days/dry_days/{TODAY}").status_code == 204
    assert hanako.get("/api/me/goals").json()[0]["tapped"] == [str(TODAY)]
    hanako.delete(f"/api/me/goals/days/dry_days/{TODAY}")
    assert hanako.get("/api/me/goals").json()[0]["tapped"] == []
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=8)):
        assert hanako.put(f"/api/me/goals/days/dry_days/{day}").status_code == 422
    assert hanako.put(f"/api/me/goals/days/steps/{TODAY}").status_code == 422


def test_everything_works_without_a_script(browser: TestClient) -> None:
    page = browser.get("/goals").text
    assert "<script" not in page.partition("<main")[2] and "血圧を測る日" in page
    assert browser.post("/goals", data={"kind": "breakfast", "target": "5", "weeks": "8"}).status_code == 303
    refused = browser.post("/goals", data={"kind": "pressure", "target": "9", "weeks": "8"})
    assert refused.status_code == 422 and 'role="alert"' in refused.text
    home = browser.get("/").text
    assert "朝食を、週に5日食べる" in home and "きょう、できました" in home
    tapped = browser.post("/goals/days", data={"kind": "breakfast", "day": str(TODAY), "done": "1"})
    assert tapped.headers["location"] == "/#goals"
    assert "きょうの印を消す" in browser.get("/").text
    assert "先週のふりかえり" in browser.get("/reflection").text
    answered = browser.post("/reflection", data={"week": str(LAST_MONDAY), "answer": "rest"})
    assert answered.status_code == 303
    assert 'id="reflection-rest" aria-pressed="true"' in browser.get("/reflection").text


def test_who_may_see_sees_goals_and_who_may_enter_notes_days(
    taro: TestClient, hanako: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    hanako.post("/api/me/goals", json={"kind": "breakfast", "target": 5, "until": str(LATER)})
    whom, day = entitle(conn, town, "see"), f"/api/me/goals/days/breakfast/{TODAY}"
    assert len(taro.get("/api/me/goals", params=whom).json()) == 1
    assert taro.put(day, params=whom).status_code == 404
    entitle(conn, town, "see", "enter")
    assert taro.put(day, params=whom).status_code == 204
    assert hanako.get("/api/me/goals").json()[0]["tapped"] == [str(TODAY)]
    assert taro.post("/api/me/goals", params=whom, json=pressure()).json()["title"]  # the own one: goals are one's own
    assert len(hanako.get("/api/me/goals").json()) == 1


def test_who_may_enter_says_whether_it_was_done_and_no_opinion(
    taro: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    advice_id = card(conn, town.hanako.person_id)
    address, whom = f"/api/advice/{advice_id}/feedback", entitle(conn, town, "see")
    assert taro.post(address, params=whom, json={"answer": "done"}).status_code == 404
    entitle(conn, town, "see", "enter")
    assert [taro.post(address, params=whom, json={"answer": one}).status_code for one in ("not_yet", "done")] == [
        204
    ] * 2
    assert [taro.post(address, params=whom, json={"answer": one}).status_code for one in ("helpful", "not_for_me")] == [
        403
    ] * 2
    rows = conn.execute("select answer, by_proxy from health.feedback order by feedback_id").fetchall()
    assert rows == [("not_yet", True), ("done", True)]


def test_the_database_takes_no_opinion_from_a_proxy(town: Town, conn: psycopg.Connection, doors: Any) -> None:
    advice_id = card(conn, town.hanako.person_id)
    entitle(conn, town, "see", "enter")
    with doors.connection() as api:
        for setting, value in (("role", "citizen"), ("person", town.taro.person_id), ("ward", town.hanako.person_id)):
            api.execute("select set_config(%s, %s, true)", (f"phr.{setting}", str(value)))
        assert advice.feedback(api, town.hanako.person_id, advice_id, "done", by_proxy=True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            advice.feedback(api, town.hanako.person_id, advice_id, "not_for_me", by_proxy=True)
        api.rollback()


def test_the_page_shows_four_cards_and_the_others_behind_one_tap(
    browser: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    for rank in range(MOST_CARDS + 2):
        card(conn, town.hanako.person_id, f"rule {rank}", "information", rank)
    page = browser.get("/").text
    first, _, rest = page.partition('<details id="more">')
    assert first.count("見出し rule") >= MOST_CARDS and "見出し rule 4" not in first
    assert "ほかのお知らせ(2件)" in rest and "見出し rule 5" in rest


def test_a_red_flag_comes_before_the_look_back(browser: TestClient, town: Town, conn: psycopg.Connection) -> None:
    assert "先に、" not in browser.get("/reflection").text
    a_red_flag(conn, town.hanako.person_id, NOW)
    assert "先に、" in browser.get("/reflection").text


def test_another_week_than_the_last_takes_no_answer(hanako: TestClient) -> None:
    for week in (LAST_MONDAY - timedelta(days=7), TODAY):
        assert hanako.put("/api/me/reflection", json={"week": str(week), "answer": "rest"}).status_code == 422
    assert hanako.put("/api/me/reflection", json={"week": str(LAST_MONDAY), "answer": "rest"}).status_code == 204
    assert hanako.get("/api/me/reflection").json()["answer"] == "rest"


def test_the_card_says_why_it_came_first_only_where_that_was_logged(
    browser: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    person, advice_id = town.hanako.person_id, card(conn, town.hanako.person_id)
    words = "これを先にお伝えしたのは"
    assert words not in browser.get("/").text
    conn.execute("insert into health.ranker_models (model_id, parameters, tries) values ('m', '{}', 0)")
    for back, because in ((2, "own"), (1, "")):
        conn.execute(
            "insert into health.choices (person_id, day, at, model_id, rules_version, facts_hash, snapshot,"
            " snapshot_hash, options, family, rule_id, advice_id, seed, uniform, because)"
            " values (%s, %s, now(), 'm', '', '', '{}', '', '[]', 'walking', 'steps_more', %s, '', false, %s)",
            (person, TODAY - timedelta(days=back), advice_id, because),
        )
        assert (words in browser.get("/").text) is bool(because)
