"""Several workers on one shared subscription: real processes, a real broker, a real database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
from peers import Peer, peer, session_of, wait_until, worker
from psycopg_pool import ConnectionPool

from devices.payloads import phr_readings, theengs_scale
from ingest import slots
from ingest.session import TOPICS
from store import pool
from store.registrations import Registration
from store.settings import Settings

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
PHONE, SCALE = "phr/v1/gw-1/phone", "phr/v1/gw-1/scale"


def weight(number: int) -> bytes:
    return phr_readings([("weight", 61.7, "kg", START + timedelta(seconds=number))])


def count(conn: psycopg.Connection, condition: str = "true") -> int:
    [(found,)] = conn.execute(f"select count(*) from health.readings where {condition}")
    return int(found)


def lock_holders(conn: psycopg.Connection) -> list[int]:
    found = conn.execute(
        "select pid from pg_stat_activity where application_name = 'ingest-slot' and datname = current_database()"
    )
    return [pid for (pid,) in found]


@contextmanager
def working(settings: Settings, opened: ConnectionPool) -> Iterator[slots.Worker]:
    """A worker in this process, in a thread of its own; it takes slots until the block ends."""
    one = slots.Worker(settings, opened, threading.Event())

    def work() -> None:
        while not one.stop.is_set():
            try:
                slots.serve(one)
            except psycopg.Error:
                one.stop.wait(0.1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield one
    finally:
        one.stop.set()
        thread.join()


def test_two_workers_share_the_messages_and_a_dead_ones_slot_is_drained(
    settings: Settings,
    conn: psycopg.Connection,
    gateway: Peer,
    devices: dict[str, Registration],
) -> None:
    with worker(settings) as first, worker(settings) as second:
        assert "working in slot ingest-test-1" in first.said
        assert "working in slot ingest-test-2" in second.said
        for number in range(40):
            gateway.send(PHONE, weight(number))
        wait_until(lambda: count(conn) == 40)
        second.process.kill()
        second.process.wait()
        for number in range(40, 80):
            gateway.send(PHONE, weight(number))  # every other one waits in the dead worker's session
        gateway.send(SCALE, theengs_scale(61.7))
        wait_until(lambda: "slot ingest-test-2 is drained" in first.said)
        assert count(conn) == 81
        for number in range(80, 120):
            gateway.send(PHONE, weight(number))
        wait_until(lambda: count(conn) == 121)
    with session_of(settings, 2) as dead:
        wait_until(lambda: dead.answers)
        assert dead.received == []


def test_a_worker_that_starts_again_takes_its_slot_and_what_waits_there(
    settings: Settings, conn: psycopg.Connection, gateway: Peer, devices: dict[str, Registration]
) -> None:
    with worker(settings):
        pass
    for number in range(10):
        gateway.send(PHONE, weight(number))
    with worker(settings) as again:
        wait_until(lambda: count(conn) == 10)
        assert "working in slot ingest-test-1" in again.said


def test_a_worker_that_lost_its_lock_stops_its_inbox_and_takes_a_slot_again(
    settings: Settings, conn: psycopg.Connection, gateway: Peer, devices: dict[str, Registration]
) -> None:
    with worker(settings) as one:
        [before] = lock_holders(conn)
        conn.execute("select pg_terminate_backend(%s)", (before,))
        wait_until(lambda: [pid for pid in lock_holders(conn) if pid != before])
        wait_until(lambda: one.said.count("listening to") == 2)
        gateway.send(SCALE, theengs_scale(61.7))
        wait_until(lambda: count(conn))
        assert "is lost with the database connection" in one.said and "Traceback" not in one.said


def test_a_worker_waits_while_all_slots_are_held(
    settings: Settings, conn: psycopg.Connection, gateway: Peer, devices: dict[str, Registration], database: str
) -> None:
    one_slot = replace(settings, ingest_slots=1)
    with worker(one_slot) as first, pool.open_pool(database) as opened, working(one_slot, opened):
        wait_until(lambda: len(lock_holders(conn)) == 2)
        first.process.kill()
        first.process.wait()
        gateway.send(PHONE, weight(1))
        wait_until(lambda: count(conn) == 1)


def test_a_gateway_can_not_draw_messages_away_by_a_shared_subscription(
    settings: Settings,
    conn: psycopg.Connection,
    gateway: Peer,
    devices: dict[str, Registration],
    passwords: dict[str, str],
) -> None:
    with worker(settings), peer(settings.mqtt_port, "gw-2", passwords["gw-2"]) as thief:
        for group in ("ingest", settings.mqtt_slot):
            thief.client.subscribe(f"$share/{group}/{TOPICS}", qos=1)
        wait_until(lambda: len(thief.granted) == 2)  # the broker grants it
        for number in range(20):
            gateway.send(PHONE, weight(number))
        wait_until(lambda: count(conn) == 20)
    assert thief.received == []


def test_the_subscription_of_the_time_before_slots_ends_without_a_loss(
    settings: Settings,
    conn: psycopg.Connection,
    gateway: Peer,
    devices: dict[str, Registration],
) -> None:
    with session_of(settings) as old:
        old.client.subscribe(TOPICS, qos=1)
        wait_until(lambda: old.granted)
    gateway.send(SCALE, theengs_scale(50))
    with worker(settings):
        wait_until(lambda: count(conn) == 1)
        for kg in (60, 70, 80):
            gateway.send(SCALE, theengs_scale(kg))
        wait_until(lambda: count(conn) == 4)
    assert count(conn, "value = 80") == 1


def test_two_programs_under_one_name_end_each_others_connection_ever_more_seldom(settings: Settings) -> None:
    pauses: list[float] = []
    with worker(settings) as one:
        for _ in range(4):
            heard, began = one.said.count("listening to"), time.monotonic()
            with session_of(settings):
                pass
            wait_until(lambda heard=heard: one.said.count("listening to") > heard)
            pauses.append(time.monotonic() - began)
    assert pauses[-1] > 1.5
