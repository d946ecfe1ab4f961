"""One MQTT message as it arrived. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from msgspec import Struct

LONG = 1000  # bytes of payload: more than one measurement of any device
LANES = 16
TICK = timedelta(microseconds=LANES)  # between the arrivals of one session
_PREFIX = ["phr", "v1"]


class Message(Struct, frozen=True, gc=False):
    """``connection`` counts our connections to the broker: a packet id means nothing beyond its own."""

    topic: str
    payload: bytes
    received_at: datetime
    qos: int = 1
    packet_id: int = 0
    retained: bool = False  # an old message that the broker kept, not one sent just now
    duplicate: bool = False  # the broker sent it before and got no acknowledgement
    connection: int = 0


@lru_cache(maxsize=10_000)
def address(topic: str) -> tuple[str, str] | None:
    """(gateway, device) of ``phr/v1/<gateway>/…/<device>``, or None.

    The gateway's level is the one that the broker's access list ties to the MQTT user name; the payload never
    says who is speaking.
    """
    parts = topic.split("/")
    if len(parts) < 4 or parts[:2] != _PREFIX or not (parts[2] and parts[-1]):
        return None
    return parts[2], parts[-1]


def lane(slot: str) -> int:
    """Which microseconds are a session's own (of every ``LANES``, one): ``ingest-3`` has the third.

    So two workers never give two weighings without a time of their own the same arrival, which would be their key.
    """
    number = slot.rpartition("-")[2]
    return int(number) % LANES if number.isdecimal() else 0


def next_arrival(now: datetime, last: datetime, lane: int) -> datetime:
    """The first moment of this lane that is neither before ``now`` nor within a ``TICK`` of the one before."""
    at = max(now, last + TICK)
    return at + timedelta(microseconds=(lane - at.microsecond) % LANES)
