"""The demonstration's sign-in at its own provider, and what stands there when there is none."""

from __future__ import annotations

import re
import socket
import time
from datetime import date
from threading import Thread
from uuid import uuid4

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient

from phr_api.doors import COOKIE
from phr_api.town import stories
from store import people
from store.settings import Settings

SAME = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture
def in_earnest(app_on, database, doors):
    """The application outside the embedded mode."""
    app = app_on(Settings(database_url=database, public_url="http://testserver"), doors)
    with TestClient(app, headers=SAME, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def browser(app_on, database, doors):
    """A browser before the demo on a port of its own: the application asks its own provider over HTTP."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = app_on(Settings(database_url=database, embedded=True, public_url=address), doors)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < until
            time.sleep(0.02)
        with httpx2.Client(base_url=address, headers=SAME, follow_redirects=False, timeout=30) as client:
            yield client
        server.should_exit = True
        thread.join(timeout=20)


def asked(page: str) -> dict[str, str]:
    """What the persona page sends along with the choice."""
    form = page.split('<form method="post" action="/demo-idp')[1].split("</form>")[0]
    return {name: value.replace("&amp;", "&") for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}


def persona_page(browser, door="citizen"):
    return browser.get(browser.get(f"/signin/{door}").headers["location"]).text


def choose(browser, door="citizen", **who):
    """Choose somebody; gives the provider's answer."""
    form = {name: value for name, value in asked(persona_page(browser, door)).items() if not name.endswith("_id")}
    return browser.post(f"/demo-idp/{door}/authorize", data=form | {"client_id": "phr"} | who)


def test_the_demonstration_says_what_it_is_on_every_page_and_lists_people(browser, town):
    for page in (browser.get("/signin").text, persona_page(browser), persona_page(browser, "staff")):
        assert "架空の人だけ" in page and "本物のサインインではありません" in page
    assert "酒田 花子" in persona_page(browser) and "最上 太郎" in persona_page(browser)
    assert "保健 しおり" in persona_page(browser, "staff") and "確認コード" in persona_page(browser, "staff")


def test_a_persona_comes_with_their_story(browser, conn):
    name, story = next(iter(stories().items()))
    people.add(conn, birth_date=date(1981, 1, 1), sex="male", name=name)
    page = persona_page(browser)
    assert name in page and story in page and "ほかの住民" not in page


def test_choosing_a_person_opens_their_page(browser, town):
    answer = browser.get(choose(browser, public_id=str(town.hanako.public_id)).headers["location"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)).lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "酒田 花子さん" in browser.get("/").text


def test_choosing_the_nurse_opens_her_list(browser, town):
    answer = browser.get(choose(browser, "staff", staff_id=town.nurse.staff_id).headers["location"])
    assert answer.headers["location"] == "/nurse"
    assert "連絡が必要な方" in browser.get("/nurse").text


def test_nobody_can_choose_who_is_not_there_or_at_the_wrong_door(browser, town):
    assert choose(browser, public_id=str(uuid4())).status_code == 404
    assert choose(browser, staff_id=town.nurse.staff_id).status_code == 404
    assert choose(browser, "staff", staff_id=999).status_code == 404
    assert choose(browser, "staff", public_id=str(town.hanako.public_id)).status_code == 404


def test_the_provider_of_the_demo_serves_its_own_service_alone(browser, town):
    form = {**asked(persona_page(browser)), "public_id": str(town.hanako.public_id)}
    for wrong in ({"redirect_uri": "https://evil.example/"}, {"client_id": "x"}, {"code_challenge_method": "plain"}):
        answer = browser.post("/demo-idp/citizen/authorize", data=form | wrong)
        assert answer.status_code == 400 and "location" not in answer.headers
    code = {"grant_type": "authorization_code", "code": "x", "code_verifier": "x", "redirect_uri": "x"}
    assert browser.post("/demo-idp/citizen/token", data=code).status_code == 400


def test_signing_out_ends_the_session(browser, town):
    browser.get(choose(browser, public_id=str(town.hanako.public_id)).headers["location"])
    token = browser.cookies[COOKIE]
    assert browser.post("/signout").headers["location"] == "/signin"
    browser.cookies.set(COOKIE, token)
    assert browser.get("/").headers["location"] == "/signin"


def test_outside_the_demonstration_there_is_no_choosing(in_earnest, town):
    page = in_earnest.get("/signin")
    assert page.status_code == 200 and "準備中" in page.text and "酒田 花子" not in page.text
    assert in_earnest.get("/signin/citizen").status_code == 404
    for path in ("authorize", "keys", "token", ".well-known/openid-configuration"):
        assert in_earnest.get(f"/demo-idp/citizen/{path}").status_code == 404
    form = {"public_id": str(town.hanako.public_id)}
    assert in_earnest.post("/demo-idp/citizen/authorize", data=form).status_code == 404
    assert COOKIE not in in_earnest.cookies


def test_outside_the_demonstration_no_page_speaks_of_one(in_earnest):
    assert "架空" not in in_earnest.get("/signin").text
