"""Take what has arrived, store it in one transaction, commit, acknowledge. Nothing is acknowledged unstored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg
from psycopg_pool import ConnectionPool

from ingest import aside
from ingest.decode import Outcome
from ingest.inbox import Inbox
from ingest.keeping import Keeper, Stopped
from ingest.message import Message
from store import slots
from store.settings import Settings
from store.slots import Slot

_QUIET = 0.3  # seconds without a short message
_AT_ONCE = 100  # set-aside messages decoded in one turn while it is quiet

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
    What was set aside is decoded here whenever nothing live has come for a while.
    """
    keeper, behind = keeper_of(pool, settings, stop, held), True
    while not stop.is_set():
        try:
            messages = inbox.take(settings.ingest_batch, patience=0.05 if behind else 0.5)
            if messages:
                handle(messages, inbox, keeper, kept)
                behind = True
            elif behind and inbox.quiet_for > _QUIET:
                behind = _catch_up(pool, stop)
        except Stopped:
            return


def keeper_of(pool: ConnectionPool, settings: Settings, stop: threading.Event, held: Slot | None) -> Keeper:
    """Who stores in the slot's name, as long as it is held."""
    guard = partial(_still_ours, held) if held else _nothing
    return Keeper(pool, settings.mqtt_slot, stop, guard, settings.ingest_batch)


def _catch_up(pool: ConnectionPool, stop: threading.Event) -> bool:
    """Whether more may be set aside."""
    try:
        return aside.work_once(pool, stop, _AT_ONCE) > 0
    except psycopg.Error:
        stop.wait(_QUIET)
        return True  # the database is away: what was set aside waits there, what arrives is held here


def handle(messages: Sequence[Message], inbox: Inbox, keeper: Keeper, kept: Kept) -> None:
    """Store and acknowledge these, in their order, at most ``keeper.most`` rows a transaction.

    Of a catch-up (``ingest.aside``) the short messages are stored first, the long ones then set aside.
    """
    now, long = aside.split(messages, inbox.others_may_wait)
    for part in _parts(keeper, now):
        if not long:
            inbox.acknowledge([outcome.message for outcome in part])
        kept(part)
    if long:
        if isinstance(keeper.patiently(partial(_set_aside, keeper, long)), Exception):
            for part in _parts(keeper, long):  # one of them has no form in the table: one by one, as ever
                kept(part)
        inbox.acknowledge(messages)


def _parts(keeper: Keeper, left: Sequence[Message]) -> Iterator[list[Outcome]]:
    while left:
        part = keeper.keep(left)
        left = left[len(part) :]
        yield part


def _set_aside(keeper: Keeper, messages: Sequence[Message], conn: psycopg.Connection) -> None:
    keeper.guard(conn, messages)
    aside.put(conn, keeper.slot, messages)


def _still_ours(held: Slot, conn: psycopg.Connection, messages: Sequence[Message]) -> None:
    slots.confirm(conn, held)


def _nothing(conn: psycopg.Connection, messages: Sequence[Message]) -> None:
    pass
