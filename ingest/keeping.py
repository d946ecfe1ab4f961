"""Keeps messages whatever happens: waits for the database, and finds the one message that can't be stored."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import psycopg
from psycopg_pool import ConnectionPool

from ingest import storing
from ingest.decode import Outcome
from ingest.known import Known
from ingest.message import Message
from store import slots

_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0  # seconds between tries while the database is away
_PATIENCE = 5.0  # seconds to wait for a connection of the pool

Guard = Callable[[psycopg.Connection, Sequence[Message]], None]
T = TypeVar("T")

log = logging.getLogger("ingest.keeping")


class Stopped(Exception):
    """Told to stop while the database is away, or the slot is another worker's: what is held stays unacknowledged."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Stores what messages came to. Every method waits as long as the database is away; only ``stop`` ends that.

    ``guard`` is called in each storing transaction with the messages it stores; what it raises undoes all of it.
    """

    pool: ConnectionPool
    slot: str
    stop: threading.Event
    guard: Guard = lambda conn, messages: None
    most: int = 5000  # rows in one transaction
    known: Known = field(default_factory=Known)

    def keep(self, messages: Sequence[Message]) -> list[Outcome]:
        """Store the first of these messages, as many as bring ``most`` rows; returns what they came to.

        All of them in one transaction, once more if that fails, then half of them, down to the first alone: if it is
        that one which can't be stored, it is kept as a rejection.
        """
        part, tries = messages, 2
        while True:
            kept = self.patiently(partial(self._decode_and_store, part))
            tries -= 1
            if not isinstance(kept, Exception):
                return kept
            if tries > 0:
                continue
            if len(part) == 1:
                return [self._bury(part[0], kept)]
            part, tries = part[: len(part) // 2], 1

    def _decode_and_store(self, messages: Sequence[Message], conn: psycopg.Connection) -> list[Outcome]:
        return self._store(storing.decoded(conn, messages, self.most, self.known), conn)

    def _store(self, outcomes: list[Outcome], conn: psycopg.Connection) -> list[Outcome]:
        self.guard(conn, [outcome.message for outcome in outcomes])
        storing.store(conn, self.slot, outcomes)
        return outcomes

    def _bury(self, message: Message, fault: Exception) -> Outcome:
        log.error("a message can't be stored (%s) and is kept as a rejection", type(fault).__name__)
        letter = Outcome(message, rejection=storing.not_stored(message, fault))
        while isinstance(again := self.patiently(partial(self._store, [letter])), Exception):
            log.error("the rejection can't be stored either (%s); trying again", type(again).__name__)
            if self.stop.wait(_LONGEST_WAIT):
                raise Stopped
        return letter

    def patiently(self, work: Callable[[psycopg.Connection], T]) -> T | Exception:
        """Do it in one transaction; returns a fault that a message can be guilty of. Raises Stopped when told so."""
        wait = _FIRST_WAIT
        while True:
            try:
                with self.pool.connection(timeout=_PATIENCE) as conn:
                    return work(conn)
            except slots.NotHeld:
                log.warning("the slot %s is another worker's now", self.slot)
                raise Stopped from None
            except Exception as fault:
                if a_message_is_guilty(fault):
                    return fault
                log.warning("the database can't store now (%s); holding what has arrived", type(fault).__name__)
                self.pool.check()  # connections that went with the database are found out all at once
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
