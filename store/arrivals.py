"""Which messages of an MQTT session are already stored, for those whose content can't tell.

A message is acknowledged after its transaction commits; when the worker dies between the two, the broker sends
it again with the DUP flag, under the *same packet id* (MQTT 5.0 section 4.4; measured with Mosquitto). A reading
with a time of its own is then the same row. One without (a scale's weighing, a rejected payload) is not, so its
packet id and a digest of topic and payload are written here in the transaction that stores it, and a message
with the DUP flag that is found here is acknowledged without being stored again.

A broker that was killed comes back with the state that it saved last, and sends what was acknowledged since once more,
under the same packet id but *without* the flag (measured: Mosquitto 2.0.11). So an unmarked message is looked up too,
among those stored lately.

A packet id is used again only after its message was acknowledged, so one row an id is enough: at most 65,535
rows a session. What could still go wrong needs a message that is equal, byte for byte, to the one that last bore its
packet id, at least 65,535 messages ago, and besides a crash before the commit, or that the other came within the hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b

import psycopg

from store.copied import array_text

Arrival = tuple[int, bytes]  # MQTT packet id, digest


def digest(topic: str, payload: bytes) -> bytes:
    """16 bytes that stand for a message."""
    return blake2b(topic.encode() + b"\0" + payload, digest_size=16).digest()


def remember(conn: psycopg.Connection, slot: str, batch: Sequence[Arrival]) -> None:
    """Note these messages of session ``slot`` as stored, in the caller's transaction."""
    newest = dict(batch)
    conn.execute(
        "insert into health.arrivals (slot, packet_id, digest)"
        " select %s, packet_id, decode(hex, 'hex')"
        " from unnest(%s::int[], %s::text[]) as new (packet_id, hex) order by packet_id"
        " on conflict (slot, packet_id) do update set digest = excluded.digest, stored_at = now()",
        (slot, array_text(newest), array_text(seen.hex() for seen in newest.values())),
    )


def known(
    conn: psycopg.Connection, slot: str, batch: Sequence[Arrival], *, within: timedelta | None = None
) -> set[Arrival]:
    """Those of these messages that ``remember`` noted before; ``within`` so long, for those without the DUP flag."""
    rows = conn.execute(
        "select packet_id, digest from health.arrivals where slot = %s and packet_id = any(%s::int[])"
        " and coalesce(stored_at > now() - %s::interval, true)",
        (slot, array_text(packet_id for packet_id, _ in batch), within),
    )
    return {(packet_id, bytes(seen)) for packet_id, seen in rows} & set(batch)
