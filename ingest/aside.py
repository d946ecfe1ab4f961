"""Long messages of a catch-up, taken in as they are so that live readings do not wait behind them.

A pedometer that was offline for weeks sends long bundles; two thousand of them at once would stand before everybody's
blood pressure, for the broker keeps one queue a worker. So where a worker has many long messages in hand and others
may wait, it stores the long ones raw (``health.set_aside``) and acknowledges them. They are decoded by the very code
that stores live ones: by the ingest worker itself while nothing live comes, else by the figures worker, in small
portions with rests in between.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import psycopg
from psycopg_pool import ConnectionPool

from ingest import storing
from ingest.keeping import Keeper, Stopped
from ingest.message import LONG, Message
from store import arrivals, set_aside, slots
from store.set_aside import Raw

CROWD = 200_000  # bytes of long messages in hand: weeks of many people, not the bundle of one
_PATIENCE = 5.0  # seconds to wait for a connection of the pool
PORTION = 40  # messages decoded in one turn while others measure


def split(messages: Sequence[Message], others_may_wait: bool) -> tuple[Sequence[Message], Sequence[Message]]:
    """Those to store now and those to set aside: none of the latter unless it is a crowd and somebody may wait."""
    long = [message for message in messages if len(message.payload) > LONG]
    if sum([len(message.payload) for message in long]) < CROWD:
        return messages, ()
    if len(long) == len(messages) and not others_may_wait:
        return messages, ()
    return [message for message in messages if len(message.payload) <= LONG], long


def put(conn: psycopg.Connection, slot: str, messages: Sequence[Message]) -> None:
    """Set these aside, in the caller's transaction; what the broker sends again is known by the ledger.

    Their content is not looked at, so all of them are noted there, not only those without a time of their own.
    """
    fresh = storing.not_stored_before(conn, slot, messages)
    set_aside.add(conn, [Raw(m.topic.encode(), m.payload, m.retained, m.received_at) for m, _ in fresh])
    arrivals.remember(conn, slot, [arrival for message, arrival in fresh if message.qos])


def work_once(pool: ConnectionPool, stop: threading.Event, portion: int = PORTION) -> int:
    """Decode and store the oldest ``portion`` of messages; returns how many, 0 when none are left.

    One worker at a time. A message leaves the table in the transaction that stores what it came to. Raises Stopped
    when told to stop while the database is away, psycopg.Error when it is away to begin with.
    """
    with pool.connection(timeout=_PATIENCE) as holding:
        if not set_aside.alone(holding):
            return 0
        waiting = set_aside.oldest(holding, portion)
        messages = [
            Message(raw.topic.decode(), raw.payload, raw.received_at, qos=0, packet_id=number, retained=raw.retained)
            for number, raw in waiting.items()
        ]
        keeper = Keeper(pool, "aside", stop, guard=_remove)
        try:
            _keep(keeper, messages)
        except Stopped:
            if stop.is_set():
                raise
        return len(messages)


def _keep(keeper: Keeper, left: Sequence[Message]) -> None:
    while left:
        left = left[len(keeper.keep(left)) :]


def _remove(conn: psycopg.Connection, messages: Sequence[Message]) -> None:
    # gone: our lock went with a database that restarted, and another worker was quicker; or we had stored them
    if not set_aside.remove(conn, [message.packet_id for message in messages]):
        raise slots.NotHeld
