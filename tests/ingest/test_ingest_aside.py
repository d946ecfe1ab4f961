"""Long messages of a catch-up: set aside as they are, stored in portions, never lost, never twice."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from peers import Peer, exhaust, wait_until
from psycopg_pool import ConnectionPool

from ingest import aside, figures, loop
from ingest.inbox import Inbox
from ingest.keeping import Keeper
from ingest.message import Message
from store import registrations
from store.settings import Settings

PHONE = "phr/v1/gw-1/phone"
# Yesterday: the devices are this person's for the last 60 days.
NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=1)
Devices = dict[str, registrations.Registration]


def bundle(number: int, readings: int = 24) -> bytes:
    """A day of hourly steps, no two bundles with an hour that begins alike."""
    start = NOW - timedelta(hours=33) - timedelta(hours=10 * number, minutes=number % 60)
    said = [
        {"metric": "steps", "value": 100 + hour, "unit": "{steps}", "seconds": 3600,
         "at": (start + timedelta(hours=hour)).isoformat()}
        for hour in range(readings)
    ]  # fmt: skip
    return json.dumps({"readings": said}).encode()


def storm(days: int = 130) -> list[Message]:
    return [Message(PHONE, bundle(day), NOW + timedelta(microseconds=day), packet_id=day + 1) for day in range(days)]


def counted(conn: psycopg.Connection, table: str) -> int:
    [count] = conn.execute(f"select count(*) from health.{table}").fetchone() or ()  # type: ignore[arg-type]
    return int(count)


def set_aside(db: ConnectionPool, messages: list[Message]) -> None:
    with db.connection() as conn:
        aside.put(conn, "s", messages)


def test_the_bundle_of_one_is_stored_at_once_and_a_crowd_of_them_is_not() -> None:
    short = Message(PHONE, b"{}", NOW)
    few = [short, *storm(10)]
    assert aside.split(few, others_may_wait=True) == (few, ())
    now, long = aside.split([short, *storm(), short], others_may_wait=False)
    assert (list(now), list(long)) == ([short, short], storm())


def test_where_nobody_waits_a_crowd_is_stored_at_once() -> None:
    assert aside.split(storm(), others_may_wait=False) == (storm(), ())
    now, long = aside.split(storm(), others_may_wait=True)
    assert (list(now), list(long)) == ([], storm())


def test_live_readings_are_stored_before_the_catch_up_and_all_of_it_is_acknowledged(
    settings: Settings,
    db: ConnectionPool,
    conn: psycopg.Connection,
    devices: Devices,
    gateway: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "_QUIET", 600)  # else the worker itself begins with what was set aside
    inbox, stop = Inbox(settings), threading.Event()
    inbox.start()
    wait_until(lambda: inbox.connected)
    for message in storm():
        gateway.client.publish(message.topic, message.payload, qos=1)
    gateway.send("phr/v1/gw-1/scale", b'{"type":"SCALE","weighing_mode":"person","unit":"kg","weight":61.75}')
    wait_until(lambda: inbox.held == 131)
    working = threading.Thread(target=loop.run, args=(inbox, db, settings, stop))
    working.start()
    wait_until(lambda: inbox.held == 0)
    stop.set()
    working.join()
    inbox.stop()
    assert conn.execute("select distinct metric from health.readings").fetchall() == [("weight",)]
    assert counted(conn, "set_aside") > 0
    exhaust(figures.work_once, db)
    assert (counted(conn, "set_aside"), counted(conn, "readings")) == (0, 130 * 24 + 1)
    assert conn.execute("select count(*) from health.due where work = 'days'").fetchone() == (0,)


def test_when_it_is_quiet_the_worker_itself_decodes_what_was_set_aside(
    settings: Settings, db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    set_aside(db, storm())
    inbox, stop = Inbox(settings), threading.Event()
    inbox.start()
    working = threading.Thread(target=loop.run, args=(inbox, db, settings, stop))
    working.start()
    wait_until(lambda: counted(conn, "readings") == 130 * 24)
    stop.set()
    working.join()
    inbox.stop()
    assert counted(conn, "set_aside") == 0


def test_what_the_broker_sends_again_is_set_aside_once(db: ConnectionPool, conn: psycopg.Connection) -> None:
    set_aside(db, storm(5))
    again = [Message(m.topic, m.payload, m.received_at, packet_id=m.packet_id, duplicate=True) for m in storm(6)]
    set_aside(db, again)
    set_aside(db, storm(6))  # a broker that came back with an older state marks nothing
    assert counted(conn, "set_aside") == 6


def test_a_number_without_a_time_keeps_its_arrival_and_a_bad_message_becomes_a_rejection(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    letter = b'{"readings":[{"metric":"temperature","value":36.4,"unit":"Cel"}], "note":"%s"}' % (b"x" * 1000)
    set_aside(db, [Message(PHONE, letter, NOW), Message(PHONE, b"broken" * 300, NOW), Message("a\0b", letter, NOW)])
    assert aside.work_once(db, threading.Event()) == 3
    assert conn.execute("select at from health.readings").fetchall() == [(NOW,)]
    rows = conn.execute("select reason, raw = %s from health.rejections order by 1", (b"broken" * 300,)).fetchall()
    assert rows == [("bad_topic", False), ("not_json", True)]
    assert counted(conn, "set_aside") == 0


def test_dying_between_storing_and_forgetting_stores_nothing_twice(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside(db, [Message(PHONE, b"broken" * 300, NOW), *storm(2)])
    stop = threading.Event()

    def die(conn: psycopg.Connection, slot: str, outcomes: object) -> None:
        real(conn, slot, outcomes)  # type: ignore[arg-type]
        stop.set()
        raise psycopg.OperationalError

    from ingest import keeping

    with monkeypatch.context() as patched:
        real = keeping.storing.store
        patched.setattr(keeping.storing, "store", die)
        with pytest.raises(keeping.Stopped):
            aside.work_once(db, stop)
    assert (counted(conn, "set_aside"), counted(conn, "readings"), counted(conn, "rejections")) == (3, 0, 0)
    exhaust(aside.work_once, db, threading.Event())
    assert (counted(conn, "set_aside"), counted(conn, "readings"), counted(conn, "rejections")) == (0, 48, 1)


def test_two_workers_do_not_take_the_same_messages(db: ConnectionPool, conn: psycopg.Connection) -> None:
    set_aside(db, storm(3))
    with db.connection() as other:
        assert other.execute("select pg_try_advisory_xact_lock(hashtextextended('set_aside', 0))").fetchone() == (True,)
        assert aside.work_once(db, threading.Event()) == 0
    assert aside.work_once(db, threading.Event()) == 3


def test_the_keeper_calls_its_guard_with_what_it_stores(db: ConnectionPool, devices: Devices) -> None:
    seen: list[int] = []
    keeper = Keeper(db, "s", threading.Event(), guard=lambda conn, messages: seen.extend(m.packet_id for m in messages))
    assert [outcome.message.packet_id for outcome in keeper.keep(storm(2))] == seen == [1, 2]


def blocked(conn: psycopg.Connection) -> list[int]:
    """The backends that wait for a lock."""
    rows = conn.execute(
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    return [pid for (pid,) in rows]


def test_what_another_worker_stored_meanwhile_is_not_stored_again(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    set_aside(db, [Message(PHONE, b"broken" * 300, NOW), *storm(2)])
    with db.connection() as other:
        registrations.hold_alone(other)
        working = threading.Thread(target=aside.work_once, args=(db, threading.Event()))
        working.start()
        wait_until(lambda: blocked(conn))
        conn.execute("delete from health.set_aside")
    working.join()
    assert (counted(conn, "readings"), counted(conn, "rejections")) == (0, 0)


def test_told_to_stop_while_the_database_goes_the_figures_worker_ends_in_peace(
    database: str, db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    set_aside(db, storm(2))
    stop = threading.Event()
    with db.connection() as other:
        registrations.hold_alone(other)
        working = threading.Thread(target=figures.keep, args=(database, db, stop))
        working.start()
        wait_until(lambda: blocked(conn))
        stop.set()
        conn.execute("select pg_terminate_backend(%s)", blocked(conn))
        working.join()  # an exception of the thread is a failure of the test
    assert counted(conn, "set_aside") == 2
