"""The sealer: ``python -m phr_api.sealing`` takes what was looked at into the audit's chain until SIGTERM or SIGINT.

Any number of copies may run; one of them works at a time. While none runs nothing is lost: looks wait unsealed, and
`phr audit verify` says how many and since when.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from threading import Event

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from store import sealer, worker
from store.pool import open_pool

ROLE = "phr_jobs"
SECONDS = 2.0  # so long may a look stay unsealed
MONTHS_SECONDS = 3600.0

log = logging.getLogger("phr_api.sealing")


def main() -> int:
    """Returns the exit code: 0 stopped as told, 2 a bad setting."""
    given = worker.begin("database_url", role=ROLE)
    stop = worker.told_to_stop()
    with open_pool(given.database_url, size=1, name="phr-sealer", role=ROLE) as pool:
        keep(pool, stop, years=given.audit_years)
    log.info("stopped")
    return 0


def keep(pool: ConnectionPool, stop: Event, *, years: int, every: float = SECONDS) -> None:
    """Seal every few seconds, note down the head once a day, see to the months once an hour."""
    months_at = 0.0
    while not stop.is_set():
        try:
            seal_all(pool, stop)
            now = datetime.now(UTC)
            if now.timestamp() >= months_at:
                _keep_months(pool, years, now)
                months_at = now.timestamp() + MONTHS_SECONDS
        except (psycopg.Error, PoolTimeout) as fault:
            log.warning("sealing waits for the database (%s)", type(fault).__name__)
        stop.wait(every)


def seal_all(pool: ConnectionPool, stop: Event) -> int:
    """Everything that is fresh now, batch by batch; returns how many."""
    sealed = 0
    while not stop.is_set():
        with pool.connection() as conn:
            done = sealer.seal(conn)
        sealed += done
        if done < sealer.BATCH:
            break
    return sealed


def _keep_months(pool: ConnectionPool, years: int, now: datetime) -> None:
    with pool.connection() as conn:
        noted = sealer.anchor(conn)
    if noted:  # this line is the proof that the chain was not made anew: keep the log where the database's owner is not
        log.info("audit anchor %s", noted.says)
    with pool.connection() as conn:
        conn.execute("set local lock_timeout = '10s'")
        for month in sealer.keep_months(conn, years, now):
            log.info("audit of %s is over %d years old and was let go", f"{month:%Y-%m}", years)


if __name__ == "__main__":
    sys.exit(main())
