"""The ingest worker: ``python -m ingest`` until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import sys
import threading
from time import monotonic

import psycopg
from psycopg_pool import ConnectionPool

from ingest import days, slots
from ingest.inbox import InboxFailed
from store import due, pool, worker
from store.settings import Settings

log = logging.getLogger("ingest")


def main() -> int:
    """Work in a slot, and run the days worker. Returns the exit code: 0 stopped as told, 1 a fault, 2 a bad setting."""
    given = worker.begin("database_url", "mqtt_password")
    stop = worker.told_to_stop()
    with pool.open_pool(given.database_url, name="ingest") as opened:
        return _work(given, opened, stop)


def _work(given: Settings, opened: ConnectionPool, stop: threading.Event) -> int:
    figures = threading.Thread(target=keep_days, args=(given.database_url, opened, stop), name="days")
    figures.start()
    try:
        _serve(slots.Worker(given, opened, stop))
    except InboxFailed:
        return 1  # whoever runs us starts us again; nothing that is unacknowledged is lost
    finally:
        stop.set()
        figures.join()
    log.info("stopped")
    return 0


def _serve(worker: slots.Worker) -> None:
    while not worker.stop.is_set():
        try:
            slots.serve(worker)
        except psycopg.Error as fault:
            log.warning("no slot without the database (%s); trying again", type(fault).__name__)
            worker.stop.wait(1)


def keep_days(database_url: str, opened: ConnectionPool, stop: threading.Event, *, poll: float = 5.0) -> None:
    """Recompute due days whenever a commit wakes us (LISTEN) and, as the safety net, every ``poll`` seconds."""
    while not stop.is_set():
        try:
            with psycopg.connect(database_url, autocommit=True, application_name="ingest-days") as listening:
                listening.execute(f"listen {due.channel('days')}")
                _keep_days(listening, opened, stop, poll=poll)
        except psycopg.Error as fault:
            log.warning("day figures wait for the database (%s)", type(fault).__name__)
            stop.wait(1)


def _keep_days(listening: psycopg.Connection, opened: ConnectionPool, stop: threading.Event, *, poll: float) -> None:
    while not stop.is_set():
        while not stop.is_set() and days.work_once(opened):
            pass
        until = monotonic() + poll
        while not stop.is_set() and monotonic() < until:
            if list(listening.notifies(timeout=0.5, stop_after=1)):
                break


if __name__ == "__main__":
    sys.exit(main())
