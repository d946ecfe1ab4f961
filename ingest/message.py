"""One MQTT message as it arrived. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from msgspec import Struct

LONG = 1000  # bytes of payload: more than one measurement of any device
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
