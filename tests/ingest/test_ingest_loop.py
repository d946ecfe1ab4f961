import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from peers import Peer, wait_until
from psycopg import sql
from psycopg_pool import ConnectionPool

from devices.payloads import phr_readings, theengs_scale
from ingest import loop, storing
from ingest.inbox import Inbox
from ingest.keeping import Keeper, a_message_is_guilty
from ingest.message import Message
from store import registrations, rejections
from store.registrations import Registration
from store.settings import Settings

Devices = dict[str, Registration]
SCALE, PHONE = "phr/v1/gw-1/scale", "phr/v1/gw-1/phone"
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def weight(number: int, kg: float = 61.7) -> bytes:
    return phr_readings([("weight", kg, "kg", START + timedelta(seconds=number))])


def readings(conn: psycopg.Connection) -> list[float]:
    return [row[0] for row in conn.execute("select value from health.readings order by at, metric")]


def reasons(conn: psycopg.Connection) -> list[str]:
    return [row.reason for row in reversed(rejections.listing(conn, limit=100))]


@contextmanager
def inbox(settings: Settings) -> Iterator[Inbox]:
    one = Inbox(settings)
    one.start()
    try:
        wait_until(lambda: one.connected)
        yield one
    finally:
        one.stop()


@contextmanager
def working(settings: Settings, pool: ConnectionPool) -> Iterator[Inbox]:
    stop = threading.Event()
    with inbox(settings) as one:
        thread = threading.Thread(target=loop.run, args=(one, pool, settings, stop))
        thread.start()
        try:
            yield one
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def session(settings: Settings, gateway: Peer) -> Settings:
    """The worker's session exists at the broker, so that it keeps what is sent while no worker runs."""
    with inbox(settings) as one:
        gateway.send("phr/v1/gw-1/nothing", b"")
        [message] = one.take(10, patience=20)
        one.acknowledge([message])
    return settings


def test_a_message_becomes_a_reading_and_makes_its_day_due(
    settings: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    with working(settings, db) as one:
        gateway.send(SCALE, theengs_scale(61.7))
        wait_until(lambda: readings(conn))
        wait_until(lambda: one.held == 0)
    [row] = conn.execute("select person_id, source_id, value from health.readings")
    assert row == (devices["scale"].person_id, devices["scale"].source_id, 61.7)
    assert conn.execute("select work, unnest(people) from health.due").fetchall() == [("days", row[0])]


def test_what_cannot_be_understood_is_kept_and_blocks_nothing(
    settings: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    with working(settings, db) as one:
        gateway.send(SCALE, b"\x00\xff not json")
        gateway.send("phr/v1/gw-1/stranger", b"hello")
        gateway.send(PHONE, weight(1))
        wait_until(lambda: readings(conn) == [61.7] and one.held == 0)
    kept = rejections.listing(conn, limit=9)
    assert [(row.reason, row.origin, row.raw) for row in kept] == [
        ("unregistered_device", "phr/v1/gw-1/stranger", b"hello"),
        ("not_json", SCALE, b"\x00\xff not json"),
    ]


def test_a_device_works_from_the_moment_it_is_registered(
    settings: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    with working(settings, db):
        gateway.send("phr/v1/gw-1/new", theengs_scale(61.7))
        wait_until(lambda: reasons(conn) == ["unregistered_device"])
        registrations.add(
            conn, gateway_id="gw-1", device="new", model="theengs_scale", label="新しい体重計", person_id=1
        )
        gateway.send("phr/v1/gw-1/new", theengs_scale(61.7))
        wait_until(lambda: readings(conn) == [61.7])


def test_a_redelivered_message_is_stored_once_even_without_a_time_of_its_own(
    session: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    sent = [(PHONE, weight(1)), (SCALE, theengs_scale(70.5)), (SCALE, b"broken")]
    for topic, payload in sent:
        gateway.send(topic, payload)
    with inbox(session) as dying:  # commits and dies before it acknowledges
        keeper = Keeper(db, session.mqtt_slot, threading.Event())
        taken: list[Message] = []
        while len(taken) < 3:
            taken += dying.take(10, patience=20)
        keeper.keep(taken)
    assert not any(message.duplicate for message in taken)
    conn.execute("update health.readings set at = at - interval '1 hour' where flags = 1")  # as if that were long ago
    gateway.send(SCALE, b"broken")  # equal, but another message
    with working(session, db) as one:
        wait_until(lambda: len(reasons(conn)) == 2 and one.held == 0)
    assert sorted(readings(conn)) == [61.7, 70.5]
    with inbox(session) as empty:
        assert empty.take(10, patience=1) == []


def test_a_message_that_was_taken_but_not_stored_comes_again(
    session: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    gateway.send(SCALE, theengs_scale(70.5))
    with inbox(session) as dying:
        assert dying.take(10, patience=20)
    with working(session, db):
        wait_until(lambda: readings(conn) == [70.5])


def test_one_poisonous_message_is_kept_aside_alone(
    session: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    conn.execute("alter table health.readings add constraint poison check (value <> 66.6)")
    for number in range(60):
        gateway.send(PHONE, weight(number, 66.6 if number in (7, 31) else 60))
    with working(session, db) as one:
        wait_until(lambda: len(reasons(conn)) == 2 and one.held == 0)
    assert len(readings(conn)) == 58
    assert [(row.reason, row.raw, row.detail) for row in rejections.listing(conn, limit=9)] == [
        ("not_stored", weight(number, 66.6), "CheckViolation 23514") for number in (31, 7)
    ]


def test_a_second_value_for_a_stored_moment_is_kept_as_a_rejection(
    settings: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    with working(settings, db) as one:
        for kg in (61.7, 61.7, 61.9):
            gateway.send(PHONE, weight(1, kg))
        wait_until(lambda: reasons(conn) == ["contradicts_stored"] and one.held == 0)
    assert readings(conn) == [61.7]


def test_a_shared_scale_waits_for_a_claim(
    settings: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    conn.execute("insert into health.households default values")
    conn.execute(
        "insert into health.household_members select 1, p, tstzrange(now() - interval '9 days', null)"
        " from generate_series(1, 2) as p"
    )
    registrations.add(conn, gateway_id="gw-1", device="shared", model="theengs_scale", label="体重計", household_id=1)
    with working(settings, db) as one:
        gateway.send("phr/v1/gw-1/shared", theengs_scale(61.7))
        wait_until(lambda: conn.execute("select value from health.unclaimed").fetchall() == [(61.7,)])
        wait_until(lambda: one.held == 0)
    assert readings(conn) == []


def test_a_database_that_is_away_loses_nothing(
    settings: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices, server: str
) -> None:
    here = sql.Identifier(conn.info.dbname)
    with (
        psycopg.connect(server.format(database="postgres"), autocommit=True) as admin,
        working(settings, db) as one,
    ):
        gateway.send(PHONE, weight(0))
        wait_until(lambda: len(readings(conn)) == 1)
        admin.execute(sql.SQL("alter database {} allow_connections false").format(here))
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (conn.info.dbname,))
        for number in range(1, 300):
            gateway.send(PHONE, weight(number))
        wait_until(lambda: one.held > 0)
        admin.execute(sql.SQL("alter database {} allow_connections true").format(here))
        wait_until(lambda: one.held == 0)
        with db.connection() as again:
            assert len(readings(again)) == 300
            assert reasons(again) == []


def test_a_worker_told_to_stop_while_the_database_is_away_stops_and_keeps_nothing_back(
    session: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    conn.execute("alter table health.readings rename to hidden")
    gateway.send(PHONE, weight(1))
    with working(session, db) as one:
        wait_until(lambda: one.held == 1)
    conn.execute("alter table health.hidden rename to readings")
    with working(session, db):
        wait_until(lambda: readings(conn) == [61.7])
    assert reasons(conn) == []  # a missing table is not the message's fault


def test_no_more_than_four_batches_are_held(
    session: Settings, db: ConnectionPool, conn: psycopg.Connection, gateway: Peer, devices: Devices
) -> None:
    small = replace(session, ingest_batch=5)
    with inbox(small) as one:
        for number in range(400):  # QoS 0: only the unread socket holds these back
            gateway.client.publish(PHONE, weight(number), qos=0)
        gateway.send(PHONE, weight(400))
        wait_until(lambda: one.held >= 20)
        assert one.take(1, patience=1)
        threading.Event().wait(0.5)
        assert one.held == 20
        stop = threading.Event()
        thread = threading.Thread(target=loop.run, args=(one, db, small, stop))
        thread.start()
        wait_until(lambda: len(readings(conn)) == 400)  # all but the one taken above
        stop.set()
        thread.join()


def test_a_batch_is_cut_by_rows_and_a_message_never(conn: psycopg.Connection, devices: Devices) -> None:
    def message(rows: int) -> Message:
        said = [("weight", 60, "kg", START + timedelta(seconds=number)) for number in range(rows)]
        return Message(PHONE, phr_readings(said), START + timedelta(days=1))

    def cut(sizes: list[int], most: int | None) -> list[int]:
        return [outcome.size for outcome in storing.decoded(conn, [message(rows) for rows in sizes], most)]

    assert cut([1, 2, 2], 3) == [1, 2]
    assert cut([9, 2], 3) == [9]
    assert cut([0, 0, 0, 1], 3) == [1, 1, 1]  # a batch without readings is one rejection
    assert cut([9, 2], None) == [9, 2]


@pytest.mark.parametrize(
    ("fault", "guilty"),
    [
        (psycopg.errors.NumericValueOutOfRange(), True),
        (psycopg.errors.CheckViolation(), True),
        (psycopg.errors.RaiseException(), True),
        (psycopg.ProgrammingError("cannot adapt"), True),
        (OverflowError(), True),
        (psycopg.errors.UndefinedTable(), False),
        (psycopg.errors.InsufficientPrivilege(), False),
        (psycopg.errors.DiskFull(), False),
        (psycopg.errors.DeadlockDetected(), False),
        (psycopg.OperationalError(), False),
        (psycopg.InterfaceError(), False),
    ],
)
def test_the_databases_trouble_is_never_blamed_on_a_message(fault: Exception, guilty: bool) -> None:
    assert a_message_is_guilty(fault) is guilty
