"""Keeps messages whatever happens: waits for the database, and finds the one message that can't be stored."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg_pool import ConnectionPool

from ingest import storing
from ingest.decode import Outcome
from ingest.message import Message
from store import slots

_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0  # seconds between tries while the database is away
_PATIENCE = 5.0  # seconds to wait for a connection of the pool

log = logging.getLogger("ingest.keeping")


class Stopped(Exception):
    """Told to stop while the database is away, or the slot is another worker's: what is held stays unacknowledged."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Stores what messages came to. Every method waits as long as the database is away; only ``stop`` ends that."""

    pool: ConnectionPool
    slot: str
    stop: threading.Event
    held: slots.Slot | None = None  # nothing is stored once it is another worker's

    def read(self, messages: Sequence[Message]) -> list[Outcome]:
        """What each message comes to; one whose registration can't even be asked for is buried and left out."""
        read: list[Outcome] = []

        def decode(conn: psycopg.Connection) -> None:
            read[:] = storing.decoded(conn, messages)

        fault = self._patiently(decode)
        if fault is None:
            return read
        if len(messages) == 1:
            return [Outcome(messages[0], rejection=storing.not_stored(messages[0], fault))]
        middle = len(messages) // 2
        return self.read(messages[:middle]) + self.read(messages[middle:])

    def keep(self, part: Sequence[Outcome], tries: int = 2) -> None:
        """Store all of it: whole, whole once more, then by halves until the one that can't be stored is alone."""
        for _ in range(tries):
            fault = self._patiently(lambda conn: self._store(conn, part))
            if fault is None:
                return
        if len(part) == 1:
            self._bury(part[0].message, fault or RuntimeError())
            return
        middle = len(part) // 2
        self.keep(part[:middle], tries=1)
        self.keep(part[middle:], tries=1)

    def _store(self, conn: psycopg.Connection, part: Sequence[Outcome]) -> None:
        if self.held is not None:
            slots.confirm(conn, self.held)
        storing.store(conn, self.slot, part)

    def _bury(self, message: Message, fault: Exception) -> None:
        log.error("a message can't be stored (%s) and is kept as a rejection", type(fault).__name__)
        letter = [Outcome(message, rejection=storing.not_stored(message, fault))]
        while (again := self._patiently(lambda conn: self._store(conn, letter))) is not None:
            log.error("the rejection can't be stored either (%s); trying again", type(again).__name__)
            if self.stop.wait(_LONGEST_WAIT):
                raise Stopped

    def _patiently(self, work: Callable[[psycopg.Connection], None]) -> Exception | None:
        """Do it in one transaction; returns a fault that a message can be guilty of. Raises Stopped when told so."""
        wait = _FIRST_WAIT
        while True:
            try:
                with self.pool.connection(timeout=_PATIENCE) as conn:
                    work(conn)
                return None
            except slots.NotHeld:
                log.warning("the slot %s is another worker's now", self.slot)
                raise Stopped from None
            except Exception as fault:
                if a_message_is_guilty(fault):
                    return fault
                log.warning("the database can't store now (%s); holding what has arrived", type(fault).__name__)
            if self.stop.wait(wait):
                raise Stopped
            wait = min(2 * wait, _LONGEST_WAIT)


def a_message_is_guilty(fault: Exception) -> bool:
    """Whether to look for a bad message, not to wait for the database.

    Connection gone, disk full, deadlock, table missing, no right: that is the database's own trouble, and throwing
    good messages among the rejections would not help. A value that does not fit is the message's.
    """
    if not isinstance(fault, psycopg.Error):
        return True
    if isinstance(fault, psycopg.ProgrammingError) and fault.sqlstate is None:
        return True  # raised on our side: something that has no form in SQL
    return isinstance(
        fault,
        psycopg.DataError
        | psycopg.IntegrityError
        | psycopg.errors.RaiseException
        | psycopg.errors.ProgramLimitExceeded,
    )
