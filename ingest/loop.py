"""Take what has arrived, store it in one transaction, commit, acknowledge. Nothing is acknowledged unstored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from psycopg_pool import ConnectionPool

from ingest.decode import Outcome
from ingest.inbox import Inbox
from ingest.keeping import Keeper, Stopped
from ingest.message import Message
from store.settings import Settings
from store.slots import Slot

Kept = Callable[[Sequence[Outcome]], None]


def run(
    inbox: Inbox,
    pool: ConnectionPool,
    settings: Settings,
    stop: threading.Event,
    *,
    held: Slot | None = None,
    kept: Kept = lambda part: None,
) -> None:
    """Work until ``stop`` is set; the batch in hand is finished and acknowledged first.

    ``held``: the slot in whose name we store; also ends once it is another worker's. ``kept`` hears what is stored.
    """
    while not stop.is_set():
        messages = inbox.take(settings.ingest_batch, patience=0.5)
        if messages:
            try:
                handle(messages, inbox=inbox, pool=pool, settings=settings, stop=stop, held=held, kept=kept)
            except Stopped:
                return


def handle(
    messages: Sequence[Message],
    *,
    inbox: Inbox,
    pool: ConnectionPool,
    settings: Settings,
    stop: threading.Event,
    held: Slot | None = None,
    kept: Kept = lambda part: None,
) -> None:
    """Store and acknowledge these, in their order, at most ``settings.ingest_batch`` rows a transaction."""
    keeper = Keeper(pool, settings.mqtt_slot, stop, held, settings.ingest_batch)
    left = messages
    while left:
        part = keeper.keep(left)
        inbox.acknowledge(left[: len(part)])
        kept(part)
        left = left[len(part) :]
