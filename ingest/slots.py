"""The slots of the ingest workers: one to work in, and those that dead workers left behind.

Any number of copies of the worker share the broker's messages; each has an MQTT session of its own, the lowest free
one of ``<PHR_MQTT_SLOT>-1`` … ``-<PHR_INGEST_SLOTS>`` (``store.slots``). The broker keeps a dead worker's messages for
its session's name and goes on giving it its share, so another worker notices the free slot, has the broker route
nothing new to it, and drains it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from ingest import loop
from ingest.inbox import Inbox, InboxFailed
from ingest.keeping import Stopped
from store import pool, slots
from store.settings import Settings
from store.slots import Slot

_TICK = 0.25  # seconds between looks at our own inbox
_LOOK = 2.0  # seconds between looks at our lock and at slots left behind
_QUIET = 3.0  # seconds without a message after which a drained session is empty
_AGAIN = timedelta(minutes=10)
# Both ends notice within seconds when the other's machine or the net between them is gone.
_HELD_BY: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c lock_timeout=5s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}

log = logging.getLogger("ingest.slots")


@dataclass(frozen=True, slots=True)
class Worker:
    """What the threads of a worker share. ``kept`` is told of every batch that is stored; ``began`` of every inbox."""

    settings: Settings
    pool: ConnectionPool
    stop: threading.Event
    kept: loop.Kept = lambda part: None
    began: Callable[[str, Inbox, bool], None] = lambda name, inbox, listens: None


def serve(worker: Worker) -> None:
    """Take a slot and work in it until told to stop, or until the slot is lost with the database connection.

    Raises psycopg.Error when the database can't be reached, InboxFailed when the inbox broke.
    """
    with pool.alone(worker.settings.database_url, "ingest-slot", role="phr_ingest", **_HELD_BY) as conn:
        slot = _free_slot(conn, worker)
        if slot is not None:
            _work(worker, conn, slot)


def _free_slot(conn: psycopg.Connection, worker: Worker) -> Slot | None:
    """The lowest free slot; waits while all are held. None when told to stop."""
    given = worker.settings
    names = [f"{given.mqtt_slot}-{number + 1}" for number in range(given.ingest_slots)]
    told = False
    while True:
        for name in names:
            if slot := slots.take(conn, name):
                log.info("working in slot %s", name)
                return slot
        if not told:
            log.warning("all %d slots are held by other workers; waiting for one", len(names))
            told = True
        if worker.stop.wait(_LOOK):
            return None


def _work(worker: Worker, conn: psycopg.Connection, slot: Slot) -> None:
    named = _named(worker.settings, slot)
    inbox = Inbox(named, group=slot.group)
    watch = _Watch(worker, conn, slot, inbox=inbox)
    watching = threading.Thread(target=watch.run, name="slots")
    worker.began(slot.name, inbox, True)
    inbox.start()
    watching.start()
    try:
        loop.run(inbox, worker.pool, named, watch.ended, held=slot, kept=worker.kept)
    finally:
        watch.ended.set()
        inbox.stop()  # before the connection and with it the lock goes
        watching.join()


def _named(settings: Settings, slot: Slot) -> Settings:
    return replace(settings, mqtt_slot=slot.name)


class _Watch:
    """Tells the database since when we listen, notices a lost lock, drains slots left behind one after the other."""

    def __init__(self, worker: Worker, conn: psycopg.Connection, slot: Slot, *, inbox: Inbox) -> None:
        self.ended = threading.Event()  # set when told to stop or when the lock is lost
        self._worker, self._conn, self._slot, self._inbox = worker, conn, slot, inbox
        self._told = 0  # of which connection to the broker the database knows
        self._draining: _Draining | None = None

    def run(self) -> None:
        looked = monotonic()
        try:
            while not self._worker.stop.wait(_TICK) and not self.ended.is_set():
                self._tell()
                if monotonic() - looked > _LOOK:
                    self._look()
                    looked = monotonic()
        except psycopg.Error as fault:
            log.warning("slot %s is lost with the database connection (%s)", self._slot.name, type(fault).__name__)
        finally:
            self.ended.set()
            if self._draining is not None:
                self._draining.join()

    def _tell(self) -> None:
        connection = self._inbox.connection
        if connection != self._told and self._inbox.connected:
            slots.subscribed(self._conn, self._slot, seconds_ago=self._inbox.connected_for)
            self._told = connection

    def _look(self) -> None:
        """Asks the database every time: so we know of a lost lock."""
        waiting = slots.left_behind(self._conn, again=_AGAIN)
        if self._draining is not None:
            if not self._draining.is_alive():
                _give_back(self._conn, self._draining)
                self._draining = None
        elif self._inbox.connected:  # ours must stand, or nobody may be left to whom the broker could give a message
            self._adopt(waiting)

    def _adopt(self, waiting: Sequence[str]) -> None:
        for name in waiting:
            if slot := slots.take(self._conn, name):
                log.info("draining slot %s, which its worker left behind", name)
                self._draining = _Draining(self._worker, slot, self.ended)
                self._draining.start()
                return


def _give_back(conn: psycopg.Connection, draining: _Draining) -> None:
    if draining.empty:
        slots.drained(conn, draining.slot)
        log.info("slot %s is drained", draining.slot.name)
    slots.release(conn, draining.slot.name)


class _Draining(threading.Thread):
    """Stores what waits in a session; ``empty`` afterwards says whether all of it. The session itself is kept."""

    def __init__(self, worker: Worker, slot: Slot, ended: threading.Event) -> None:
        super().__init__(name=f"drain {slot.name}")
        self.slot, self.empty = slot, False
        self._worker, self._ended = worker, ended
        self._settings = _named(worker.settings, slot)

    def run(self) -> None:
        inbox = Inbox(self._settings, listen=False, group=self.slot.group)
        self._worker.began(self.slot.name, inbox, False)
        inbox.start()
        try:
            self.empty = self._drain(inbox)
        except (Stopped, InboxFailed):
            log.info("slot %s is not drained yet", self.slot.name)
        finally:
            inbox.stop()

    def _drain(self, inbox: Inbox) -> bool:
        keeper = loop.keeper_of(self._worker.pool, self._settings, self._ended, self.slot)
        last = monotonic()
        while not self._ended.is_set():
            messages = inbox.take(self._settings.ingest_batch, patience=0.5)
            if messages:
                loop.handle(messages, inbox, keeper, self._worker.kept)
            if messages or inbox.held or not inbox.connected:
                last = monotonic()
            elif monotonic() - last > _QUIET:
                return True
        return False
