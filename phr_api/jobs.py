"""``python -m phr_api.jobs``: copies, deletions, retention and statistics, until SIGTERM or SIGINT. Any number may run.

Everything it does is in steps of one transaction each, taken from the database: a worker that dies leaves its step to
the next one.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from phr_api import export_job, releases
from store import deletion, exports, non_use, retention, worker
from store.pool import alone, open_pool
from store.settings import Settings

ROLE = "phr_jobs"
CHANNEL = "phr_jobs"
SWEEP_SECONDS = 15.0  # a file of which a consent has run out is closed at once, and gone within so long
RETENTION_SECONDS = 6 * 3600.0

log = logging.getLogger("phr_api.jobs")


def main() -> int:
    """Returns the exit code: 0 stopped as told, 2 a bad setting."""
    given = worker.begin("database_url", "master_key", role=ROLE)
    stop = worker.told_to_stop()
    with open_pool(given.database_url, name="jobs", role=ROLE) as pool:
        keep(given, pool, stop)
    log.info("stopped")
    return 0


def keep(settings: Settings, pool: ConnectionPool, stop: Event) -> None:
    """Work whenever somebody asks (LISTEN) and, as the safety net, every ``SWEEP_SECONDS``."""
    while not stop.is_set():
        try:
            with alone(settings.database_url, "jobs-listen", role=ROLE) as listening:
                listening.execute(f"listen {CHANNEL}".encode())
                _keep(listening, settings, pool, stop)
        except (psycopg.OperationalError, PoolTimeout) as fault:
            log.warning("jobs wait for the database (%s)", type(fault).__name__)
            stop.wait(1)


def _keep(listening: psycopg.Connection, settings: Settings, pool: ConnectionPool, stop: Event) -> None:
    next_retention = 0.0
    while not stop.is_set():
        while not stop.is_set() and work_once(settings, pool, datetime.now(UTC)):
            pass
        if monotonic() >= next_retention:
            tidy(settings, pool, datetime.now(UTC), stop)
            next_retention = monotonic() + RETENTION_SECONDS
        until = monotonic() + SWEEP_SECONDS
        while not stop.is_set() and monotonic() < until:
            if list(listening.notifies(timeout=0.5, stop_after=1)):
                break


def work_once(settings: Settings, pool: ConnectionPool, now: datetime) -> bool:
    """One step of what is due: files whose time is over, a deletion, a copy. False when nothing was due."""
    with pool.connection() as conn:
        exports.sweep(conn)
    if delete_once(pool, now):
        return True
    return export_job.work_once(pool, now, kept=timedelta(days=settings.export_days))


def delete_once(pool: ConnectionPool, now: datetime) -> bool:
    """The next step of one deletion, in one transaction; False when none is due. If it fails, others go first."""
    plan = None
    try:
        with pool.connection() as conn:
            plan = deletion.next_due(conn, now)
            if plan is None:
                return False
            _delete(conn, plan)
    except (psycopg.OperationalError, PoolTimeout):
        raise  # the database is away
    except Exception as fault:
        if plan is None:
            raise
        log.error("a deletion failed: %s", type(fault).__qualname__)  # every hour, until somebody looks into it
        with pool.connection() as conn:
            deletion.put_off(conn, plan)
    return True


def _delete(conn: psycopg.Connection, plan: deletion.Plan) -> None:
    if plan.shut_at is None:
        deletion.shut(conn, plan)
        log.info("a deletion has begun")
    else:
        removed = deletion.carry_out(conn, plan)
        log.info("a deletion is done: %d tables", len(removed))


def tidy(settings: Settings, pool: ConnectionPool, now: datetime, stop: Event) -> None:
    """Retention, long non-use, whether anything came for people who were deleted, and last month's statistics."""
    for rule in retention.RULES:
        try:
            gone = retention.carry_out(pool, rule, retention.period(settings, rule), stop)
        except (psycopg.IntegrityError, psycopg.DataError, psycopg.InternalError) as fault:
            log.error("%s: failed (%s)", rule.name, type(fault).__qualname__)  # the other rules go on
            continue
        if gone:
            log.info("%s: %d gone", rule.name, gone)
    with pool.connection() as conn:
        late = deletion.look_again(conn, now)
        asked = non_use.Policy(
            after=timedelta(days=settings.non_use_days),
            notice=timedelta(days=settings.non_use_notice_days),
            wait=timedelta(days=settings.deletion_wait_days),
        )
        done = non_use.carry_out(conn, asked, now)
    log.info("tidied: %d late rows, %d notices, %d deletions planned", late, done.noticed, done.planned)
    if made := releases.make_due(settings, pool, now):
        log.info("statistics of %d towns are out", made)


if __name__ == "__main__":
    sys.exit(main())
