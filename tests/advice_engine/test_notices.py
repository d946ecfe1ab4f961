"""That somebody's data were opened in an emergency is told by push, once, and without content."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg_pool import ConnectionPool
from small_town import Town

from advice_engine import notices
from advice_engine.deliver import deliver_once
from store import addresses, message_wishes, openings, staff
from store.message_wishes import Wishes
from store.settings import Settings

NOW = datetime.now(UTC)
AWAKE = Settings(push_quiet_from=0, push_quiet_until=0)


def opened(conn: psycopg.Connection, person_id: int) -> None:
    nurse = staff.add(conn, name="保健 しおり")
    openings.add(
        conn, staff_id=nurse.staff_id, person_id=person_id, town="062049", ground="life",
        reason="お電話で反応が弱く、救急に伝えるため", lasts=timedelta(hours=1),
    )  # fmt: skip


def test_an_opening_is_told_once(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    opened(conn, town.person())
    assert deliver_once(db, AWAKE, NOW) == 1
    assert deliver_once(db, AWAKE, NOW + timedelta(hours=1)) == 0
    rows = conn.execute("select advice_id, opening_id, status from health.deliveries").fetchall()
    assert rows == [(None, 1, "sent")]


def test_an_opening_of_last_week_is_told_no_more(conn: psycopg.Connection, town: Town) -> None:
    opened(conn, town.person())
    assert notices.add(conn, NOW + timedelta(days=7)) == 0
    assert notices.add(conn, NOW) == 1


def test_it_comes_by_the_way_that_the_person_wishes(conn: psycopg.Connection, town: Town) -> None:
    person = town.person()
    town.consent(person, "city", purpose="push")
    for channel, address in (("line", "U" + "0" * 32), ("sms", "+819012345678")):
        addresses.add(conn, person, channel, address, confirmed=True)
    message_wishes.keep(conn, person, Wishes(channel="sms"), by="self")
    opened(conn, person)
    notices.add(conn, NOW)
    assert conn.execute("select channel from health.deliveries").fetchall() == [("sms",)]


def test_nobody_is_woken_by_it(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    opened(conn, town.person())
    night = Settings(push_quiet_from=0, push_quiet_until=24)
    assert deliver_once(db, night, NOW) == 0
    assert deliver_once(db, AWAKE, NOW + timedelta(days=1)) == 1
