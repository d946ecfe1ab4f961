"""What devices say that nobody registered is other people's: it is not kept for longer than somebody needs to do so.

A gateway hears the neighbours' scale through the wall and hands on what it says. Whoever registers a device of their
own finds what it said before (``store.rejections.strangers``); what nobody has registered by then goes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from time import monotonic

from psycopg_pool import ConnectionPool

from store import rejections

_A_DAY = 86_400.0  # seconds
_PORTION = 1000  # messages in one transaction

log = logging.getLogger("ingest.strangers")


def forget(pool: ConnectionPool, older: timedelta, stop: Event) -> int:
    """Drop what is older; returns how many messages. Any number of workers may do so at once."""
    gone = 0
    while not stop.is_set():
        with pool.connection() as conn:
            portion = rejections.forget_strangers(conn, older, _PORTION)
        gone += portion
        if portion < _PORTION:
            break
    log.info("%d messages of devices that nobody registered within %d days are dropped", gone, older.days)
    return gone


class Daily:
    """Does its work when it is asked for the first time, and then once a day however often it is asked."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work, self._next = work, 0.0

    def __call__(self) -> None:
        if monotonic() >= self._next:
            self._work()
            self._next = monotonic() + _A_DAY
