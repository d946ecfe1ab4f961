"""Both ways of receiving, at a broker of our own making: one that sends what we want, cut where we want."""

import logging
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ingest import receiving
from ingest.message import Message
from ingest.receiving import FastReceiver, Receiver

CONNACK = b"\x20\x03\x00\x00\x00"
BOTH = pytest.mark.parametrize("kind", [Receiver, FastReceiver])


class Talk:
    """A connection seen from both ends: the client, and the socket on the broker's side."""

    def __init__(self, client: Receiver, broker: socket.socket) -> None:
        self.client, self.broker = client, broker
        self.messages: list[Message] = []

    def says(self, piece: bytes, most: int = 10_000) -> None:
        """The broker sends a piece; the client reads until nothing is left of it."""
        self.broker.sendall(piece)
        while self.client.unread or self._readable():
            self.messages += self.client.receive(most, 2**30, 3)

    def heard(self, length: int) -> bytes:
        """The next bytes of the client."""
        self.broker.settimeout(20)
        heard = b""
        while len(heard) < length and (piece := self.broker.recv(length - len(heard))):
            heard += piece
        return heard

    def _readable(self) -> bool:
        opened = self.client.socket()
        return opened is not None and bool(select.select([opened], [], [], 0)[0])


@contextmanager
def talking(
    kind: type[Receiver], protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5, connack: bytes = CONNACK
) -> Iterator[Talk]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = kind(CallbackAPIVersion.VERSION2, "me", protocol=protocol, manual_ack=True)
        client.connect("127.0.0.1", listening.getsockname()[1])
        broker, _ = listening.accept()
        with broker:
            one = Talk(client, broker)
            head = one.heard(2)
            one.heard(head[1])
            one.says(connack)
            try:
                yield one
            finally:
                client.on_message = None  # the circle keeps the client's sockets
                if opened := client.socket():
                    opened.close()


def publish(number: int, payload: bytes, first: int = 0x32) -> bytes:
    body = b"\x00\x03t/1" + (number.to_bytes(2, "big") if first & 2 else b"") + b"\x00" + payload
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 127 | 128, len(body) >> 7])
    return bytes([first]) + length + body


STREAM = b"".join(
    [
        publish(1, b"one"),
        b"\xd0\x00",  # PINGRESP
        publish(0, b"two", 0x30),
        publish(65_535, b"three" * 40, 0x3B),
        b"\x40\x02\x00\x09",  # PUBACK of something that we never sent
        publish(7, b"", 0x33),
    ]
)
SAID = [
    ("t/1", b"one", 1, 1, False, False, 3),
    ("t/1", b"two", 0, 0, False, False, 3),
    ("t/1", b"three" * 40, 1, 65_535, True, True, 3),
    ("t/1", b"", 1, 7, True, False, 3),
]


def said(messages: list[Message]) -> list[tuple[object, ...]]:
    return [(m.topic, m.payload, m.qos, m.packet_id, m.retained, m.duplicate, m.connection) for m in messages]


@BOTH
@hypothesis(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(places=st.lists(st.integers(0, len(STREAM)), max_size=9), most=st.integers(1, 5))
def test_a_stream_cut_anywhere_gives_the_same_messages(kind: type[Receiver], places: list[int], most: int) -> None:
    with talking(kind) as one:
        for begin, end in pairwise([0, *sorted(places), len(STREAM)]):
            one.says(STREAM[begin:end], most)
        assert said(one.messages) == SAID
        assert one.client.is_connected()
        assert all(earlier.received_at < later.received_at for earlier, later in pairwise(one.messages))
        assert abs((datetime.now(UTC) - one.messages[-1].received_at).total_seconds()) < 60


def test_in_mqtt_3_1_1_what_the_broker_retained_is_acknowledged_and_not_taken() -> None:
    with talking(Receiver, MQTTProtocolVersion.MQTTv311, b"\x20\x02\x00\x00") as talk:
        talk.says(b"\x33\x08\x00\x03t/1\x00\x05a" + b"\x32\x08\x00\x03t/1\x00\x06b")
        assert said(talk.messages) == [("t/1", b"b", 1, 6, False, False, 3)]
        talk.client.loop_write()
        assert talk.heard(4) == b"\x40\x02\x00\x05"


@BOTH
def test_acknowledgements_go_out_in_the_order_given(kind: type[Receiver]) -> None:
    ids = [3, 1, 2, 65_535, 256]
    with talking(kind) as one:
        one.client.acknowledge([])
        one.client.acknowledge(ids)
        assert one.heard(20) == b"".join(b"\x40\x02" + number.to_bytes(2, "big") for number in ids)


@BOTH
def test_acknowledgements_wait_for_a_broker_that_does_not_read(kind: type[Receiver]) -> None:
    with talking(kind) as one:
        opened = one.client.socket()
        assert opened is not None
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**15)
        one.broker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**15)
        ids = list(range(1, 50_000))
        one.client.acknowledge(ids)
        assert one.client.want_write()
        heard, deadline = b"", time.monotonic() + 30
        while len(heard) < 4 * len(ids) and time.monotonic() < deadline:
            if select.select([one.broker], [], [], 0.1)[0]:
                heard += one.broker.recv(2**20)
            one.client.loop_write()
        assert heard == b"".join(b"\x40\x02" + number.to_bytes(2, "big") for number in ids)


@BOTH
@pytest.mark.parametrize(
    "hostile",
    [
        b"\x32\x00",
        b"\x30\xff\xff\xff\xff\xff",
        b"\xf5\x03abc",  # AUTH, which we never asked for
        b"\x90\x00",  # SUBACK of nothing
        b"\x00\x00",
        publish(1, b"sound") + b"\x32\x03\x00\x09t",
    ],
)
def test_what_is_no_mqtt_ends_the_connection_and_nothing_else(kind: type[Receiver], hostile: bytes) -> None:
    with talking(kind) as one:
        one.says(hostile)
        assert one.client.socket() is None
        assert not one.client.unread
        assert [m.payload for m in one.messages] == ([b"sound"] if b"sound" in hostile else [])


@BOTH
def test_a_broker_that_hangs_up_is_noticed(kind: type[Receiver]) -> None:
    with talking(kind) as one:
        one.broker.close()
        deadline = time.monotonic() + 20
        while one.client.socket() is not None and time.monotonic() < deadline:
            one.client.receive(9, 9, 3)
        assert one.client.socket() is None


def test_a_paho_that_was_not_checked_is_used_through_its_public_methods(caplog: pytest.LogCaptureFixture) -> None:
    assert receiving.kind("fast", "2.2.9") is FastReceiver
    assert receiving.kind("public", "2.2.9") is Receiver
    assert caplog.text == ""
    assert receiving.kind("fast", "2.3.0") is Receiver
    assert "2.3.0" in caplog.text and caplog.records[0].levelno == logging.WARNING


def test_the_paho_that_is_installed_is_the_one_that_was_checked() -> None:
    assert receiving.kind("fast") is FastReceiver
