"""Due work for many people at once; one person whose work fails does not stop everybody's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

import psycopg

from ingest.keeping import a_message_is_guilty
from store import due

Pairs = Sequence[tuple[int, date]]
Do = Callable[[psycopg.Connection, Pairs], object]

log = logging.getLogger("ingest.parting")


def carry_out(conn: psycopg.Connection, work: due.Work, pairs: Pairs, do: Do) -> None:
    """Do it for all these (person, day) pairs, ascending, in the caller's transaction.

    When that fails, and not for a trouble of the database's own (this is raised), each person by themselves; whose
    still fails is parked (``due.park``) and tried again when the worker begins anew.
    """
    if _fault(conn, pairs, do) is None:
        return
    for _, own in groupby(pairs, key=lambda pair: pair[0]):
        marks = list(own)
        fault = _fault(conn, marks, do)
        if fault is not None:
            log.error("what is due of one (%s) can't be done (%s): parked", work, type(fault).__name__)
            due.park(conn, work, marks)


def _fault(conn: psycopg.Connection, pairs: Pairs, do: Do) -> Exception | None:
    try:
        with conn.transaction():
            do(conn, pairs)
    except Exception as fault:
        if not a_message_is_guilty(fault):
            raise
        return fault
    return None
