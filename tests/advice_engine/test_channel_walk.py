"""From a message that is due to the other side and back, through the database, by each channel that seals addresses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from channel_peers import Services, services, unregistered
from mail_peer import MailServer, mail_server
from psycopg_pool import ConnectionPool
from small_town import Town

from advice_engine import deliver
from advice_engine.channels import fcm
from advice_engine.deliver import deliver_once
from store import addresses, choices, deliveries
from store.clock import JST
from store.settings import Settings

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=JST)
TO = {"line": "U" + "0" * 32, "fcm": "an-app's-token-0123456789", "email": "a@example.jp", "sms": "+819012345678"}
GONE: dict[str, Any] = {
    "line": (400, {}, {"message": "Failed to send messages"}),
    "fcm": unregistered(),
    "email": "550 5.1.1 no such user",
    "sms": (410, {}, {}),
}


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[tuple[Services, MailServer, Settings]]:
    fcm._tokens.clear()
    with services() as web, mail_server(tmp_path) as mail:
        yield web, mail, web.settings(**mail.settings())


def due(conn: psycopg.Connection, town: Town, channel: str, **advice: Any) -> int:
    person = town.person()
    town.consent(person, "city", purpose="push")
    addresses.add(conn, person, channel, TO[channel], confirmed=True)
    deliveries.add(conn, [(town.advice(person, **advice), person, channel)], NOON)
    return person


def states(conn: psycopg.Connection) -> list[tuple[str, str | None]]:
    return conn.execute("select status, reason from health.deliveries order by delivery_id").fetchall()


@pytest.mark.parametrize("channel", TO)
def test_a_message_goes_out_and_an_address_that_is_gone_is_removed(
    db: ConnectionPool,
    conn: psycopg.Connection,
    town: Town,
    outside: tuple[Services, MailServer, Settings],
    channel: str,
) -> None:
    web, mail, settings = outside
    due(conn, town, channel)
    deliver_once(db, settings, NOON)
    assert states(conn) == [("sent", None)] and len(web.taken) + len(mail.taken) == 1
    gone = due(conn, town, channel)
    web.answer, mail.refuse = GONE[channel], GONE[channel] if channel == "email" else ""
    deliver_once(db, settings, NOON)
    assert [state for state, _ in states(conn)] == ["sent", "failed"]
    assert addresses.of_person(conn, gone) == []


def test_a_channel_that_asks_to_wait_is_left_alone_for_so_long(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, outside: tuple[Services, MailServer, Settings]
) -> None:
    web, _, settings = outside
    person = due(conn, town, "sms")
    web.answer = (429, {"Retry-After": "1200"}, {})
    deliver_once(db, settings, NOON)
    web.answer = None
    deliver_once(db, settings, NOON + timedelta(seconds=1199))
    assert states(conn) == [("throttled", "http_429")] and web.taken == []
    deliver_once(db, settings, NOON + timedelta(seconds=1300))
    assert states(conn) == [("sent", None)] and len(web.taken) == 1
    assert len(addresses.of_person(conn, person)) == 1


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_takes_the_consent_back_while_others_are_being_told_is_told_nothing(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, outside: tuple[Services, MailServer, Settings]
) -> None:
    web, _, settings = outside
    for _ in range(20):
        due(conn, town, "sms")
    web.answer = "slow"
    with ThreadPoolExecutor(1) as thread:
        turn = thread.submit(deliver_once, db, settings, NOON)
        wait_until(lambda: len(web.asked) == deliver.AT_ONCE)
        conn.execute("update health.consents set withdrawn_at = %s", (NOON,))
        web.answer = None
        web.closing.set()
        turn.result()
    begun = len(web.asked)
    assert begun == deliver.AT_ONCE and [state for state, _ in states(conn)].count("sent") == begun
    while deliver_once(db, settings, NOON + timedelta(minutes=1)):
        pass
    assert len(web.asked) == begun
    assert states(conn).count(("dropped", "no_consent")) == 20 - begun


def test_what_was_decided_too_long_ago_is_decided_about_anew(
    db: ConnectionPool,
    conn: psycopg.Connection,
    town: Town,
    outside: tuple[Services, MailServer, Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web, _, settings = outside
    due(conn, town, "sms")
    with monkeypatch.context() as slow:
        slow.setattr(deliver, "BEGUN_WITHIN", -1.0)
        deliver_once(db, settings, NOON)
    assert web.asked == [] and states(conn) == [("retrying", "too_late")]
    deliver_once(db, settings, NOON + timedelta(hours=1))
    assert states(conn) == [("sent", None)]


def test_each_try_begins_with_another_address(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, outside: tuple[Services, MailServer, Settings]
) -> None:
    web, _, settings = outside
    addresses.add(conn, due(conn, town, "sms"), "sms", "+819000000002", confirmed=True)
    web.answer = (503, {}, {})
    deliver_once(db, settings, NOON)
    web.answer = None
    deliver_once(db, settings, NOON + timedelta(hours=1))
    assert [said["to"] for _, said in web.taken] == ["+819000000002", TO["sms"]]


@pytest.mark.parametrize("taken_away", [False, True], ids=["the other side says so", "taken away meanwhile"])
def test_where_the_way_is_gone_the_message_takes_the_next_one(
    db: ConnectionPool,
    conn: psycopg.Connection,
    town: Town,
    outside: tuple[Services, MailServer, Settings],
    taken_away: bool,
) -> None:
    web, mail, settings = outside
    person = due(conn, town, "line")
    addresses.add(conn, person, "email", TO["email"], confirmed=True)
    web.answer = GONE["line"]
    if taken_away:
        conn.execute("delete from health.channel_addresses where channel = 'line'")
    deliver_once(db, settings, NOON)
    assert states(conn) == [("retrying", "no_address" if taken_away else "http_400")]
    deliver_once(db, settings, NOON)
    assert states(conn) == [("sent", None)] and len(mail.taken) == 1


def test_where_a_channel_is_set_up_no_more_the_message_takes_the_next_way_that_is(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, outside: tuple[Services, MailServer, Settings]
) -> None:
    web, mail, settings = outside
    person = due(conn, town, "line")
    addresses.add(conn, person, "email", TO["email"], confirmed=True)
    addresses.add(conn, due(conn, town, "line"), "sms", TO["sms"], confirmed=True)
    deliver_once(db, replace(settings, line_channel_token="", sms_url=""), NOON)
    assert states(conn) == [("sent", None), ("dropped", "no_channel")]
    assert (len(mail.taken), web.asked) == (1, [])


@pytest.mark.parametrize("kind", ["referral", "red_flag"])
def test_without_any_way_what_is_grave_waits_for_one_and_nothing_counts_as_told(
    db: ConnectionPool,
    conn: psycopg.Connection,
    town: Town,
    outside: tuple[Services, MailServer, Settings],
    kind: str,
) -> None:
    web, _, settings = outside
    without = replace(settings, sms_url="")
    people = [due(conn, town, "sms", rule="grave", kind=kind, urgency=4), due(conn, town, "sms")]
    while deliver_once(db, without, NOON):
        pass
    assert states(conn) == [("planned", "no_channel"), ("dropped", "no_channel")]
    assert deliveries.told(conn, people, NOON).since == frozenset()
    assert not choices.past(conn, people[1:], NOON, NOON.date())[people[1]].rung
    ((advice,),) = conn.execute("select advice_id from health.advice where kind = 'advice'").fetchall()
    deliveries.add(conn, [(advice, people[1], "sms")], NOON)  # it may be told as soon as there is a way
    while deliver_once(db, settings, NOON + timedelta(hours=1)):
        pass
    assert [state for state, _ in states(conn)] == ["sent", "dropped", "sent"] and len(web.taken) == 2
