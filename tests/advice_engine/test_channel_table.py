"""Every channel with sealed addresses against the other side's real protocol: five cases each, in one table."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from channel_peers import LINE_TOKEN, SMS_SECRET, Reply, Services, service_account, services, unregistered
from mail_peer import LOGIN, MailServer, mail_server

from advice_engine.channel import Address, Message, SendFailed, channels
from advice_engine.channels import _http, _words, email, fcm
from advice_engine.words import forbidden_in
from store.settings import BadSetting, Settings

MESSAGE = Message(
    advice_id=7,
    public_id=UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    title="さかた健康記録",
    body="新しいお知らせがあります。",
    link="https://phr.example.jp/m/opaque",
    urgent=False,
    token="opaque",
)
TO = {
    "line": "U" + "0123456789abcdef" * 2,
    "fcm": "an-app's-token-0123456789",
    "email": "hanako@example.jp",
    "sms": "+819012345678",
}


@dataclass
class Outside:
    """The other side of every channel."""

    web: Services
    mail: MailServer
    settings: Settings

    def tell(self, channel: str, answer: Any) -> None:
        """What the next message gets for an answer."""
        if channel == "email":
            self.mail.slow = answer == "slow"
            self.mail.refuse = "" if answer == "slow" else answer
        else:
            self.web.answer = answer


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with services() as web, mail_server(tmp_path_factory.mktemp("mail")) as mail:
        yield Outside(web, mail, web.settings(**mail.settings()))


@pytest.fixture
def outside(servers: Outside) -> Outside:
    """The other sides as new."""
    fcm._tokens.clear()
    servers.web.forget()
    servers.mail.forget()
    return servers


def send(outside: Outside, channel: str, message: Message = MESSAGE, **settings: Any) -> None:
    channels()[channel].send(message, Address(3, {"to": TO[channel]}), replace(outside.settings, **settings))


def failure(outside: Outside, channel: str, **settings: Any) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        send(outside, channel, **settings)
    secrets = (TO[channel], LINE_TOKEN, SMS_SECRET, LOGIN[1], "127.0.0.1", "localhost")
    assert not any(secret in f"{caught.value!r} {caught.value.reason}" for secret in secrets)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


@pytest.mark.parametrize("channel", TO)
def test_what_arrives_says_who_sends_it_that_there_is_something_to_read_where_and_how_to_stop(
    outside: Outside, channel: str
) -> None:
    send(outside, channel)
    if channel == "email":
        [(to, mail)] = outside.mail.taken
        text = f"{mail['From']} {mail['Subject']} {mail.get_content()}"
        assert mail["Auto-Submitted"] == "auto-generated" and mail["List-Unsubscribe"]
    else:
        [(service, said)] = outside.web.taken
        to, text = said.get("to") or said["token"], str(said)
        assert service == channel
    assert to == TO[channel]
    told = ["さかた健康記録", "新しいお知らせがあります。", MESSAGE.link]
    # an app shows its own name, and has its own switch in the telephone's settings
    assert [word for word in told + ([] if channel == "fcm" else ["/addresses"]) if word not in text] == []


def refused(status: int, said: object = None, **headers: str) -> Reply:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, said or {}


# channel, what the other side answers -> reason, permanent (the address goes), final (no other try), wait in seconds
TABLE = {
    "permanent failure": [
        ("line", refused(400, {"message": "The request body has 1 error(s)"}), "http_400", False, True, None),
        ("fcm", refused(400, {"error": {"status": "INVALID_ARGUMENT"}}), "http_400", False, True, None),
        ("email", "552 5.2.2 mailbox full", "smtp_552", False, True, None),
        ("sms", refused(422), "http_422", False, True, None),
    ],
    "throttling": [
        ("line", refused(429, {"message": "You have reached your monthly limit."}), "http_429", False, False, None),
        ("line", refused(429, Retry_After="30"), "http_429", False, False, 30),
        ("fcm", refused(429, Retry_After="1200"), "http_429", False, False, 1200),
        ("fcm", refused(503, Retry_After="60"), "http_503", False, False, 60),
        ("email", "451 4.7.1 slow down", "smtp_451", False, False, None),
        ("sms", refused(429, Retry_After="90"), "http_429", False, False, 90),
    ],
    "timeout": [(channel, "slow", "timeout", False, False, None) for channel in TO],
    "expired address": [
        ("line", refused(400, {"message": "Failed to send messages"}), "http_400", True, True, None),
        ("fcm", unregistered(), "http_404", True, True, None),
        ("email", "550 5.1.1 no such user", "smtp_550", True, True, None),
        ("email", "550 no such user", "smtp_550", True, True, None),
        ("sms", refused(410), "http_410", True, True, None),
    ],
    "our own mistake": [  # costs nobody an address, and is tried again
        ("line", refused(401), "http_401", False, False, None),
        ("line", refused(403), "http_403", False, False, None),
        ("fcm", refused(403), "http_403", False, False, None),
        ("fcm", refused(404, {"error": {"status": "NOT_FOUND"}}), "http_404", False, False, None),
        ("email", "550 5.7.1 not from here", "smtp_550", False, True, None),
        ("sms", refused(404), "http_404", False, False, None),
        ("sms", refused(302, Location="http://127.0.0.1:9/"), "http_302", False, False, None),
    ],
}
ROWS = [(case, *row) for case, rows in TABLE.items() for row in rows]


@pytest.mark.parametrize(("case", "channel", "answer", "reason", "permanent", "final", "wait"), ROWS)
def test_what_the_other_side_answers_decides_what_becomes_of_message_and_address(
    outside: Outside,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
    channel: str,
    answer: Any,
    reason: str,
    permanent: bool,
    final: bool,
    wait: float | None,
) -> None:
    if case == "timeout":
        for module in (_http, email):
            monkeypatch.setattr(module, "TIMEOUT", 0.3)
    outside.tell(channel, answer)
    fault = failure(outside, channel)
    assert (fault.reason, fault.permanent, fault.final, fault.retry_after) == (reason, permanent, final, wait)
    assert outside.web.taken == [] == outside.mail.taken


@pytest.mark.parametrize("channel", ["line", "sms"])
def test_a_message_that_is_sent_again_after_a_crash_is_taken_once(outside: Outside, channel: str) -> None:
    for _ in range(2):
        send(outside, channel)
    assert len(outside.web.taken) == 1
    send(outside, channel, replace(MESSAGE, token="another delivery"))
    assert len(outside.web.taken) == 2


def test_a_mail_that_is_sent_again_has_the_same_message_id_and_another_delivery_another(outside: Outside) -> None:
    for message in (MESSAGE, MESSAGE, replace(MESSAGE, token="another delivery")):
        send(outside, "email", message)
    first, again, other = (mail["Message-ID"] for _, mail in outside.mail.taken)
    assert first == again != other and first.endswith("@city.example.jp>")


def test_a_notification_replaces_the_unread_one_before_it_and_an_urgent_one_is_sent_as_such(outside: Outside) -> None:
    send(outside, "fcm")
    send(outside, "fcm", replace(MESSAGE, urgent=True))
    calm, urgent = (said for _, said in outside.web.taken)
    assert calm["android"]["collapse_key"] == urgent["android"]["collapse_key"]
    assert calm["android"]["notification"]["tag"] == calm["apns"]["headers"]["apns-collapse-id"]
    assert (calm["android"]["priority"], urgent["android"]["priority"]) == ("NORMAL", "HIGH")


def test_an_access_token_is_fetched_once_and_anew_when_it_is_no_longer_good(outside: Outside) -> None:
    for _ in range(3):
        send(outside, "fcm")
    assert outside.web.asked.count("/token") == 1
    outside.web.access.clear()  # Google took it back
    assert failure(outside, "fcm").reason == "http_401"
    send(outside, "fcm")
    assert outside.web.asked.count("/token") == 2 and len(outside.web.taken) == 4


def test_nobody_waits_in_a_long_line_for_an_access_token(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advice_engine.channels._http.TIMEOUT", 0.2)
    with fcm._one_at_a_time:  # another thread is waiting for the endpoint's answer
        assert failure(outside, "fcm").reason == "timeout"
    assert fcm._one_at_a_time.acquire(timeout=0.1)
    fcm._one_at_a_time.release()


def test_a_service_account_that_the_endpoint_does_not_know_is_tried_again(outside: Outside) -> None:
    stranger = service_account().replace("sender@", "stranger@")
    fault = failure(outside, "fcm", fcm_service_account=stranger)
    assert (fault.reason, fault.final) == ("token_http_400", False)


def test_no_word_and_no_password_goes_to_a_mail_server_before_tls(outside: Outside, tmp_path: Path) -> None:
    send(outside, "email")
    assert outside.mail.before_tls == ["EHLO", "STAR"]
    (tmp_path / "other").mkdir()
    with mail_server(tmp_path / "other") as stranger:  # a certificate of another CA
        fault = failure(outside, "email", smtp_port=stranger.port)
        assert fault.reason == "SSLCertVerificationError" and stranger.before_tls == ["EHLO", "STAR"]


def test_mail_goes_through_tls_from_the_first_byte_where_the_server_wants_it(outside: Outside, tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    with mail_server(tmp_path / "tls", implicit=True) as server:
        send(outside, "email", **server.settings(), smtp_tls="tls")
        assert len(server.taken) == 1 and server.before_tls == []


def test_a_wrong_password_at_the_mail_server_is_tried_again_and_not_repeated(outside: Outside) -> None:
    fault = failure(outside, "email", smtp_password="wrong-secret")
    assert (fault.reason, fault.final) == ("smtp_535", False) and "wrong-secret" not in repr(fault)


def test_a_service_that_is_down_is_tried_again(outside: Outside) -> None:
    assert failure(outside, "sms", sms_url="http://127.0.0.1:9/x").final is False
    assert failure(outside, "email", smtp_port=9).final is False


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_code_is_sent_to_prove_an_address(outside: Outside, channel: str) -> None:
    sender = channels()[channel].send_code
    assert sender is not None
    sender("042137", TO[channel], outside.settings)
    said = outside.mail.taken[0][1].get_content() if channel == "email" else outside.web.taken[0][1]["text"]
    assert "042137" in said and "だれにも教えないで" in said


def test_even_the_most_talkative_log_holds_no_address_and_no_secret(
    outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for channel in TO:
        send(outside, channel)
    logged = "".join(record.getMessage() for record in caplog.records if record.levelno >= logging.DEBUG)
    for secret in (*TO.values(), LINE_TOKEN, SMS_SECRET, LOGIN[1], "access 0"):
        assert secret not in logged


@pytest.mark.parametrize("words", [_words.chat, _words.short, _words.letter])
def test_no_message_says_what_may_not_be_said(words: Any) -> None:
    said = words(MESSAGE, Settings(public_url="https://phr.example.jp"))
    assert forbidden_in(said) == () and "https://phr.example.jp/addresses" in said


def test_every_secret_stays_out_of_the_printed_settings_and_of_addresses() -> None:
    given = Services("http://127.0.0.1:1").settings(smtp_password=LOGIN[1])
    for secret in (LINE_TOKEN, SMS_SECRET, LOGIN[1], "PRIVATE KEY"):
        assert secret not in repr(given)
    assert TO["sms"] not in repr(Address(1, {"to": TO["sms"]})) and "opaque" not in repr(MESSAGE).replace(
        "/m/opaque", ""
    )


@pytest.mark.parametrize(
    ("channel", "setting", "value"),
    [
        ("line", "line_api", "http://api.line.example"),
        ("line", "line_api", "https://user:pass@api.line.me"),
        ("fcm", "fcm_service_account", '{"private_key": "x-secret-x"}'),
        ("fcm", "fcm_token_url", "ftp://oauth2.example"),
        ("email", "smtp_tls", "none"),
        ("email", "smtp_from", ""),
        ("sms", "sms_url", "http://10.0.0.1/sms"),
        ("sms", "sms_secret", "short-x-secret-x"),
        ("line", "master_key", ""),
    ],
)
def test_a_setting_that_does_not_fit_stops_the_worker_by_its_name(
    outside: Outside, channel: str, setting: str, value: str
) -> None:
    with pytest.raises(BadSetting, match=f"PHR_{setting.upper()}") as caught:
        channels()[channel].ready(replace(outside.settings, **{setting: value}))
    assert "x-secret-x" not in str(caught.value)


def test_a_channel_without_settings_is_off_and_one_with_them_is_on(outside: Outside) -> None:
    assert [name for name, channel in channels().items() if channel.ready(Settings())] == ["log"]
    assert {name for name, channel in channels().items() if channel.ready(outside.settings)} == {*TO, "letter", "log"}


def test_the_way_to_stop_is_found_however_the_address_of_the_pages_ends() -> None:
    for ending in ("", "/"):
        assert (
            _words.stop_link(Settings(public_url=f"https://phr.example.jp{ending}"))
            == "https://phr.example.jp/addresses"
        )


def test_a_date_in_retry_after_counts_as_well() -> None:
    now = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    assert _http.wait("Fri, 20 Nov 2026 03:02:00 GMT", now) == 120
    assert [_http.wait(said, now) for said in ("Fri, 20 Nov 2026 02:00:00 GMT", "soon", "")] == [0, None, None]
