from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from callers import Town, bearer
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient

from phr_api import doors
from phr_api.doors import Conn, Public
from store import sessions

CONSENT = {"purpose": "push", "recipient": "city", "items": ["*"], "text_version": "2"}


@pytest.fixture
def browser(app: FastAPI, town: Town, client: TestClient) -> TestClient:
    """Hanako's browser: a cookie, no bearer token."""
    client.cookies.set(doors.COOKIE, town.hanako_token)
    return client


def test_a_cookie_or_a_bearer_token_lets_in(browser: TestClient, hanako: TestClient, town: Town) -> None:
    for caller in (browser, hanako):
        assert caller.get("/api/me").json() | {"age": 0} == {
            "public_id": str(town.hanako.public_id),
            "name": "酒田 花子",
            "age": 0,
            "sex": "female",
            "town": "062049",
        }


def test_an_expired_session_lets_nobody_in(client: TestClient, town: Town, conn: psycopg.Connection) -> None:
    token = sessions.open(conn, person_id=town.hanako.person_id, ttl=timedelta(seconds=-1))
    assert client.get("/api/me", headers=bearer(token)).status_code == 401
    assert sessions.sweep(conn) == 1
    assert client.get("/api/me", headers=bearer(town.hanako_token)).status_code == 200


def test_a_tampered_cookie_lets_nobody_in(client: TestClient, town: Town) -> None:
    turned = town.hanako_token[:-2] + ("AA" if town.hanako_token[-2:] != "AA" else "BB")
    for wrong in (turned, town.hanako_token.swapcase(), town.hanako_token + "A", str(town.hanako.public_id)):
        assert client.get("/api/me", headers={"Cookie": f"{doors.COOKIE}={wrong}"}).status_code == 401


def test_a_closed_session_lets_nobody_in(client: TestClient, town: Town, conn: psycopg.Connection) -> None:
    sessions.close(conn, town.hanako_token)
    assert client.get("/api/me", headers=bearer(town.hanako_token)).status_code == 401


def test_the_token_itself_is_stored_nowhere(town: Town, conn: psycopg.Connection) -> None:
    stored = conn.execute("select token_hash from identity.sessions").fetchall()
    assert len(stored) == 3
    assert all(len(digest) == 32 and digest != town.hanako_token.encode() for (digest,) in stored)


def test_a_bad_bearer_token_is_not_rescued_by_a_good_cookie(browser: TestClient) -> None:
    assert browser.get("/api/me", headers=bearer("wrong")).status_code == 401


FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},  # a neighbour on the same domain is not us
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "null"},
    {"Authorization": "Bearer ", "Origin": "https://evil.example"},  # no token: the cookie would count
    {},
]
OWN = [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}]


def test_a_write_from_another_sites_page_is_refused_and_written_down(
    browser: TestClient, conn: psycopg.Connection
) -> None:
    for headers in FOREIGN:
        assert browser.post("/api/consents", json=CONSENT, headers=headers).status_code == 403, headers
    assert conn.execute("select count(*) from health.consents").fetchone() == (0,)
    denied = [("deny", "POST /api/consents", False)] * len(FOREIGN)
    assert conn.execute("select action, items, allowed from audit.looks").fetchall() == denied


def test_a_write_from_our_own_page_is_kept(browser: TestClient) -> None:
    for headers in OWN:
        assert browser.post("/api/consents", json=CONSENT, headers=headers).status_code == 201, headers


def test_a_program_with_a_bearer_token_needs_no_page(hanako: TestClient) -> None:
    assert hanako.post("/api/consents", json=CONSENT, headers={"Origin": "https://app.example"}).status_code == 201


def test_a_public_form_too_is_refused_from_another_sites_page(app: FastAPI, client: TestClient) -> None:
    @app.post("/letter", dependencies=[Public])
    def letter() -> None: ...

    assert client.post("/letter", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/letter").status_code == 200


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(app: FastAPI, town: Town) -> None:
    @app.post("/in", dependencies=[Public])
    def enter(request: Request, response: Response, conn: Conn) -> None:
        doors.sign_in(conn, request, response, person_id=town.hanako.person_id)

    @app.post("/out", dependencies=[Public])
    def leave(request: Request, response: Response, conn: Conn) -> None:
        doors.sign_out(conn, request, response)

    own = {"Origin": "http://testserver"}
    with TestClient(app, headers=own) as client:
        said = client.post("/in").headers["set-cookie"]
        assert "HttpOnly" in said and "SameSite=lax" in said and "Path=/" in said and "Secure" not in said
        first = client.cookies[doors.COOKIE]
        client.post("/in")
        assert client.cookies[doors.COOKIE] != first
        assert client.get("/api/me", headers=bearer(first)).status_code == 401  # the session before is closed
        last = client.cookies[doors.COOKIE]
        client.post("/out")
        assert doors.COOKIE not in client.cookies
        assert client.get("/api/me", headers=bearer(last)).status_code == 401


def test_behind_https_the_cookie_goes_through_tls_alone(app: FastAPI, town: Town) -> None:
    @app.post("/in", dependencies=[Public])
    def enter(request: Request, response: Response, conn: Conn) -> None:
        doors.sign_in(conn, request, response, person_id=town.hanako.person_id)

    app.state.settings = replace(app.state.settings, public_url="https://phr.example.jp")
    with TestClient(app, headers={"Origin": "https://phr.example.jp"}) as client:
        assert "Secure" in client.post("/in").headers["set-cookie"]


def test_a_browser_that_opens_a_page_is_led_to_sign_in(app: FastAPI, client: TestClient) -> None:
    @app.get("/mine")
    def mine(me: doors.Me) -> None: ...

    answer = client.get("/mine", headers={"Accept": "text/html,application/xhtml+xml"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    answer = client.get("/mine", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
