"""Pulls what is new from a source: page by page, the cursor in the transaction of what the page became."""

from __future__ import annotations

import logging
from datetime import datetime

import psycopg
from psycopg_pool import ConnectionPool

from fhir_bridge.importing import Report, import_bytes, keep_rejection
from fhir_bridge.source import Page, Source
from store import cursors, registry
from store.model import Rejection

log = logging.getLogger("fhir_bridge")

_NOBODY = "nobody:"  # before the name of a place: its file found no person
# Links that nobody has taken up yet: whether the number was somebody else's by mistake.
_TAKE_UP = """
    update identity.identifiers as link set taken_up_at = now() where taken_up_at is null and undone_at is null
    returning exists (select from identity.identifiers as wrong where wrong.system = link.system
                         and wrong.value_hash = link.value_hash and wrong.undone_at is not null)
"""


def pull(source: Source, env: str, pool: ConnectionPool, now: datetime) -> list[Report]:
    """Import every new page of ``source`` at ``env``; what one page holds never blocks the next.

    A database that can't be reached ends the round: nothing of that page is remembered, the next round takes it again.
    """
    with pool.connection() as conn:
        cursor = cursors.of_source(conn, _name(source, env))
    return [_take(source, env, pool, page=page, now=now) for page in source.pages(env, cursor)]


def _name(source: Source, env: str) -> str:
    return f"{source.id}:{env}"


def _take(source: Source, env: str, pool: ConnectionPool, *, page: Page, now: datetime) -> Report:
    try:
        with pool.connection() as conn:
            report = _import(conn, page, now)
            cursors.put(conn, f"{_name(source, env)}|{page.place}", page.mark)
            _remember(conn, f"{_name(source, env)}|{page.place}", report)
    except psycopg.OperationalError:
        raise
    except Exception as fault:
        # a fault of ours in one file must not hold up the others: the file is kept for whoever mends it
        log.error("a file could not be imported: %s", type(fault).__name__)  # its message may hold data
        report = _fault(source, env, pool, page=page, now=now)
    log.info(
        "file taken: person %s, %d records, %d unchanged, %d refused",
        "found" if report.person_found else "not found",
        report.records,
        report.unchanged,
        len(report.refused),
    )
    return report


def _import(conn: psycopg.Connection, page: Page, now: datetime) -> Report:
    if page.fault is None:
        return import_bytes(conn, page.raw, page.name, now)
    keep_rejection(conn, Rejection(page.name, page.fault.reason, page.fault.detail, b"", now))
    return Report(page.name, refused=((page.name, str(page.fault)),))


def _remember(conn: psycopg.Connection, place: str, report: Report) -> None:
    """Of a file that found nobody, that it did; of others nothing."""
    if report.person_found:
        cursors.forget(conn, f"{_NOBODY}{place}")
    else:
        cursors.put(conn, f"{_NOBODY}{place}", "")


def look_again(conn: psycopg.Connection) -> int:
    """After a new link of an identifier: take the files that found nobody once more; returns how many.

    A link whose number was another's by mistake has all files taken once more: what had to go with the mistake is
    among them. The same file again changes nothing.
    """
    new = conn.execute(_TAKE_UP).fetchall()
    if not new:
        return 0
    starts = [f"{source.id}:" for source in registry.load("fhir_bridge.sources", "SOURCE")]
    if any(mistaken for (mistaken,) in new):
        return sum(cursors.forget(conn, start) for start in starts)
    return sum(cursors.forget(conn, start, marked=_NOBODY) for start in starts)


def _fault(source: Source, env: str, pool: ConnectionPool, *, page: Page, now: datetime) -> Report:
    with pool.connection() as conn:
        keep_rejection(conn, Rejection(page.name, "fault", "the import failed; see the worker's log", b"", now))
        cursors.put(conn, f"{_name(source, env)}|{page.place}", page.mark)
    return Report(page.name, refused=((page.name, "fault: the import failed"),))
