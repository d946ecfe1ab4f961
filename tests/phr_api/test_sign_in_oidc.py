"""Signing in at a provider over real HTTP, and every way to cheat at it."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import oidc_peer
import psycopg
import pytest
from callers import Town
from fastapi.testclient import TestClient
from joserfc import jwt
from oidc_peer import CLIENT, SECRET, Peer, new_key

from phr_api.app import create_app
from phr_api.doors import COOKIE
from phr_api.pages.sign_in import BROWSER
from store import accounts
from store.settings import BadSetting, Settings

HTML = {"Accept": "text/html"}
CALLBACK = "/signin/callback/citizen"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with oidc_peer.running() as opened:
        yield opened


def settings(peer: Peer, **more: object) -> Settings:
    doors = ("citizen", "staff")
    given = {f"oidc_{door}_issuer": peer.issuer for door in doors}
    given |= {f"oidc_{door}_client_id": CLIENT for door in doors}
    given |= {f"oidc_{door}_client_secret": SECRET for door in doors}
    return Settings(**({"public_url": "http://testserver"} | given | more))  # type: ignore[arg-type]


@pytest.fixture
def browser(app_on, doors, peer: Peer, town: Town, conn: psycopg.Connection) -> Iterator[TestClient]:
    """A browser before the application as in production; `subject-1` is Hanako."""
    accounts.link(conn, peer.issuer, "subject-1", person_id=town.hanako.person_id, evidence="seen", linked_by="staff:1")
    with TestClient(app_on(settings(peer), doors), headers=HTML, follow_redirects=False) as opened:
        yield opened


def leave(browser: TestClient, path: str = "/signin/citizen") -> str:
    answer = browser.get(path)
    assert answer.status_code == 303
    return answer.headers["location"]


def sign_in(browser: TestClient, peer: Peer, path: str = "/signin/citizen") -> int:
    """The whole way; gives the last status. 303: in."""
    return browser.get(CALLBACK, params=peer.authorize(leave(browser, path))).status_code


def test_the_subject_of_the_provider_is_the_person_it_was_tied_to(browser, peer, town):
    answer = browser.get(CALLBACK, params=peer.authorize(leave(browser)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/api/me").json()["public_id"] == str(town.hanako.public_id)


def test_the_address_asks_for_a_code_with_pkce_state_and_nonce(browser, peer):
    query = parse_qs(urlsplit(leave(browser)).query)
    assert query["scope"] == ["openid"] and query["client_id"] == [CLIENT]
    assert query["redirect_uri"] == ["http://testserver" + CALLBACK]
    assert all(len(query[name][0]) >= 40 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(leave(browser)).query)
    assert all(query[name] != again[name] for name in ("state", "nonce", "code_challenge"))


def test_a_session_from_before_does_not_live_on(browser, peer, town):
    browser.cookies.set(COOKIE, town.taro_token, domain="testserver.local")
    assert sign_in(browser, peer) == 303
    assert browser.cookies[COOKIE] != town.taro_token
    browser.cookies.clear()
    assert browser.get("/api/me", headers={"Authorization": f"Bearer {town.taro_token}"}).status_code == 401


def part(value: object) -> str:
    return urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'first'})}.{part(claims)}."


def signed_by_another(claims) -> str:
    return jwt.encode({"alg": "ES256", "kid": "first"}, claims, new_key())


def test_a_token_without_the_providers_signature_lets_nobody_in(browser, peer):
    for sign in (unsigned, signed_by_another, lambda _: "", lambda _: "a.b.c", lambda _: "ü" * 300):
        peer.sign = sign
        assert sign_in(browser, peer) == 400
        assert COOKIE not in browser.cookies


def test_the_providers_public_key_is_not_taken_for_a_shared_one(browser, peer):
    public = peer.keys[0].as_pem(private=False)

    def sign(claims) -> str:
        text = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'first'})}.{part(claims)}"
        return f"{text}.{part(hmac.digest(public, text.encode(), 'sha256'))}"

    peer.sign = sign
    assert sign_in(browser, peer) == 400


BENT = {
    "for another client": {"aud": "somebody else"},
    "for another client, bought by us": {"aud": "somebody else", "azp": CLIENT},
    "for two clients, bought by the other": {"aud": [CLIENT, "other"], "azp": "other"},
    "for two clients, silent by whom": {"aud": [CLIENT, "other"]},
    "of another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": int(time.time()) - 120},
    "from the future": {"iat": int(time.time()) + 3600},
    "not yet good": {"nbf": int(time.time()) + 3600},
    "of another sign-in": {"nonce": "another"},
    "without a nonce": {"nonce": None},
    "without a subject": {"sub": None},
    "with an empty subject": {"sub": ""},
    "with a number for a subject": {"sub": 1},
    "proved in the future": {"auth_time": int(time.time()) + 9999},
    "without an end": {"exp": None},
}


def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(browser, peer):
    found = {}
    for name, bent in BENT.items():
        peer.bend = lambda claims, bent=bent: {k: v for k, v in (claims | bent).items() if v is not None}
        found[name] = sign_in(browser, peer)
        assert COOKIE not in browser.cookies, name
    assert found == dict.fromkeys(BENT, 400)
    peer.bend = lambda claims: claims
    assert sign_in(browser, peer) == 303


def test_a_code_is_good_once(browser, peer):
    brought = peer.authorize(leave(browser))
    assert browser.get(CALLBACK, params=brought).status_code == 303
    browser.cookies.clear()
    assert browser.get(CALLBACK, params=brought).status_code == 400  # the state is used up
    fresh = peer.authorize(leave(browser), code="code-2")
    assert browser.get(CALLBACK, params=fresh | {"code": "code-1"}).status_code == 400  # and so is the code
    assert COOKIE not in browser.cookies


def test_a_sign_in_is_taken_once_and_within_ten_minutes(browser, peer, conn):
    kept = browser.get("/signin/citizen")
    brought, mark = peer.authorize(kept.headers["location"]), browser.cookies[BROWSER]
    assert browser.get(CALLBACK, params=brought).status_code == 303
    browser.cookies.set(BROWSER, mark, domain="testserver.local")
    peer.authorize(kept.headers["location"])  # a provider that lets its codes be used again
    assert browser.get(CALLBACK, params=brought).status_code == 400
    late = peer.authorize(leave(browser))
    conn.execute("update identity.sign_ins set started_at = now() - interval '11 minutes'")
    assert browser.get(CALLBACK, params=late).status_code == 400
    assert peer.asked.count("/token") == 1


def test_an_answer_without_the_right_state_is_not_even_asked_about(browser, peer):
    brought = peer.authorize(leave(browser))
    for state in ("", "made up", brought["state"][:-1], brought["state"].swapcase()):
        assert browser.get(CALLBACK, params=brought | {"state": state}).status_code == 400
    assert "/token" not in peer.asked


def test_somebody_elses_sign_in_can_not_be_slipped_into_my_browser(browser, peer):
    brought = peer.authorize(leave(browser))
    del browser.cookies[BROWSER]
    assert browser.get(CALLBACK, params=brought).status_code == 400
    browser.cookies.set(BROWSER, "made up", domain="testserver.local")
    assert browser.get(CALLBACK, params=brought).status_code == 400
    assert "/token" not in peer.asked


def test_an_answer_of_another_issuer_is_refused_before_its_code_is_spent(browser, peer):
    brought = peer.authorize(leave(browser)) | {"iss": "https://evil.example"}
    assert browser.get(CALLBACK, params=brought).status_code == 400
    assert "/token" not in peer.asked


def test_the_staffs_door_does_not_open_to_a_citizens_account(browser, peer):
    brought = peer.authorize(leave(browser, "/signin/staff"))
    assert browser.get(CALLBACK, params=brought).status_code == 400  # begun at the other door
    answer = browser.get("/signin/callback/staff", params=peer.authorize(leave(browser, "/signin/staff")))
    assert answer.status_code == 403 and COOKIE not in browser.cookies


def test_who_is_not_tied_to_anybody_gets_a_number_to_take_to_the_desk(browser, peer, town, conn):
    peer.subject = "stranger"
    answer = browser.get(CALLBACK, params=peer.authorize(leave(browser)))
    assert answer.status_code == 403 and COOKIE not in browser.cookies
    shown = "".join(answer.text.split('class="code">')[1].split("</p>")[0].replace("<", " <").split("<span>")).split()
    code = "".join(part for part in shown if part.isalnum())
    assert accounts.redeem(conn, code) == (peer.issuer, "stranger")
    assert accounts.redeem(conn, code) is None
    accounts.link(conn, peer.issuer, "stranger", person_id=town.taro.person_id, evidence="seen", linked_by="staff:1")
    assert sign_in(browser, peer) == 303
    assert browser.get("/api/me").json()["public_id"] == str(town.taro.public_id)


def test_untying_an_account_ends_its_sessions(browser, peer, town, conn):
    assert sign_in(browser, peer) == 303
    tie = accounts.of(conn, person_id=town.hanako.person_id)[0]
    assert accounts.unlink(conn, tie.account_id, unlinked_by="staff:1")
    assert browser.get("/api/me").status_code == 401
    assert sign_in(browser, peer) == 403
    assert accounts.of(conn, person_id=town.hanako.person_id)[0].unlinked_at is not None


def test_an_account_that_names_somebody_is_never_given_to_another(peer, town, conn, browser):
    with pytest.raises(accounts.TakenAccount):
        accounts.link(
            conn, peer.issuer, "subject-1", person_id=town.taro.person_id, evidence="seen", linked_by="staff:1"
        )


def test_new_keys_of_the_provider_are_fetched_when_one_is_unknown_and_not_at_every_try(browser, peer, monkeypatch):
    assert sign_in(browser, peer) == 303
    peer.keys = [new_key("second")]
    monkeypatch.setattr("phr_api.sign_in.provider._APART_SECONDS", 0.0)
    assert sign_in(browser, peer) == 303
    peer.keys = [*peer.keys, new_key("third")]
    monkeypatch.setattr("phr_api.sign_in.provider._APART_SECONDS", 60.0)
    before = peer.asked.count("/keys")
    assert [sign_in(browser, peer) for _ in range(3)] == [400] * 3
    assert peer.asked.count("/keys") == before


def test_a_provider_that_is_away_is_said_and_not_a_fault(app_on, doors, peer, town):
    peer.down = True
    with TestClient(app_on(settings(peer), doors), headers=HTML, follow_redirects=False) as browser:
        answer = browser.get("/signin/citizen")
        assert answer.status_code == 503 and answer.headers["retry-after"] == "60"
        peer.down = False
        assert browser.get("/signin/citizen").status_code == 303


ELSEWHERE = ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/a\r\nX: y", "/x?u=//e")


def test_after_signing_in_nobody_is_led_to_another_site(browser, peer):
    for after in ELSEWHERE:
        address = browser.get("/signin/citizen", params={"after": after}).headers["location"]
        assert browser.get(CALLBACK, params=peer.authorize(address)).headers["location"] == "/", after


def test_after_signing_in_the_page_asked_for_is_shown(browser, peer):
    address = browser.get("/signin/citizen", params={"after": "/looks"}).headers["location"]
    assert browser.get(CALLBACK, params=peer.authorize(address)).headers["location"] == "/looks"


def test_proving_anew_asks_the_provider_for_it_and_takes_no_old_proof(browser, peer):
    address = leave(browser, "/signin/citizen?again=1")
    assert "prompt=login" in address and "max_age=0" in address
    assert browser.get(CALLBACK, params=peer.authorize(address)).status_code == 303
    for old in (int(time.time()) - 600, None):
        peer.bend = lambda claims, old=old: claims | {"auth_time": old}
        assert sign_in(browser, peer, "/signin/citizen?again=1") == 400


def test_in_vain_too_often_is_told_to_wait_and_a_right_one_passes_all_the_same(browser, peer):
    answers = [browser.get(CALLBACK, params={"code": "x", "state": "x"}) for _ in range(22)]
    assert [one.status_code for one in answers[:20]] == [400] * 20 and answers[21].status_code == 429
    assert "分ほどお待ちください" in answers[21].text
    assert sign_in(browser, peer) == 303  # nobody can be locked out by a neighbour's tries


def test_a_provider_without_tls_or_client_id_is_refused_at_the_start(doors, peer):
    for wrong in ({"oidc_citizen_issuer": "http://id.example"}, {"oidc_citizen_client_id": ""}):
        with pytest.raises(BadSetting, match="PHR_OIDC_CITIZEN"):
            create_app(settings(peer, **wrong), doors)
