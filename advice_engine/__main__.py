"""``python -m advice_engine``: the advice worker. Ends cleanly on SIGTERM or SIGINT; any number of copies may run."""

from __future__ import annotations

import logging
import sys
from threading import Event

from advice_engine.channel import channels
from advice_engine.schedule import Worker, judge_due, quietly, scheduler
from store import due
from store.pool import alone, open_pool
from store.settings import BadSetting, Settings
from store.worker import begin, refuse, told_to_stop

ROLE = "phr_advice"
LISTEN_SECONDS = 1.0  # how soon a request to stop is seen
RECONNECT_SECONDS = 3.0
POOL_SIZE = 9  # the jobs of a night at once (five), due people, deliveries, the listener, one to spare

log = logging.getLogger("advice_engine")


def main() -> int:
    """Exit code 0 after a signal, 2 when a setting is missing or does not fit."""
    given = begin("database_url", role=ROLE)
    try:
        ready = [name for name, channel in channels().items() if channel.ready(given)]
    except BadSetting as fault:
        refuse(fault)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job still at work when its turn comes is no news
    log.info("advice worker starts; channels: %s", ", ".join(ready))
    run(given, told_to_stop())
    log.info("advice worker ends")
    return 0


def run(given: Settings, stop: Event) -> None:
    """Work until ``stop`` is set."""
    with open_pool(given.database_url, size=POOL_SIZE, name="phr-advice", role=ROLE) as pool:
        worker = Worker(pool, given, stop)
        jobs = scheduler(worker)
        jobs.start()
        try:
            while not stop.is_set():
                if not quietly(listen, worker):
                    stop.wait(RECONNECT_SECONDS)
        finally:
            stop.set()
            jobs.shutdown(wait=True)


def listen(worker: Worker) -> None:
    """Work whenever a writer's commit wakes us; returns when asked to stop, raises when the connection breaks."""
    with alone(worker.settings.database_url, "phr-advice-listen", role=ROLE) as conn:
        conn.execute(f"listen {due.channel('advice')}".encode())
        judge_due(worker)  # what was marked before we listened
        while not worker.stop.is_set():
            if list(conn.notifies(timeout=LISTEN_SECONDS, stop_after=1)):
                judge_due(worker)


if __name__ == "__main__":
    sys.exit(main())
