"""``python -m ingest`` as a process of its own, killed and stopped as it will be in life."""

import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from peers import Peer, session_of, wait_until, worker

from devices.payloads import phr_readings, theengs_scale
from store import rejections
from store.registrations import Registration
from store.settings import Settings

TIMED, TIMELESS, BROKEN = 5000, 300, 60
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


@pytest.fixture(params=["fast", "public"])
def receive(request: pytest.FixtureRequest) -> str:
    """Whatever is tested here holds for both ways of receiving."""
    return str(request.param)


def everything() -> list[tuple[str, bytes]]:
    """5,000 readings with times of their own, 300 weighings without and 60 broken payloads, all different, mixed."""
    timed = [
        ("phr/v1/gw-1/phone", phr_readings([("weight", 40 + n / 100, "kg", START + timedelta(seconds=n))]))
        for n in range(TIMED)
    ]
    timeless = [("phr/v1/gw-1/scale", theengs_scale(100 + n / 100)) for n in range(TIMELESS)]
    broken = [("phr/v1/gw-1/scale", b"broken %d" % n) for n in range(BROKEN)]
    mixed = [*timed, *timeless, *broken]
    random.Random(1).shuffle(mixed)
    return mixed


def publish_slowly(gateway: Peer, sent: threading.Event) -> None:
    """About three seconds of load; returns when the broker has acknowledged everything."""
    messages = everything()
    for number, (topic, payload) in enumerate(messages):
        info = gateway.client.publish(topic, payload, qos=1)
        if number % 200 == 0:
            threading.Event().wait(0.1)
    info.wait_for_publish(60)
    wait_until(lambda: not gateway.client.want_write())
    sent.set()


def test_a_worker_killed_again_and_again_under_load_stores_everything_exactly_once(
    settings: Settings, conn: psycopg.Connection, gateway: Peer, devices: dict[str, Registration]
) -> None:
    small, sent, dice = replace(settings, ingest_batch=200), threading.Event(), random.Random(20261121)

    def stored() -> int:
        [(count,)] = conn.execute(
            "select (select count(*) from health.readings) + (select count(*) from health.rejections)"
        )
        return int(count)

    with worker(small):
        gateway.send("phr/v1/gw-1/first", b"")  # the session exists: from now on nothing may be lost
    load = threading.Thread(target=publish_slowly, args=(gateway, sent))
    load.start()
    kills = 0
    while not sent.is_set() or kills < 5:
        with worker(small):
            threading.Event().wait(dice.uniform(0, 0.4))
        kills += 1
    load.join()
    with worker(small):
        wait_until(lambda: stored() >= TIMED + TIMELESS + BROKEN + 1, patience=60)
    timed = conn.execute("select count(*), count(distinct at) from health.readings where flags = 0").fetchone()
    timeless = conn.execute("select count(*), count(distinct value) from health.readings where flags = 1").fetchone()
    broken = conn.execute("select count(*), count(distinct raw) from health.rejections").fetchone()
    assert (timed, timeless) == ((TIMED, TIMED), (TIMELESS, TIMELESS))
    assert broken == (BROKEN + 1, BROKEN + 1)


def test_a_worker_told_to_stop_finishes_and_leaves_nothing_unacknowledged(
    settings: Settings,
    conn: psycopg.Connection,
    gateway: Peer,
    devices: dict[str, Registration],
) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with worker(settings) as one:
            gateway.send("phr/v1/gw-1/scale", theengs_scale(60 + number))
            wait_until(
                lambda n=number: conn.execute("select 1 from health.readings where value = %s", (60 + n,)).fetchone()
            )
            one.process.send_signal(number)
            assert one.process.wait(timeout=20) == 0
            assert "stopped" in one.said and "Traceback" not in one.said
    with session_of(settings) as reader:
        gateway.send("phr/v1/gw-1/scale", b"only this")
        wait_until(lambda: reader.received)
        assert [message.payload for message in reader.received] == [b"only this"]


def test_the_log_holds_no_value_no_payload_and_no_secret(
    settings: Settings, conn: psycopg.Connection, gateway: Peer, devices: dict[str, Registration]
) -> None:
    conn.execute("alter table health.readings add constraint poison check (value <> 66.6)")
    with worker(replace(settings, log_level="DEBUG")) as one:
        for payload in (theengs_scale(66.6), theengs_scale(61.7), b"secret words"):
            gateway.send("phr/v1/gw-1/scale", payload)
        wait_until(lambda: len(rejections.listing(conn, limit=9)) == 2)
        one.process.terminate()
        one.process.wait(timeout=20)
        assert "can't be stored" in one.said
        assert not [word for word in ("66.6", "61.7", "secret words", settings.mqtt_password) if word in one.said]


def test_a_worker_without_its_settings_says_which() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PHR_")}
    done = subprocess.run([sys.executable, "-m", "ingest"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "PHR_DATABASE_URL" in done.stderr and "PHR_MQTT_PASSWORD" in done.stderr
