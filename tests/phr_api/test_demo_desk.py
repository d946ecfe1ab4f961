"""The demonstration's provider keeps to the standard: else the demo would prove nothing."""

from __future__ import annotations

from base64 import b64encode

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from phr_api.demo_desk import Asked, Desk
from store.settings import Settings

BACK = "http://127.0.0.1:8080/signin/callback/citizen"
VERIFIER = "v" * 48


@pytest.fixture
def desk() -> Desk:
    return Desk(Settings(embedded=True))


def asked() -> Asked:
    return Asked("phr", BACK, "state", "nonce", create_s256_code_challenge(VERIFIER))


def client(desk: Desk, secret: str | None = None) -> str:
    words = f"phr:{desk.client_secret if secret is None else secret}"
    return "Basic " + b64encode(words.encode()).decode()


def redeem(desk: Desk, code: str, **other: str) -> str | None:
    sent = {"verifier": VERIFIER, "redirect_uri": BACK} | {
        k: v for k, v in other.items() if k in ("verifier", "redirect_uri")
    }
    return desk.redeem(other.get("door", "citizen"), other.get("authorization", client(desk)), code=code, **sent)


def test_a_code_is_redeemed_once_by_who_began(desk):
    code = desk.give("citizen", asked(), "person-1")
    assert redeem(desk, code)
    assert redeem(desk, code) is None


@pytest.mark.parametrize(
    "other",
    [{"verifier": "w" * 48}, {"redirect_uri": "https://evil.example"}, {"door": "staff"}, {"authorization": ""}],
    ids=lambda other: next(iter(other)),
)
def test_a_code_is_no_good_to_anybody_else(desk, other):
    assert redeem(desk, desk.give("citizen", asked(), "person-1"), **other) is None


@pytest.mark.parametrize("secret", ["", "x", "é"])
def test_a_client_without_its_secret_gets_nothing(desk, secret):
    code = desk.give("citizen", asked(), "person-1")
    assert redeem(desk, code, authorization=client(desk, secret)) is None
    assert redeem(desk, code)


def test_a_code_ends_after_a_minute(desk, monkeypatch):
    code = desk.give("citizen", asked(), "person-1")
    monkeypatch.setattr("phr_api.demo_desk.CODE_SECONDS", -1)
    assert redeem(desk, code) is None
