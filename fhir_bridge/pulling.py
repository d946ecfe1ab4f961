"""Pulls what is new from a source: page by page, the cursor in the transaction of what the page became."""

from __future__ import annotations

import logging
from datetime import datetime

import psycopg
from psycopg_pool import ConnectionPool

from fhir_bridge.importing import Report, import_bytes, keep_rejection
from fhir_bridge.source import Page, Source
from store import cursors
from store.model import Rejection

log = logging.getLogger("fhir_bridge")


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


def _fault(source: Source, env: str, pool: ConnectionPool, *, page: Page, now: datetime) -> Report:
    with pool.connection() as conn:
        keep_rejection(conn, Rejection(page.name, "fault", "the import failed; see the worker's log", b"", now))
        cursors.put(conn, f"{_name(source, env)}|{page.place}", page.mark)
    return Report(page.name, refused=((page.name, "fault: the import failed"),))
