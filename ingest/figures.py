"""The figures worker: ``python -m ingest.figures`` until SIGTERM or SIGINT. Any number of copies may run.

It works off what is due: whose weighing it was on shared scales, then day figures, then the long messages that were set
aside. What a catch-up of weeks leaves to do never stands before a live reading: the newest days come first, and old
ones in small portions between them, each with a rest after it. Once a day it drops what we have no reason to keep
(``ingest.strangers``).
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from time import monotonic

import psycopg
from psycopg_pool import ConnectionPool

from ingest import aside, days, gating, strangers
from ingest.keeping import Stopped
from store import due, pool, worker
from store.clock import civil_day

ROLE = "phr_figures"
NICENESS = 5  # storing goes before figuring where both share a processor
PORTION = 100  # (person, day) pairs in one transaction: a live reading waits for one portion at most
AT_EASE = 30  # messages and pairs that need no rest after them
REST, LONG_REST = 3.0, 9.0  # times as long as the work before it: what is new, what a catch-up left
LONGEST_REST = 2.0  # seconds
WORKS: tuple[due.Work, ...] = ("gate", "days")

log = logging.getLogger("ingest.figures")


def main() -> int:
    """Returns the exit code: 0 stopped as told, 2 a bad setting."""
    given = worker.begin("database_url", role=ROLE)
    stop = worker.told_to_stop()
    os.nice(NICENESS)
    with pool.open_pool(given.database_url, name="figures", role=ROLE) as opened:
        older = timedelta(days=given.strangers_kept_days)
        daily = strangers.Daily(partial(strangers.forget, opened, older, stop))
        keep(given.database_url, opened, stop, daily=daily)
    log.info("stopped")
    return 0


def keep(
    database_url: str,
    opened: ConnectionPool,
    stop: threading.Event,
    *,
    poll: float = 5.0,
    daily: Callable[[], None] = lambda: None,
) -> None:
    """Work whenever a commit wakes us (LISTEN) and, as the safety net, every ``poll`` seconds; then also ``daily``."""
    while not stop.is_set():
        try:
            with pool.alone(database_url, "figures-listen", role=ROLE) as listening:
                for work in WORKS:
                    listening.execute(f"listen {due.channel(work)}".encode())
                    due.unpark(listening, work)
                _keep(listening, opened, stop, poll=poll, daily=daily)
        except Stopped:
            return
        except psycopg.Error as fault:
            log.warning("figures wait for the database (%s)", type(fault).__name__)
            stop.wait(1)


def work_once(opened: ConnectionPool, stop: threading.Event | None = None) -> int:
    """What is new, then one portion of what is old; returns how much was taken, 0 when nothing is due.

    After much work comes a rest of three times its length: storing goes first, and what is due again meanwhile is done
    once. After old work it is nine times: of a catch-up's hours no live reading shall notice more than a tenth.
    """
    stop = stop or threading.Event()
    begun = monotonic()
    taken = gating.work_once(opened) + days.work_once(opened, PORTION, since=_yesterday())
    between = monotonic()
    taken += aside.work_once(opened, stop) + days.work_once(opened, PORTION)
    if taken > AT_EASE:
        rest = REST * (between - begun) + LONG_REST * (monotonic() - between)
        stop.wait(min(rest, LONGEST_REST))
    return taken


def _yesterday() -> date:
    return civil_day(datetime.now(UTC)) - timedelta(days=1)


def _keep(
    listening: psycopg.Connection,
    opened: ConnectionPool,
    stop: threading.Event,
    *,
    poll: float,
    daily: Callable[[], None],
) -> None:
    while not stop.is_set():
        while not stop.is_set() and work_once(opened, stop):
            pass
        daily()
        until = monotonic() + poll
        while not stop.is_set() and monotonic() < until:
            if list(listening.notifies(timeout=0.5, stop_after=1)):
                break


if __name__ == "__main__":
    sys.exit(main())
