"""From a message that is due to the other side and back, through the database, by each channel that seals addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from channel_peers import Services, services, unregistered
from mail_peer import MailServer, mail_server
from psycopg_pool import ConnectionPool
from small_town import Town

from advice_engine.channels import fcm
from advice_engine.deliver import deliver_once
from store import addresses, deliveries
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


def due(conn: psycopg.Connection, town: Town, channel: str) -> int:
    person = town.person()
    town.consent(person, "city", purpose="push")
    addresses.add(conn, person, channel, TO[channel], confirmed=True)
    deliveries.add(conn, [(town.advice(person), person, channel)], NOON)
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
    deliver_once(db, settings, NOON + timedelta(seconds=1201))
    assert states(conn) == [("sent", None)] and len(web.taken) == 1
    assert len(addresses.of_person(conn, person)) == 1
