"""The bridge worker: ``python -m fhir_bridge`` watches ``PHR_INBOX_DIR`` until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from psycopg import OperationalError
from psycopg_pool import ConnectionPool

from fhir_bridge import pulling
from fhir_bridge.pulling import pull
from fhir_bridge.sources import folder
from store import cursors, mending, record_readings, worker
from store.pool import open_pool

WATCH_SECONDS = 3
# Nothing shows records from the very moment on at which their consent ends. What was made of them - readings and
# advice - is gone within 60 s of it: this long at the most, and a second or two for the judgement.
CONSENTS_SECONDS = 15
_SETTLED = "consents.settled"
# What came in by a link that was undone is dark at once; this long at the most, and its readings are gone as well.
LINKS_SECONDS = 5
_BEFORE_THE_FIRST = timedelta(days=1)

log = logging.getLogger("fhir_bridge")


def watch(pool: ConnectionPool, inbox: str) -> None:
    """One look into the inbox; a missing folder or database is reported and tried again next time."""
    try:
        pull(folder.SOURCE, inbox, pool, datetime.now(UTC))
    except OSError as fault:
        log.error("the inbox can't be read: %s", fault.strerror)
    except OperationalError:
        log.error("the database can't be reached; trying again in %d seconds", WATCH_SECONDS)


def settle_turned(pool: ConnectionPool, now: datetime) -> int:
    """Settle the readings of consents that ran out or began since the last time; returns for how many people.

    The cursor commits with the work, so a worker that was away goes on where it stopped, however long ago.
    """
    with pool.connection() as conn:
        told = cursors.get(conn, _SETTLED)
        since = datetime.fromisoformat(told) if told else now - _BEFORE_THE_FIRST
        people = record_readings.turned(conn, since, now)
        for person_id in people:
            record_readings.consent_changed(conn, person_id, now)
        cursors.put(conn, _SETTLED, max(since, now).isoformat())
    return len(people)


def mend_links(pool: ConnectionPool, now: datetime) -> int:
    """What came in by links that were undone goes to whom it belongs, or goes; and after a new link every file that
    found nobody is looked at once more. Returns how many links were mended."""
    mended = 0
    while True:
        with pool.connection() as conn:
            if mending.mend(conn, now) is None:
                pulling.look_again(conn)
                return mended
        mended += 1


def schedule(pool: ConnectionPool, inbox: str) -> BackgroundScheduler:
    """The worker's jobs, each at once and then at its interval; one that is still running is not started twice."""
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
    now = datetime.now(UTC)
    if inbox:
        scheduler.add_job(watch, "interval", args=(pool, inbox), seconds=WATCH_SECONDS, next_run_time=now)
    else:
        log.info("PHR_INBOX_DIR is not set: no folder is watched")
    consents = IntervalTrigger(seconds=CONSENTS_SECONDS)
    scheduler.add_job(lambda: settle_turned(pool, datetime.now(UTC)), consents, next_run_time=now)
    links = IntervalTrigger(seconds=LINKS_SECONDS)
    scheduler.add_job(lambda: mend_links(pool, datetime.now(UTC)), links, next_run_time=now)
    return scheduler


def main() -> int:
    """Run until told to stop; the file in hand is finished first. Returns the exit code: 0, or 2 for a bad setting."""
    config = worker.begin("database_url", "master_key", role="phr_bridge")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    stop = worker.told_to_stop()
    with open_pool(config.database_url, size=2, name="bridge", role="phr_bridge") as pool:
        scheduler = schedule(pool, config.inbox_dir)
        scheduler.start()
        log.info("the bridge is running")
        stop.wait()
        scheduler.shutdown(wait=True)
    log.info("the bridge has stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
