"""Take what has arrived, store it in one transaction, commit, acknowledge. Nothing is acknowledged unstored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

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
    keeper = Keeper(pool, settings.mqtt_slot, stop, held)
    for part in batches(keeper.read(messages), settings.ingest_batch):
        keeper.keep(part)
        inbox.acknowledge([outcome.message for outcome in part])
        kept(part)


def batches(outcomes: Sequence[Outcome], most: int) -> Iterator[list[Outcome]]:
    """Cut where the rows would be more than ``most``; one message is never cut, however many rows it brings."""
    part: list[Outcome] = []
    size = 0
    for outcome in outcomes:
        if part and size + outcome.size > most:
            yield part
            part, size = [], 0
        part.append(outcome)
        size += outcome.size
    if part:
        yield part
