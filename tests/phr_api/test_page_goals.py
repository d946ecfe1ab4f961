"""The page of goals and of wishes where something is in the way: it says what, and keeps what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from callers import Town
from fastapi import FastAPI
from fastapi.testclient import TestClient

from advice_engine import goal_setting
from phr_api.doors import COOKIE
from phr_api.pages.goals import LATER
from store import message_wishes

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def browser(app: FastAPI, town: Town) -> Iterator[TestClient]:
    """Hanako's browser."""
    with TestClient(app, headers=HTML, cookies={COOKIE: town.hanako_token}, follow_redirects=False) as opened:
        yield opened


@pytest.mark.parametrize("reason", ["first_see", "doctor"])
def test_where_no_goal_can_be_set_the_page_says_why(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    assert 'id="new"' in browser.get("/goals").text
    monkeypatch.setattr(goal_setting, "refused", lambda *_: reason)
    page = browser.get("/goals").text
    assert LATER[reason] in page and 'id="new"' not in page
    assert ('href="/#urgent"' in page) is (reason == "first_see")


def test_a_refused_goal_comes_back_as_it_was_typed_with_the_reason_beside_it(browser: TestClient) -> None:
    answer = browser.post("/goals", data={"kind": "pressure", "target": "9", "weeks": "8"})
    assert answer.status_code == 422
    [field] = re.findall(r'<input id="target-pressure"[^>]*>', answer.text)
    assert 'value="9"' in field and 'aria-describedby="refused"' in field and answer.text.count('role="alert"') == 1


def test_a_goal_that_rests_is_said_to_rest(browser: TestClient) -> None:
    browser.post("/goals", data={"kind": "pressure", "target": "5", "weeks": "8"})
    [number] = re.findall(r"/goals/(\d+)/end", browser.get("/goals").text)
    answer = browser.post(f"/goals/{number}/end")
    assert answer.headers["location"] == "/goals?said=rests"
    assert "お休みにしました" in browser.get("/goals?said=rests").text


def test_one_quiet_hour_alone_keeps_the_towns_other_one(
    browser: TestClient, town: Town, conn: psycopg.Connection
) -> None:
    form = {"a_week": "3", "channel": "", "quiet_from": "20", "quiet_until": "", "paused_until": ""}
    assert browser.post("/messages", data=form).status_code == 303
    known = message_wishes.of_person(conn, town.hanako.person_id)
    assert (known.quiet_from, known.quiet_until) == (20, 7)
