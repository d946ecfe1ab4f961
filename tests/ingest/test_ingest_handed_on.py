"""Late readings around the moment at which a device changed hands."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg_pool import ConnectionPool

from devices import payloads
from ingest import days, storing
from ingest.message import Message
from store import due, handing_on, registrations
from store.clock import civil_day
from store.handing_on import To

NOW = datetime.now(UTC).replace(microsecond=0)
BORDER = NOW - timedelta(days=3)


def arrive(db: ConnectionPool, *times: datetime, weight: float = 60.0) -> None:
    payload = payloads.phr_readings([("weight", weight, "kg", at) for at in times])
    with db.connection() as conn:
        message = Message("phr/v1/gw-1/phone", payload, datetime.now(UTC), packet_id=1)
        storing.store(conn, "slot", storing.decoded(conn, [message]))


def whose(conn: psycopg.Connection) -> list[tuple[int, datetime]]:
    return conn.execute("select person_id, at from health.readings order by at").fetchall()


def hand_on(db: ConnectionPool, old: registrations.Registration, to: int, since: datetime = BORDER) -> None:
    with db.connection() as conn:
        handing_on.hand_on(conn, old, To(person_id=to), since)


def test_what_comes_late_goes_to_who_had_the_device_then(
    conn: psycopg.Connection, db: ConnectionPool, people: list[int], devices: dict[str, registrations.Registration]
) -> None:
    before, after = BORDER - timedelta(seconds=1), BORDER
    hand_on(db, devices["phone"], people[1])
    arrive(db, before - timedelta(days=40), before, after, NOW)
    assert whose(conn) == [
        (people[0], before - timedelta(days=40)), (people[0], before), (people[1], after), (people[1], NOW),
    ]  # fmt: skip


def test_it_is_the_same_whether_it_came_before_or_after_the_handing_on(
    conn: psycopg.Connection, db: ConnectionPool, people: list[int], devices: dict[str, registrations.Registration]
) -> None:
    times = [BORDER + timedelta(hours=hours) for hours in (-30, -1, 0, 1, 30)]
    arrive(db, *times[::2])
    hand_on(db, devices["phone"], people[1])
    arrive(db, *times)  # what came before comes again, too
    assert whose(conn) == [(people[at >= BORDER], at) for at in times]
    with db.connection() as own:
        days.recompute(own, due.take(own, "days"))
    figures = conn.execute("select person_id, day, n from health.days order by 1, 2").fetchall()
    expected: dict[tuple[int, object], int] = {}
    for at in times:
        key = people[at >= BORDER], civil_day(at)
        expected[key] = expected.get(key, 0) + 1
    assert {(person, day): n for person, day, n in figures} == expected


def test_handed_on_twice_each_has_their_own_time(
    conn: psycopg.Connection, db: ConnectionPool, people: list[int], devices: dict[str, registrations.Registration]
) -> None:
    hand_on(db, devices["phone"], people[1])
    second = registrations.at(conn, [("gw-1", "phone")], NOW)["gw-1", "phone"]
    hand_on(db, second, people[2], NOW - timedelta(days=1))
    arrive(db, *(NOW - timedelta(days=d) for d in (4, 2, 0)))
    assert [person for person, _ in whose(conn)] == people


def test_what_is_being_stored_while_it_is_handed_on_goes_to_the_new_owner(
    conn: psycopg.Connection, db: ConnectionPool, people: list[int], devices: dict[str, registrations.Registration]
) -> None:
    with db.connection() as worker:
        payload = payloads.phr_readings([("weight", 60.0, "kg", NOW)])
        message = Message("phr/v1/gw-1/phone", payload, datetime.now(UTC), packet_id=1)
        storing.store(worker, "slot", storing.decoded(worker, [message]))
        other = threading.Thread(target=hand_on, args=(db, devices["phone"], people[1]))
        other.start()
        other.join(0.3)
    other.join()
    assert whose(conn) == [(people[1], NOW)]
