"""One step of the worker: the next copy that somebody asked for, from a snapshot to a file that can be fetched.

Whoever makes it may die at any moment: nothing counts before the last transaction, and the next worker begins anew.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from tempfile import TemporaryFile

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from phr_api import export_files
from phr_api.export_rows import snapshot
from store import audit, exports
from store.clock import JST
from store.exports import Export

log = logging.getLogger("phr_api.jobs")


def work_once(pool: ConnectionPool, now: datetime, *, kept: timedelta) -> bool:
    """Make the next copy, kept for so long; False when nobody waits for one."""
    with pool.connection() as holding:
        export = exports.take(holding)
        holding.commit()
        if export is None:
            return False
        try:
            _make(pool, export, now, kept)
        except exports.Stopped:
            log.info("a copy was stopped")
        except (psycopg.OperationalError, PoolTimeout):
            raise  # the database is away: whoever comes next begins anew
        except Exception as fault:  # one that can't be made must not stand before all others
            log.error("a copy failed: %s", type(fault).__qualname__)
            exports.fail(holding, export.export_id)
        finally:
            _leave(holding, export)
    return True


def _leave(holding: psycopg.Connection, export: Export) -> None:
    if not holding.closed:
        exports.leave(holding, export.export_id)


def _make(pool: ConnectionPool, export: Export, now: datetime, kept: timedelta) -> None:
    def tell(step: str, done: int, total: int) -> None:
        with pool.connection() as telling:
            exports.tell(telling, export.export_id, step=step, done=done, total=total)

    with TemporaryFile(prefix="phr-copy-") as file:
        with pool.connection() as conn:
            found = snapshot(conn, export.person_id, tell)
            used = found.consents_used()
            export_files.write(file, found, now.astimezone(JST))
        tell("keep", found.total, found.total)
        file.seek(0)
        with pool.connection() as conn:
            exports.finish(conn, export, file, consents=used, kept=kept)
            audit.note(
                conn,
                actor="worker:jobs",
                role="worker",
                person_id=export.person_id,
                action="read",
                items="export",
                purpose="own",
            )
    log.info("a copy is ready")
