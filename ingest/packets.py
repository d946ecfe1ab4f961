"""MQTT 5 packets out of a stream of bytes, however it was cut (MQTT 5.0 sections 2.1 and 3.3). Pure.

Messages of QoS 0 and 1 become ``Message``; every other packet is given back as it is.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from ingest.message import TICK, Message

_PUBLISH = 0x30
_KIND = 0xF4  # type and the upper bit of QoS: _PUBLISH for messages of QoS 0 and 1
_DUPLICATE, _QOS_1, _RETAINED = 0x08, 0x02, 0x01
_LONGEST = 4  # bytes of a variable length


class Malformed(Exception):
    """This is not MQTT 5; where the next packet begins is not known any more."""


class Packets:
    """``feed`` it what the socket gave, then take ``messages`` and the ``other`` packets between them in turn.

    ``ready``: whether a whole packet may lie at the front. A long packet is joined once, when all of it is there.
    """

    __slots__ = ("_at", "_data", "_later", "_missing", "ready")

    def __init__(self) -> None:
        self._data = b""
        self._at = 0  # where the next packet begins
        self._later: list[bytes] = []  # what came while the next packet was not whole
        self._missing = 2
        self.ready = False

    def feed(self, piece: bytes) -> None:
        """Bytes in the order in which they came."""
        self._later.append(piece)
        self._missing -= len(piece)
        if self._missing <= 0:
            self._data = b"".join((self._data[self._at :], *self._later))
            self._at = 0
            self._later.clear()
            self.ready = True

    def messages(self, most: int, arrival: datetime, connection: int) -> list[Message]:
        """The messages at the front, at most ``most``: the first with this arrival, each later one a ``TICK`` after.

        Raises Malformed.
        """
        taken: list[Message] = []
        try:
            self._take(taken, most, arrival, connection=connection)
        except Malformed:
            if not taken:  # else what is sound comes first, and the fault is met again
                raise
        return taken

    def _take(self, taken: list[Message], most: int, arrival: datetime, *, connection: int) -> None:
        data, end = self._data, len(self._data)
        while len(taken) < most:
            at = self._at
            body = at + 2
            if body > end:
                self._wait(body - end)
                return
            after = body + data[at + 1]
            if data[at + 1] > 127:
                body, after = _bounds(data, at)
            if after > end:
                self._wait(after - end)
                return
            if data[at] & _KIND != _PUBLISH:
                return
            taken.append(_message(data, body, after, arrival=arrival, connection=connection, first=data[at]))
            arrival += TICK
            self._at = after

    def other(self) -> tuple[int, bytes] | None:
        """The packet at the front that is no such message: its first byte and what follows its length."""
        if not self.ready:
            return None
        data, at = self._data, self._at
        body, self._at = _bounds(data, at)
        return data[at], data[body : self._at]

    def _wait(self, missing: int) -> None:
        self._missing = missing
        self.ready = False


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Where the body of the packet at ``at`` begins and ends; when its length is cut off: an end past the data."""
    try:
        length, body = _varint(data, at + 1)
    except IndexError:
        return len(data), len(data) + 1
    return body, body + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """MQTT 5.0 section 1.5.5: the value, and where the next field begins."""
    value = 0
    for place in range(_LONGEST):
        value |= (data[at + place] & 127) << 7 * place
        if data[at + place] < 128:
            return value, at + place + 1
    raise Malformed("a length of more than four bytes")


def _message(data: bytes, body: int, after: int, *, first: int, arrival: datetime, connection: int) -> Message:
    if body + 2 > after:
        raise Malformed("a message without a topic")
    qos = 1 if first & _QOS_1 else 0
    name = body + 2
    at = name + (data[body] << 8 | data[body + 1])
    topic = data[name:at]
    number = at
    at += 2 * qos
    if at >= after:
        raise Malformed("a message that ends too early")
    packet_id = data[number] << 8 | data[number + 1] if qos else 0
    at = at + 1 if data[at] == 0 else _past_properties(data, at)
    if at > after:
        raise Malformed("properties longer than their packet")
    return Message(
        _text(topic),
        data[at:after],
        arrival,
        qos,
        packet_id,
        first & _RETAINED != 0,
        first & _DUPLICATE != 0,
        connection,
    )


def _past_properties(data: bytes, at: int) -> int:
    try:
        length, begin = _varint(data, at)
    except IndexError:
        raise Malformed("properties longer than their packet") from None
    return begin + length


@lru_cache(maxsize=10_000)
def _text(topic: bytes) -> str:
    return topic.decode("utf-8", "replace")  # a broker lets no other through; if one does, the message is kept
