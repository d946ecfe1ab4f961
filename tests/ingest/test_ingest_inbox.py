from dataclasses import replace
from pathlib import Path

import pytest
from peers import peer, wait_until

from ingest import broker as mosquitto
from ingest.inbox import Inbox, InboxFailed
from ingest.message import Message
from store.settings import Settings


@pytest.fixture(params=["fast", "public"])
def receive(request: pytest.FixtureRequest) -> str:
    """Whatever is tested here holds for both ways of receiving."""
    return str(request.param)


def take(one: Inbox, count: int) -> list[Message]:
    taken: list[Message] = []
    wait_until(lambda: taken.extend(one.take(count, patience=0.2)) or len(taken) >= count)
    return taken


def test_a_broker_that_stops_in_the_middle_sends_the_unacknowledged_again(
    tmp_path: Path, free_port: int, receive: str
) -> None:
    gateways = [("gw-1", mosquitto.password_hash("a"))]
    config = mosquitto.prepare(tmp_path, port=free_port, gateways=gateways, ingest_password="b")
    one = Inbox(Settings(mqtt_port=free_port, mqtt_password="b", mqtt_slot="slot", ingest_receive=receive))
    one.start()  # before there is a broker: it keeps trying
    try:
        with mosquitto.running(config):
            wait_until(lambda: one.connected)
            with peer(free_port, "gw-1", "a") as gateway:
                for number in range(4):
                    gateway.send("phr/v1/gw-1/d", b"%d" % number)
            first = take(one, 4)
            one.acknowledge(first[:2])
            wait_until(lambda: one.held == 2)
            with peer(free_port, "gw-1", "a"):
                pass  # answered: what lay before the broker until then is read
        with mosquitto.running(config):
            again = take(one, 2)
            assert [(m.payload, m.duplicate) for m in again] == [(b"2", True), (b"3", True)]
            assert [m.packet_id for m in again] == [m.packet_id for m in first[2:]]
            one.acknowledge(first[2:])  # too late: the connection that they came by is gone, so nobody is told
            wait_until(lambda: one.held == 2)
        with mosquitto.running(config):
            assert [m.payload for m in take(one, 2)] == [b"2", b"3"]
            one.acknowledge(again)
            wait_until(lambda: one.held == 2)
    finally:
        one.stop()


def test_messages_come_in_order_with_rising_arrival_times(settings: Settings, passwords: dict[str, str]) -> None:
    one = Inbox(settings)
    one.start()
    wait_until(lambda: one.connected)
    with peer(settings.mqtt_port, "gw-1", passwords["gw-1"]) as gateway:
        for number in range(500):
            gateway.client.publish("phr/v1/gw-1/d", str(number), qos=1)
        taken = take(one, 500)
    one.stop()
    assert [int(message.payload) for message in taken] == list(range(500))
    assert all(before.received_at < after.received_at for before, after in zip(taken, taken[1:], strict=False))  # noqa: RUF007


def test_a_message_published_as_retained_comes_once_and_no_older_one_ever(
    settings: Settings, passwords: dict[str, str]
) -> None:
    with peer(settings.mqtt_port, "gw-1", passwords["gw-1"]) as gateway:
        gateway.send("phr/v1/gw-1/d", b"before the slot's first visit", retain=True)
        for expected in ([], [b"while away"], []):
            one = Inbox(settings)
            one.start()
            wait_until(lambda one=one: one.connected)
            taken = one.take(9, patience=5 if expected else 0.5)
            one.acknowledge(taken)
            one.stop()
            assert [(message.payload, message.retained) for message in taken] == [(word, False) for word in expected]
            if not expected:
                gateway.send("phr/v1/gw-1/d", b"while away", retain=True)


def test_a_wrong_password_is_told_and_tried_again(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    one = Inbox(replace(settings, mqtt_password="a secret that is wrong"))
    one.start()
    wait_until(lambda: "refuses the connection: Not authorized" in caplog.text)
    one.stop()
    assert "a secret" not in caplog.text


def test_an_inbox_that_broke_says_so_instead_of_waiting_for_ever(
    settings: Settings, passwords: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Inbox(settings)
    monkeypatch.setattr(one, "_full", lambda: 1 / 0)
    one.start()
    wait_until(lambda: not one.alive)
    with pytest.raises(InboxFailed):
        one.take(1, patience=1)
    one.stop()
