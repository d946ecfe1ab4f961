"""Tokens of telephone apps and of programs, and the list of one's own sessions."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from callers import Town, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey

from phr_api import audiences
from phr_api.doors import COOKIE, Fresh
from phr_api.programs import Clinic, Operator
from store import clients, sessions, tokens

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def browser(app: FastAPI, town: Town) -> Iterator[TestClient]:
    """Hanako's browser."""
    with TestClient(app, headers=HTML, follow_redirects=False) as opened:
        opened.cookies.set(COOKIE, town.hanako_token, domain="testserver.local")
        yield opened


def code(browser: TestClient) -> str:
    page = browser.post("/sessions/app-code")
    assert page.status_code == 200
    return "-".join(re.findall(r"<span>(\w{4})</span>", page.text.split('class="code">')[1].split("</p>")[0]))


def connect(browser: TestClient, client: TestClient) -> dict[str, str]:
    answer = client.post("/api/tokens", json={"code": code(browser), "device": "花子のスマホ"})
    assert answer.status_code == 201
    return dict(answer.json())


def refreshed(client: TestClient, token: str):
    return client.post("/api/tokens/refresh", json={"refresh_token": token})


def test_an_app_is_connected_by_the_code_that_the_persons_browser_shows(browser, client, town):
    held = connect(browser, client)
    assert held["expires_in"] == 900 and held["token_type"] == "Bearer"
    assert client.get("/api/me", headers=bearer(held["access_token"])).json()["public_id"] == str(town.hanako.public_id)


def test_a_code_is_good_once_and_the_newest_alone(browser, client):
    first, second = code(browser), code(browser)
    told = {"device": "x"}
    assert client.post("/api/tokens", json=told | {"code": first}).status_code == 404
    assert client.post("/api/tokens", json=told | {"code": second.lower()}).status_code == 201
    assert client.post("/api/tokens", json=told | {"code": second}).status_code == 404


def test_a_code_expires(browser, client, conn):
    made = code(browser)
    conn.execute("update identity.app_codes set expires_at = now()")
    assert client.post("/api/tokens", json={"code": made, "device": "x"}).status_code == 404


def test_a_code_is_shown_only_just_after_signing_in(browser, client, conn, town):
    conn.execute("update identity.sessions set signed_in_at = now() - interval '11 minutes'")
    answer = browser.post("/sessions/app-code")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin/again?after=%2F")
    assert conn.execute("select count(*) from identity.app_codes").fetchone() == (0,)


def test_an_apps_own_token_neither_connects_others_nor_counts_as_fresh(browser, client, app):
    @app.post("/grave")
    def grave(me: Fresh) -> None: ...

    held = connect(browser, client)
    for path in ("/sessions/app-code", "/grave"):
        answer = client.post(path, headers=bearer(held["access_token"]))
        assert answer.status_code == 401
        assert "insufficient_user_authentication" in answer.headers["www-authenticate"]
    assert browser.post("/grave").status_code == 200


def test_each_refresh_token_is_good_once_and_gives_the_next(browser, client):
    held = connect(browser, client)
    following = refreshed(client, held["refresh_token"]).json()
    assert following["refresh_token"] != held["refresh_token"]
    assert client.get("/api/me", headers=bearer(following["access_token"])).status_code == 200
    assert refreshed(client, following["refresh_token"]).status_code == 200


def test_a_refresh_token_that_comes_twice_ends_the_whole_app(browser, client):
    held = connect(browser, client)
    following = refreshed(client, held["refresh_token"]).json()
    assert refreshed(client, held["refresh_token"]).status_code == 401  # stolen, by this one or by the other
    assert refreshed(client, following["refresh_token"]).status_code == 401
    for token in (held["access_token"], following["access_token"]):
        assert client.get("/api/me", headers=bearer(token)).status_code == 401


def test_an_access_token_is_good_for_a_quarter_of_an_hour_and_a_refresh_token_for_sixty_days(browser, client, conn):
    held = connect(browser, client)
    row = conn.execute(
        "select (select expires_at - now() from identity.sessions where app_id is not null),"
        " (select expires_at - now() from identity.refresh_tokens)"
    ).fetchone()
    assert row[0] <= tokens.ACCESS_TTL and row[1] <= tokens.REFRESH_TTL
    conn.execute("update identity.sessions set expires_at = now() where app_id is not null")
    assert client.get("/api/me", headers=bearer(held["access_token"])).status_code == 401
    conn.execute("update identity.refresh_tokens set expires_at = now()")
    assert refreshed(client, held["refresh_token"]).status_code == 401


def test_a_refresh_token_opens_nothing_and_an_access_token_refreshes_nothing(browser, client):
    held = connect(browser, client)
    assert client.get("/api/me", headers=bearer(held["refresh_token"])).status_code == 401
    assert refreshed(client, held["access_token"]).status_code == 401
    assert refreshed(client, held["refresh_token"]).status_code == 200


def test_an_app_that_disconnects_itself_is_out_and_any_token_gets_the_same_answer(browser, client):
    held = connect(browser, client)
    for token in (held["refresh_token"], held["refresh_token"], "never-seen"):
        assert client.post("/api/tokens/revoke", json={"refresh_token": token}).status_code == 204
    assert client.get("/api/me", headers=bearer(held["access_token"])).status_code == 401


def test_no_token_lies_readable_in_the_database(browser, client, conn):
    shown = code(browser)
    held = client.post("/api/tokens", json={"code": shown, "device": "x"}).json()
    stored = ""
    for table in ("sessions", "refresh_tokens", "app_codes", "apps"):
        stored += repr(conn.execute(f"select * from identity.{table}").fetchall())
    assert held["access_token"] not in stored and held["refresh_token"] not in stored
    assert shown.replace("-", "") not in stored


def test_the_page_lists_browsers_and_apps_and_ends_them(browser, client, town, conn):
    held = connect(browser, client)
    page = browser.get("/sessions").text
    assert "花子のスマホ" in page and "この画面" in page
    app_id = conn.execute("select app_id from identity.apps").fetchone()[0]
    assert browser.post(f"/sessions/{app_id}/end").headers["location"] == "/sessions"
    assert client.get("/api/me", headers=bearer(held["access_token"])).status_code == 401
    assert browser.get("/sessions").status_code == 200


def test_nobody_ends_or_sees_anothers_session(browser, town, conn):
    taros = conn.execute(
        "select session_id from identity.sessions where person_id = %s", (town.taro.person_id,)
    ).fetchone()[0]
    for session_id in (taros, uuid4()):
        assert browser.post(f"/sessions/{session_id}/end").status_code == 404
    assert str(taros) not in browser.get("/sessions").text
    assert sessions.who(conn, town.taro_token) is not None


def test_ending_all_others_leaves_this_browser_alone(browser, client, town, conn):
    other, held = sessions.open(conn, person_id=town.hanako.person_id), connect(browser, client)
    made = code(browser)
    browser.post("/sessions/end-others")
    assert sessions.who(conn, other) is None
    assert refreshed(client, held["refresh_token"]).status_code == 401
    assert client.post("/api/tokens", json={"code": made, "device": "x"}).status_code == 404
    assert browser.get("/sessions").status_code == 200
    assert sessions.who(conn, town.taro_token) is not None


def test_a_session_ends_after_a_time_without_use_and_use_keeps_it(client, town, conn):
    conn.execute("update identity.sessions set used_at = now() - interval '31 minutes'")
    assert client.get("/api/me", headers=bearer(town.hanako_token)).status_code == 200
    assert client.get("/api/nurse/worklist", headers=bearer(town.nurse_token)).status_code == 401  # staff: 30 minutes
    conn.execute("update identity.sessions set used_at = now() - interval '119 minutes'")
    assert client.get("/api/me", headers=bearer(town.hanako_token)).status_code == 200
    row = conn.execute(
        "select used_at > now() - interval '1 minute' from identity.sessions where person_id = %s",
        (town.hanako.person_id,),
    ).fetchone()
    assert row == (True,)
    conn.execute("update identity.sessions set used_at = now() - interval '121 minutes'")
    assert client.get("/api/me", headers=bearer(town.hanako_token)).status_code == 401


def test_wrong_codes_are_slowed_down_and_a_right_one_passes(browser, client):
    wrong = {"code": "0000-0000-0000-0000", "device": "x"}
    statuses = [client.post("/api/tokens", json=wrong).status_code for _ in range(22)]
    assert statuses[:20] == [404] * 20 and statuses[21] == 429
    assert int(client.post("/api/tokens", json=wrong).headers["retry-after"]) >= 1
    assert client.post("/api/tokens", json={"code": code(browser), "device": "x"}).status_code == 201


# Programs ---------------------------------------------------------------------------------------------


@pytest.fixture
def key(app: FastAPI, conn: psycopg.Connection) -> ECKey:
    """The key of the clinic's program `nihonkai`; the app has a door for clinics and one for operators."""

    @app.get("/clinic-door")
    def clinic(who: Clinic) -> str:
        return who.facility

    @app.get("/operator-door")
    def operator(who: Operator) -> str:
        return who.role

    audiences.check(app.routes)
    made = ECKey.generate_key("P-256", {"kid": "k1"})
    clients.add(conn, "nihonkai", role="clinic", facility="0612345")
    clients.add_key(conn, "nihonkai", "k1", made.as_dict(private=False))
    return made


def assertion(key: ECKey, **claims: object) -> str:
    now = int(time.time())
    told = {"iss": "nihonkai", "sub": "nihonkai", "aud": "http://testserver/oauth/token", "jti": str(uuid4())}
    told = told | {"iat": now, "exp": now + 60} | claims
    return jwt.encode({"alg": "ES256", "kid": "k1"}, {k: v for k, v in told.items() if v is not None}, key)


def ask(client: TestClient, text: str):
    form = {"grant_type": "client_credentials", "client_assertion_type": JWT_BEARER, "client_assertion": text}
    return client.post("/oauth/token", data=form)


def test_a_clinics_program_signs_in_with_its_key_and_passes_its_own_door_alone(client, key):
    answer = ask(client, assertion(key))
    assert answer.status_code == 200 and answer.json()["expires_in"] == 900
    headers = bearer(answer.json()["access_token"])
    assert client.get("/clinic-door", headers=headers).json() == "0612345"
    for path in ("/operator-door", "/api/me", "/api/nurse/worklist", "/sessions", "/second-factor"):
        assert client.get(path, headers=headers).status_code == 403, path


def test_an_operators_program_sees_the_operators_door_alone(client, key, conn):
    clients.add(conn, "watch", role="operator")
    clients.add_key(conn, "watch", "k1", key.as_dict(private=False))
    headers = bearer(ask(client, assertion(key, iss="watch", sub="watch")).json()["access_token"])
    assert client.get("/operator-door", headers=headers).json() == "operator"
    assert client.get("/clinic-door", headers=headers).status_code == 403
    assert client.get("/api/me", headers=headers).status_code == 403


def test_people_do_not_pass_the_programs_doors(client, key, town):
    for token in (town.hanako_token, town.nurse_token):
        for path in ("/clinic-door", "/operator-door"):
            assert client.get(path, headers=bearer(token)).status_code == 403


def test_an_assertion_is_good_once(client, key):
    text = assertion(key)
    assert [ask(client, text).status_code for _ in range(2)] == [200, 401]


def unsound() -> dict[str, dict[str, object]]:
    """What makes an assertion bad, as of now."""
    now = int(time.time())
    return {
        "for somebody else": {"aud": "https://elsewhere.example"},
        "for many": {"aud": ["http://testserver/oauth/token", "https://elsewhere.example"]},
        "for nobody": {"aud": None},
        "of a program that is not there": {"iss": "nobody", "sub": "nobody"},
        "about another than its issuer": {"sub": "other"},
        "expired": {"exp": now - 60},
        "for ever": {"exp": now + 86_400},
        "without an end": {"exp": None},
        "without a number of its own": {"jti": None},
        "with a number that repeats soon": {"jti": "1"},
        "not yet good": {"nbf": now + 600},
    }


def test_an_assertion_that_is_not_sound_is_refused(client, key):
    found = {name: ask(client, assertion(key, **wrong)) for name, wrong in unsound().items()}
    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(found, 401)
    assert all(answer.json() == {"error": "invalid_client"} for answer in found.values())
    assert ask(client, assertion(key)).status_code == 200


def test_only_its_own_key_signs_for_a_program(client, key):
    for text in (assertion(ECKey.generate_key("P-256")), "", "a.b.c", "ü", "e30.e30.", assertion(key)[:-4] + "AAAA"):
        assert ask(client, text).status_code in (401, 422)
    none = assertion(key).split(".")
    assert ask(client, f"eyJhbGciOiJub25lIn0.{none[1]}.").status_code == 401


def test_a_revoked_key_or_program_is_out_at_once_with_its_tokens(client, key, conn):
    second = ECKey.generate_key("P-256")
    clients.add_key(conn, "nihonkai", "k2", second.as_dict(private=False))
    headers = bearer(ask(client, assertion(key)).json()["access_token"])
    assert clients.revoke_key(conn, "nihonkai", "k1")
    assert client.get("/clinic-door", headers=headers).status_code == 401
    assert ask(client, assertion(key)).status_code == 401
    assert clients.revoke(conn, "nihonkai") and clients.keys(conn, "nihonkai") == []


def test_a_private_key_can_not_even_be_stored(key, conn):
    with pytest.raises(psycopg.errors.CheckViolation):
        clients.add_key(conn, "nihonkai", "k9", key.as_dict(private=True))


def test_other_grants_are_refused_in_the_words_of_the_standard(client, key):
    form = {"grant_type": "password", "client_assertion_type": JWT_BEARER, "client_assertion": assertion(key)}
    assert client.post("/oauth/token", data=form).json() == {"error": "unsupported_grant_type"}
    form |= {"grant_type": "client_credentials", "client_assertion_type": "x"}
    assert client.post("/oauth/token", data=form).json() == {"error": "invalid_request"}


def test_ids_of_sessions_are_not_their_tokens(town, conn):
    found = sessions.find(conn, town.hanako_token)
    assert found is not None and isinstance(found.session_id, UUID)
    assert sessions.find(conn, str(found.session_id)) is None
