"""The ingest worker: ``python -m ingest`` until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import ExitStack
from dataclasses import replace

import psycopg
from psycopg_pool import ConnectionPool

from devices import catalogue
from ingest import slots
from ingest.inbox import InboxFailed
from store import pool, worker
from store.settings import BadSetting, Settings

log = logging.getLogger("ingest")


def main() -> int:
    """Work in a slot. Returns the exit code: 0 stopped as told, 1 a fault, 2 a bad setting."""
    given = worker.begin("database_url", "mqtt_password", role="phr_ingest")
    stop = worker.told_to_stop()
    catalogue.models()  # what the first message needs
    worker.look_for_garbage_seldom()
    with pool.open_pool(given.database_url, name="ingest", checked=False, role="phr_ingest") as opened:
        return _work(given, opened, stop)


def _work(given: Settings, opened: ConnectionPool, stop: threading.Event) -> int:
    try:
        with ExitStack() as stack:
            _serve(_measured(slots.Worker(given, opened, stop), stack))
    except BadSetting as fault:
        worker.refuse(fault)
    except InboxFailed:
        return 1  # whoever runs us starts us again; nothing that is unacknowledged is lost
    finally:
        stop.set()
    log.info("stopped")
    return 0


def _measured(one: slots.Worker, stack: ExitStack) -> slots.Worker:
    """With metrics and health on a port until the stack closes, when a port is set."""
    if not one.settings.metrics_port:
        return one
    from ingest import backlog, health, metrics  # what is off costs no memory

    meter = metrics.Meter(one.pool, stack.enter_context(backlog.watched(one.settings)))
    try:
        stack.enter_context(health.served(meter, one.pool, one.settings.metrics_port))
    except OSError:
        raise BadSetting(f"PHR_METRICS_PORT: port {one.settings.metrics_port} is taken by another program") from None
    return replace(one, kept=meter.kept, began=meter.began)


def _serve(one: slots.Worker) -> None:
    while not one.stop.is_set():
        try:
            slots.serve(one)
        except psycopg.Error as fault:
            log.warning("no slot without the database (%s); trying again", type(fault).__name__)
            one.stop.wait(1)


if __name__ == "__main__":
    sys.exit(main())
