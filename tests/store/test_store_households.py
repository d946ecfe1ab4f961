from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from store import due, gateways, households, people, unclaimed
from store.model import Unclaimed

NOW = datetime.now(UTC)


@pytest.fixture
def person_id(conn: psycopg.Connection) -> int:
    return people.add(conn, birth_date=date(1960, 1, 1), sex="female", name="遊佐 りん").person_id


def test_joining_twice_keeps_the_first_day(conn: psycopg.Connection, person_id: int) -> None:
    home = households.add(conn)
    households.join(conn, home, person_id, NOW - timedelta(days=30))
    households.join(conn, home, person_id)
    row = conn.execute("select lower(valid) from health.household_members").fetchone()
    assert row == (NOW - timedelta(days=30),)


def test_who_left_is_no_member_and_who_comes_back_is_one_from_then_on(conn: psycopg.Connection, person_id: int) -> None:
    home = households.add(conn)
    households.join(conn, home, person_id, NOW - timedelta(days=30))
    households.leave(conn, home, person_id)
    households.leave(conn, home, person_id)
    assert households.of_person(conn, person_id) == households.members(conn, home) == []
    households.join(conn, home, person_id)
    assert households.of_person(conn, person_id) == [home]
    times = conn.execute(
        "select lower(valid) > %s from health.household_members order by lower(valid)", (NOW - timedelta(days=1),)
    ).fetchall()
    assert times == [(False,), (True,)]  # the time before stays theirs; the months between belong to nobody


def test_who_joins_for_past_time_makes_the_gate_due_for_the_days_since(
    conn: psycopg.Connection, person_id: int
) -> None:
    home = households.add(conn)
    source = conn.execute(
        "insert into health.sources (kind, label) values ('device', 'x') returning source_id"
    ).fetchone()
    assert source
    moments = [datetime(2026, 11, day, 3, tzinfo=UTC) for day in (1, 5, 9)]
    unclaimed.add(conn, [Unclaimed(home, "weight", at, source[0], 60.0, 0, 0, NOW) for at in moments])
    households.join(conn, home, person_id)
    assert due.take(conn, "gate") == []
    households.leave(conn, home, person_id)
    conn.execute("update health.household_members set valid = 'empty'")
    households.join(conn, home, person_id, moments[1])
    assert due.take(conn, "gate") == [(home, at.date()) for at in moments[1:]]


def test_a_revoked_gateway_is_no_longer_of_the_home(conn: psycopg.Connection, person_id: int) -> None:
    home = households.add(conn)
    households.join(conn, home, person_id)
    gateways.add(conn, "gw-1", "secret", home)
    gateways.add(conn, "gw-2", "secret", households.add(conn))
    assert households.gateways(conn, person_id) == {"gw-1": home}
    gateways.revoke(conn, "gw-1", NOW)
    assert households.gateways(conn, person_id) == {}
