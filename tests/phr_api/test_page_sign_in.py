"""The demonstration's sign-in, and what stands there when there is none."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from phr_api.app import create_app
from phr_api.doors import COOKIE
from phr_api.town import stories
from store import people
from store.settings import Settings

SAME = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture
def in_earnest(database, db):
    """The application outside the embedded mode."""
    app = create_app(Settings(database_url=database, public_url="http://testserver"), db)
    with TestClient(app, headers=SAME, follow_redirects=False) as opened:
        yield opened


def test_the_demonstration_says_what_it_is_and_lists_people(client, town):
    page = client.get("/signin").text
    assert "架空の人だけ" in page and "本物のサインインではありません" in page
    assert "酒田 花子" in page and "最上 太郎" in page and "保健 しおり" in page


def test_a_persona_comes_with_their_story(client, conn):
    name, story = next(iter(stories().items()))
    people.add(conn, birth_date=date(1981, 1, 1), sex="male", name=name)
    page = client.get("/signin").text
    assert name in page and story in page and "ほかの住民" not in page


def test_choosing_a_person_opens_their_page(client, town):
    answer = client.post("/signin/citizen", data={"public_id": str(town.hanako.public_id)}, headers=SAME)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "酒田 花子さん" in client.get("/", headers=SAME).text


def test_choosing_the_nurse_opens_her_list(client, town):
    answer = client.post("/signin/nurse", data={"staff_id": town.nurse.staff_id}, headers=SAME)
    assert answer.headers["location"] == "/nurse"
    assert "連絡が必要な方" in client.get("/nurse", headers=SAME).text


def test_nobody_can_choose_who_is_not_there(client, town):
    assert client.post("/signin/citizen", data={"public_id": str(uuid4())}, headers=SAME).status_code == 404
    assert client.post("/signin/nurse", data={"staff_id": 999}, headers=SAME).status_code == 404


def test_signing_out_ends_the_session(client, town, conn):
    client.post("/signin/citizen", data={"public_id": str(town.hanako.public_id)}, headers=SAME)
    token = client.cookies[COOKIE]
    assert client.post("/signout", headers=SAME).headers["location"] == "/signin"
    client.cookies.set(COOKIE, token)
    assert client.get("/", headers=SAME).headers["location"] == "/signin"


def test_outside_the_demonstration_there_is_no_choosing(in_earnest, town):
    page = in_earnest.get("/signin")
    assert page.status_code == 200 and "準備中" in page.text and "酒田 花子" not in page.text
    for address, form in (
        ("/signin/citizen", {"public_id": str(town.hanako.public_id)}),
        ("/signin/nurse", {"staff_id": town.nurse.staff_id}),
    ):
        assert in_earnest.post(address, data=form).status_code == 404
    assert COOKIE not in in_earnest.cookies


def test_outside_the_demonstration_no_page_speaks_of_one(in_earnest):
    assert "架空" not in in_earnest.get("/signin").text
