import threading
import time
from datetime import UTC, datetime, timedelta

import psutil
import psycopg
import pytest
from peers import Peer, wait_until, worker

from devices.payloads import phr_readings
from ingest import inbox
from ingest.inbox import Inbox
from store.registrations import Registration
from store.settings import Settings

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
SINGLE, LONG = 25_000, 60


def single(number: int) -> bytes:
    return phr_readings([("weight", 60, "kg", START + timedelta(seconds=number))])


def long(number: int) -> bytes:
    return single(SINGLE + number)[:-1] + b" " * 2**20 + b"}"


@pytest.fixture(params=["fast", "public"])
def receive(request: pytest.FixtureRequest) -> str:
    """Whatever is tested here holds for both ways of receiving."""
    return str(request.param)


def test_a_worker_whose_database_stalls_stays_small_and_loses_nothing(
    settings: Settings, conn: psycopg.Connection, database: str, gateway: Peer, devices: dict[str, Registration]
) -> None:
    def stored() -> int:
        tables = conn.execute("select (select count(*) from health.readings) + (select count(*) from health.set_aside)")
        return int(next(tables)[0])

    with worker(settings) as one:
        process = psutil.Process(one.process.pid)
        with psycopg.connect(database) as stalling:
            stalling.execute("lock table health.readings, health.set_aside in access exclusive mode")
            for number in range(LONG):  # a megabyte each: what is held is bounded in bytes too
                gateway.send("phr/v1/gw-1/phone", long(number))
            wait_until(lambda: process.memory_info().rss > 48 * 2**20)
            most = process.memory_info().rss
            for number in range(SINGLE):
                gateway.client.publish("phr/v1/gw-1/phone", single(number), qos=1)
        deadline = time.monotonic() + 60
        while stored() < SINGLE + LONG and time.monotonic() < deadline:
            most = max(most, process.memory_info().rss)
            threading.Event().wait(0.05)
        assert stored() == SINGLE + LONG
    assert most < 100 * 2**20, most >> 20


def test_no_more_bytes_are_held_than_allowed(
    settings: Settings, gateway: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "HELD_BYTES", 300_000)
    one = Inbox(settings)
    one.start()
    try:
        wait_until(lambda: one.connected)
        for number in range(20):
            gateway.send("phr/v1/gw-1/phone", b"%02d" % number + b"x" * 100_000)
        taken = []
        for count in range(20):
            wait_until(lambda: one.held_bytes >= 300_000 or one.held == 20 - len(taken))
            assert one.held_bytes < 300_000 + 2 * 100_002 + 128 * 1024
            [message] = one.take(1, patience=20)
            taken.append(int(message.payload[:2]))
            one.acknowledge([message])
            wait_until(lambda done=count + 1: one.held + done <= 20)
    finally:
        one.stop()
    assert taken == list(range(20))
