"""What a person asks a facility to put right in a record. We change nothing: the facility sends it anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store import sealing
from store.sealing import Place


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """``words`` are the person's own, ``answer`` the facility's; ``passed_on_at``: staff told the facility.

    ``record_id`` None: the record turned out to be somebody else's.
    """

    request_id: int
    record_id: int | None
    facility: str
    words: str
    asked_at: datetime
    passed_on_at: datetime | None
    answered_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that no facility has answered yet, as the desk of the person's town needs it to tell the facility.

    ``at`` and ``title``: of the record; None when it is gone.
    """

    request_id: int
    person_id: int
    public_id: UUID
    facility: str
    title: str | None
    at: datetime | None
    words: str
    asked_at: datetime
    passed_on_at: datetime | None
    name: str


_COLUMNS = "request_id, record_id, facility, words, asked_at, passed_on_at, answered_at, answer"


def ask(conn: psycopg.Connection, person_id: int, record_id: int, words: str) -> CorrectionRequest | None:
    """Write the request down; None when the person has no such record that may be seen now. The same again is one."""
    conn.execute(
        "insert into health.correction_requests (person_id, record_id, facility, words)"
        " select person_id, record_id, facility, %(words)s from health.shown_records"
        " where person_id = %(person)s and record_id = %(record)s and not exists ("
        "select from health.correction_requests where person_id = %(person)s and record_id = %(record)s"
        " and words = %(words)s and answered_at is null)",
        {"person": person_id, "record": record_id, "words": words},
    )
    return next((one for one in of_person(conn, person_id) if (one.record_id, one.words) == (record_id, words)), None)


def of_person(conn: psycopg.Connection, person_id: int) -> list[CorrectionRequest]:
    """The person's requests, newest first."""
    with conn.cursor(row_factory=class_row(CorrectionRequest)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.correction_requests where person_id = %s order by request_id desc",  # noqa: S608
            (person_id,),
        ).fetchall()


def waiting(conn: psycopg.Connection) -> list[CorrectionRequest]:
    """What staff has not told the facility yet, oldest first."""
    with conn.cursor(row_factory=class_row(CorrectionRequest)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.correction_requests where passed_on_at is null order by request_id"  # noqa: S608
        ).fetchall()


def passed_on(conn: psycopg.Connection, request_id: int) -> bool:
    """Staff has told the facility; False when that was so before, or there is no such request."""
    changed = conn.execute(
        "update health.correction_requests set passed_on_at = now() where request_id = %s and passed_on_at is null",
        (request_id,),
    )
    return bool(changed.rowcount)


def answered(conn: psycopg.Connection, request_id: int, answer: str) -> bool:
    """The facility has answered; False when there is no such request."""
    changed = conn.execute(
        "update health.correction_requests set answered_at = now(), answer = %s,"
        " passed_on_at = coalesce(passed_on_at, now()) where request_id = %s",
        (answer, request_id),
    )
    return bool(changed.rowcount)


def of_the_desk(conn: psycopg.Connection) -> list[Waiting]:
    """Those of the town whose 保健師 asks, oldest first."""
    rows = conn.execute("select * from health.correction_desk()").fetchall()
    return [Waiting(*(*row[:9], _name(conn, row[1], row[9]))) for row in rows]


def _name(conn: psycopg.Connection, person_id: int, sealed: bytes | None) -> str:
    return sealing.open(conn, sealed, Place("identity.persons.name", str(person_id))) if sealed else ""


def step(conn: psycopg.Connection, request_id: int, answer: str | None) -> int | None:
    """The 保健師 who asks told the facility (None), or writes down its answer. Whose request it is; None: not one of
    her town that waits for this."""
    row = conn.execute("select health.correction_step(%s, %s)", (request_id, answer)).fetchone()
    return row[0] if row else None
