import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from http_ece import ECEException
from push_service import Browser, PushService, new_key, point, raw, running, text
from small_town import Town

from advice_engine.channel import Address, Message, SendFailed, channels
from advice_engine.channels import web_push
from store import push_subscriptions
from store.settings import BadSetting, Settings

CITY = new_key()
SETTINGS = Settings(vapid_private_key=raw(CITY), push_services="localhost", public_url="https://phr.example.jp")
MESSAGE = Message(
    advice_id=7,
    public_id=UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    title="さかた健康記録",
    body="新しいお知らせがあります。",
    link="https://phr.example.jp/",
    urgent=False,
)
PUSH = channels()["web_push"]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with running(tmp_path, point(CITY)) as opened:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        yield opened


def address(url: str, browser: Browser | None = None) -> Address:
    return Address(1, {"endpoint": url, **(browser or Browser()).keys})


def failure(url: str, settings: Settings = SETTINGS) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        PUSH.send(MESSAGE, address(url), settings)
    secrets = (url, url.rsplit("/", 1)[1], raw(CITY))
    assert not any(secret in f"{caught.value!r} {caught.value.reason}" for secret in secrets)
    assert caught.value.__suppress_context__
    return caught.value


def test_the_preferred_channel_comes_first_and_the_log_last() -> None:
    assert list(channels()) == ["web_push", "fcm", "line", "email", "sms", "letter", "log"]


def test_the_browser_can_read_what_was_pushed_and_nobody_else(service: PushService) -> None:
    browser = Browser()
    PUSH.send(MESSAGE, address(service.url(201), browser), SETTINGS)
    ((_, headers, body),) = service.taken
    assert browser.read(body) == {
        "title": "さかた健康記録",
        "body": "新しいお知らせがあります。",
        "url": "https://phr.example.jp/",
        "tag": "advice",
    }
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("86400", "normal", "advice")
    with pytest.raises(ECEException, match="InvalidTag"):
        Browser().read(body)


def test_even_the_most_talkative_log_does_not_name_the_browser(
    service: PushService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    PUSH.send(MESSAGE, address(service.url(201)), SETTINGS)
    assert service.url(201).rpartition("/")[2] not in caplog.text and "/201" not in caplog.text


def test_an_urgent_message_says_so_to_the_push_service(service: PushService) -> None:
    PUSH.send(replace(MESSAGE, urgent=True), address(service.url(201)), SETTINGS)
    assert service.taken[0][1]["Urgency"] == "high"


@pytest.mark.parametrize(
    ("answer", "permanent", "retry_after"),
    [
        (410, True, None),
        (404, True, None),
        (429, False, 1200),
        (500, False, None),
        (503, False, None),
        (413, False, None),
    ],
)
def test_what_the_push_service_answers_decides(
    service: PushService, answer: int, permanent: bool, retry_after: float | None
) -> None:
    fault = failure(service.url(answer))
    assert (fault.reason, fault.permanent, fault.retry_after) == (f"http_{answer}", permanent, retry_after)


def test_a_key_that_is_not_the_citys_is_refused_and_costs_no_subscription(service: PushService) -> None:
    fault = failure(service.url(201), replace(SETTINGS, vapid_private_key=raw(new_key())))
    assert (fault.reason, fault.permanent) == ("http_403", False)
    assert service.taken == []


def test_while_the_key_is_changed_each_browser_is_told_with_the_key_it_subscribed_with(service: PushService) -> None:
    new = new_key()
    both = replace(SETTINGS, vapid_private_key=f"{raw(new)} {raw(CITY)}")  # the push service knows CITY
    assert web_push.public_key(both) == text(point(new))
    old = replace(address(service.url(201)), parts={**address(service.url(201)).parts, "server_key": text(point(CITY))})
    PUSH.send(MESSAGE, old, both)
    with pytest.raises(SendFailed, match="vapid_key_gone") as caught:
        PUSH.send(MESSAGE, old, replace(SETTINGS, vapid_private_key=raw(new)))
    assert not caught.value.permanent


def test_a_push_service_that_does_not_answer_is_tried_again(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_push, "TIMEOUT", 0.3)
    assert (failure(service.url("slow")).reason, failure(service.url("slow")).permanent) == ("timeout", False)


def test_a_push_service_that_is_down_is_tried_again() -> None:
    fault = failure("https://localhost:9/201/browser")
    assert (fault.reason, fault.permanent) == ("ConnectionError", False)


def test_no_redirect_is_followed(service: PushService) -> None:
    assert failure(service.url(302)).reason == "TooManyRedirects"
    assert service.taken == [] and len(service.asked) == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost/201/plain",
        "https://127.0.0.1/201/x",
        "https://notlocalhost/201/x",
        "https://localhost.evil.example/201/x",
        "https://localhost@10.0.0.1/201/x",
        "https://10.0.0.1\\@localhost/201/x",  # one parser reads localhost here, the one that calls 10.0.0.1
        "https://10.0.0.1:5432\\@localhost/201/x",
        "https://user@localhost/201/x",
        "https://10.0.0.1;.localhost/201/x",
        "file:///etc/passwd",
        "x",
    ],
)
def test_only_known_push_services_are_called(endpoint: str) -> None:
    assert not web_push.reaches(endpoint, SETTINGS)
    with pytest.raises(SendFailed, match="not_a_push_service") as caught:
        PUSH.send(MESSAGE, address(endpoint), SETTINGS)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_push_services_of_the_browsers_are_known(endpoint: str) -> None:
    assert web_push.reaches(endpoint, Settings())


@pytest.mark.parametrize("keys", [{"p256dh": "AAAA"}, {"p256dh": text(bytes(65))}, {"p256dh": "ä"}, {"auth": "?"}])
def test_keys_that_are_none_are_refused_for_good(service: PushService, keys: dict[str, str]) -> None:
    given = address(service.url(201))
    with pytest.raises(SendFailed, match="bad_keys") as caught:
        PUSH.send(MESSAGE, replace(given, parts={**given.parts, **keys}), SETTINGS)
    assert caught.value.permanent


def test_push_is_off_without_a_key_and_a_wrong_key_stops_the_worker() -> None:
    assert PUSH.ready(SETTINGS) and not PUSH.ready(Settings())
    assert web_push.public_key(SETTINGS) == text(point(CITY)) and web_push.public_key(Settings()) == ""
    with pytest.raises(BadSetting, match="PHR_VAPID_PRIVATE_KEY") as caught:
        PUSH.ready(replace(SETTINGS, vapid_private_key="not-a-key"))
    assert "not-a-key" not in str(caught.value)


def test_each_person_is_reached_at_their_own_browsers(conn: psycopg.Connection, town: Town) -> None:
    person, other, nobody = town.person(), town.person(), town.person()
    for owner in (person, other, nobody):
        town.consent(owner, "city", purpose="push")
    for owner, name in ((person, "phone"), (person, "tablet"), (other, "phone2")):
        push_subscriptions.add(conn, owner, endpoint=f"https://localhost/{name}", p256dh="k", auth="a")
    found = PUSH.addresses(conn, [person, other, nobody])
    assert {who: [one.parts["endpoint"] for one in found[who]] for who in found} == {
        person: ["https://localhost/phone", "https://localhost/tablet"],
        other: ["https://localhost/phone2"],
    }
    assert "localhost" not in repr(found)
    PUSH.forget(conn, found[person][0])
    assert len(PUSH.addresses(conn, [person])[person]) == 1


def test_the_log_names_the_public_id_and_the_advice_and_nothing_of_the_text(
    caplog: pytest.LogCaptureFixture, conn: psycopg.Connection
) -> None:
    log = channels()["log"]
    (there,) = log.addresses(conn, [1])[1]
    with caplog.at_level(logging.INFO):
        log.send(replace(MESSAGE, urgent=True), there, Settings())
    assert caplog.messages == ["told 6ba7b810-9dad-11d1-80b4-00c04fd430c8 of advice 7 (urgent)"]
    log.forget(conn, there)
    assert log.ready(Settings())
