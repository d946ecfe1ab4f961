from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.message import TICK, Message, lane, next_arrival
from ingest.packets import Malformed, Packets

NOW = datetime(2026, 11, 21, tzinfo=UTC)
Other = tuple[int, bytes]


def varint(value: int) -> bytes:
    head = bytearray()
    while value > 127:
        head.append(value & 127 | 128)
        value >>= 7
    return bytes([*head, value])


def packet(first: int, body: bytes) -> bytes:
    return bytes([first]) + varint(len(body)) + body


def published(message: Message, properties: bytes = b"") -> bytes:
    topic = message.topic.encode()
    first = 0x30 | message.duplicate << 3 | message.qos << 1 | message.retained
    number = message.packet_id.to_bytes(2, "big") if message.qos else b""
    rest = len(topic).to_bytes(2, "big") + topic + number + varint(len(properties)) + properties
    return packet(first, rest + message.payload)


def taken(pieces: list[bytes], most: int = 1000) -> list[Message | Other]:
    packets, found = Packets(), list[Message | Other]()
    for piece in pieces:
        packets.feed(piece)
        while packets.ready:
            messages = packets.messages(most, NOW, 7)
            found += messages
            if len(messages) < most and (other := packets.other()):
                found.append(other)
    return found


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[begin:end] for begin, end in zip(edges, edges[1:], strict=False)]  # noqa: RUF007


MESSAGES = st.builds(
    Message,
    topic=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    payload=st.one_of(st.binary(max_size=9), st.binary(min_size=100, max_size=300), st.just(b"x" * 20_000)),
    received_at=st.just(NOW),
    qos=st.integers(0, 1),
    packet_id=st.integers(1, 65_535),
    retained=st.booleans(),
    duplicate=st.booleans(),
    connection=st.just(7),
)
# every kind of packet but messages of QoS 0 and 1
OTHERS = st.tuples(st.sampled_from([0x20, 0x34, 0x40, 0x62, 0x90, 0xB0, 0xD0, 0xE0]), st.binary(max_size=200))
PROPERTIES = st.one_of(st.just(b""), st.binary(max_size=200))


@given(
    said=st.lists(st.one_of(st.tuples(MESSAGES, PROPERTIES), st.tuples(OTHERS, st.none())), max_size=8),
    places=st.lists(st.integers(0, 2**16), max_size=12),
    most=st.integers(1, 4),
)
def test_the_same_packets_come_out_however_the_stream_is_cut(
    said: list[tuple[Message | Other, bytes | None]], places: list[int], most: int
) -> None:
    stream = b"".join(packet(*one) if isinstance(one, tuple) else published(one, more or b"") for one, more in said)
    expected = [one if isinstance(one, tuple) or one.qos else without_number(one) for one, _ in said]
    assert [as_sent(one) for one in taken(cut(stream, places), most)] == expected
    assert [as_sent(one) for one in taken([bytes([byte]) for byte in stream[:2000]])] == expected[: whole(said, 2000)]


def as_sent(one: Message | Other) -> Message | Other:
    if isinstance(one, tuple):
        return one
    assert NOW <= one.received_at < NOW + timedelta(milliseconds=1)
    fields = (one.topic, one.payload, NOW, one.qos, one.packet_id, one.retained, one.duplicate, one.connection)
    return Message(*fields)


def without_number(one: Message) -> Message:
    return Message(one.topic, one.payload, NOW, 0, 0, one.retained, one.duplicate, one.connection)


def whole(said: list[tuple[Message | Other, bytes | None]], length: int) -> int:
    """How many packets end within so many bytes."""
    count = 0
    for one, more in said:
        length -= len(packet(*one) if isinstance(one, tuple) else published(one, more or b""))
        count += length >= 0
    return count


def test_arrival_times_rise_and_no_two_sessions_share_one() -> None:
    packets = Packets()
    packets.feed(published(Message("t", b"1", NOW, 0)) * 3)
    assert [one.received_at - NOW for one in packets.messages(9, NOW, 0)] == [TICK * n for n in range(3)]
    ours, theirs = set(), set()
    for name, taken in (("ingest-1", ours), ("ingest-2", theirs)):
        last = NOW
        for n in range(5000):
            earlier, last = last, next_arrival(NOW + timedelta(microseconds=7 * n), last, lane(name))
            assert earlier < last and NOW + timedelta(microseconds=7 * n) <= last
            taken.add(last)
    assert not ours & theirs


@given(junk=st.lists(st.binary(max_size=300), max_size=5))
def test_bytes_of_no_protocol_are_waited_for_or_called_malformed(junk: list[bytes]) -> None:
    with suppress(Malformed):
        taken(junk)


@pytest.mark.parametrize(
    "wrong",
    [
        packet(0x32, b""),  # no topic
        packet(0x32, b"\x00"),
        packet(0x32, b"\x00\x09t\x00\x01\x00"),  # a topic longer than its packet
        packet(0x32, b"\x00\x01t\x00"),  # half a packet id
        packet(0x32, b"\x00\x01t\x00\x01"),  # no properties
        packet(0x30, b"\x00\x01t\x05\x00"),  # properties longer than their packet
        packet(0x30, b"\x00\x01t\xff\xff\xff\xff\xff"),
        packet(0x30, b"\x00\x01t\xff"),
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
    ],
)
def test_a_packet_that_contradicts_itself_is_malformed(wrong: bytes) -> None:
    for after in (b"", b"\x00" * 9):
        with pytest.raises(Malformed):
            taken([wrong + after])


def test_a_topic_that_is_not_utf_8_loses_no_message() -> None:
    [one] = taken([packet(0x30, b"\x00\x02\xff\xfe\x00payload")])
    assert isinstance(one, Message) and (one.topic, one.payload) == ("\ufffd\ufffd", b"payload")
