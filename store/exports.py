"""A copy of everything of one person: asked for, made by a worker, fetched, gone after some days.

The file lies here in pieces, each encrypted (AES-256-GCM) with a key of this copy, which is sealed (store/sealing.py).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from os import urandom
from typing import IO, Literal
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import class_row

from store import sealing
from store.sealing import Place

PIECE = 1_000_000  # bytes
ATTEMPTS = 5  # so often a worker may die over one before it counts as failed

_NONCE_BYTES = 12

State = Literal["waiting", "working", "ready", "stopped", "failed", "gone"]
Why = Literal["", "consent", "deletion", "fault", "person", "time"]


@dataclass(frozen=True, slots=True)
class Export:
    """One copy. ``done`` of ``total`` rows are written, now those of ``step``. ``why`` it stopped, failed or went."""

    export_id: UUID
    person_id: int
    state: State
    why: Why
    step: str
    done: int
    total: int
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    bytes: int | None


class Stopped(Exception):
    """The copy is not wanted any more: a consent was withdrawn, the person deletes or has dropped it."""


_BEGIN = """
update identity.exports set attempts = attempts + 1, done = 0, step = '',
       state = case when attempts < %s then 'working' else 'failed' end,
       why = case when attempts < %s then '' else 'fault' end
 where export_id = %s and state in ('waiting', 'working')
returning export_id, person_id, state, why, step, done, total, asked_at, ready_at, expires_at, bytes
"""
_COLUMNS = "export_id, person_id, state, why, step, done, total, asked_at, ready_at, expires_at, bytes"


def ask(conn: psycopg.Connection, person_id: int) -> Export:
    """The copy that is being made of this person, begun now unless one is under way."""
    conn.execute(
        "insert into identity.exports (person_id) values (%s)"
        " on conflict (person_id) where state in ('waiting', 'working') do nothing",
        (person_id,),
    )
    return next(one for one in of_person(conn, person_id) if one.state in ("waiting", "working"))


def of_person(conn: psycopg.Connection, person_id: int) -> list[Export]:
    """Every copy that the person asked for, newest first."""
    with conn.cursor(row_factory=class_row(Export)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identity.exports where person_id = %s order by asked_at desc, export_id",  # noqa: S608
            (person_id,),
        ).fetchall()


def mine(conn: psycopg.Connection, person_id: int, export_id: UUID) -> Export | None:
    """The person's own copy of this id, or None."""
    with conn.cursor(row_factory=class_row(Export)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identity.exports where person_id = %s and export_id = %s",  # noqa: S608
            (person_id, export_id),
        ).fetchone()


def drop(conn: psycopg.Connection, person_id: int, why: Why, *, export_id: UUID | None = None) -> int:
    """Stop what is being made and take away what is ready, all of the person's or this one; returns how many."""
    rows = conn.execute(
        "update identity.exports set state = 'stopped', why = %s, key = null"
        " where person_id = %s and state in ('waiting', 'working', 'ready') and (%s::uuid is null or export_id = %s)"
        " returning export_id",
        (why, person_id, export_id, export_id),
    ).fetchall()
    conn.execute("delete from identity.export_pieces where export_id = any(%s)", ([one for (one,) in rows],))
    return len(rows)


# The worker's side -------------------------------------------------------------------------------------------------


def take(conn: psycopg.Connection) -> Export | None:
    """The next one to make, held by this session until ``leave``; also one over which a worker died.

    Commit at once, so that the person sees it. One that killed its worker too often is failed, not taken.
    """
    found = conn.execute(
        "select export_id from identity.exports where state in ('waiting', 'working') order by asked_at"
    ).fetchall()
    for (export_id,) in found:
        if conn.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (_lock(export_id),)).fetchone() == (
            True,
        ):
            if begun := _begin(conn, export_id):
                return begun
            leave(conn, export_id)
    return None


def _begin(conn: psycopg.Connection, export_id: UUID) -> Export | None:
    conn.execute("delete from identity.export_pieces where export_id = %s", (export_id,))
    with conn.cursor(row_factory=class_row(Export)) as cursor:
        begun = cursor.execute(
            _BEGIN,
            (ATTEMPTS, ATTEMPTS, export_id),
        ).fetchone()
    return begun if begun and begun.state == "working" else None


def leave(conn: psycopg.Connection, export_id: UUID) -> None:
    """Let go of one that was taken."""
    conn.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (_lock(export_id),))


def _lock(export_id: UUID) -> str:
    return f"export:{export_id}"


def tell(conn: psycopg.Connection, export_id: UUID, *, step: str, done: int, total: int) -> None:
    """How far it is. Raises Stopped when it shall not go on."""
    changed = conn.execute(
        "update identity.exports set step = %s, done = %s, total = %s where export_id = %s and state = 'working'",
        (step, done, total, export_id),
    )
    if not changed.rowcount:
        raise Stopped


def finish(
    conn: psycopg.Connection, export: Export, file: IO[bytes], *, consents: Iterable[int], kept: timedelta
) -> None:
    """Keep the file, in one transaction. Raises Stopped when a consent that it rests on has ended meanwhile."""
    held = conn.execute(
        "select from identity.exports where export_id = %s and state = 'working' for update", (export.export_id,)
    ).fetchone()
    wanted = sorted(set(consents))
    if held is None or not _in_force(conn, wanted):
        raise Stopped
    key, size = AESGCM.generate_key(256), 0
    for number, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
        size += len(piece)
        nonce = urandom(_NONCE_BYTES)
        content = nonce + AESGCM(key).encrypt(nonce, piece, _bound(export.export_id, number))
        conn.execute(
            "insert into identity.export_pieces (export_id, number, person_id, content) values (%s, %s, %s, %s)",
            (export.export_id, number, export.person_id, content),
        )
    conn.execute(
        "update identity.exports set state = 'ready', step = '', done = total, ready_at = now(),"
        " expires_at = now() + %s, bytes = %s, consents = %s, key = %s where export_id = %s",
        (kept, size, wanted, sealing.seal(conn, b64encode(key).decode(), _place(export.export_id)), export.export_id),
    )


def fail(conn: psycopg.Connection, export_id: UUID) -> None:
    """It can't be made: the person is told so and may ask again."""
    conn.execute(
        "update identity.exports set state = 'failed', why = 'fault' where export_id = %s and state = 'working'",
        (export_id,),
    )


def pieces(conn: psycopg.Connection, person_id: int, export_id: UUID) -> Iterator[bytes] | None:
    """The file of the person's own copy, piece by piece; None when it is not ready or may not be seen now."""
    row = conn.execute(
        "select key, consents from identity.exports where person_id = %s and export_id = %s and state = 'ready'"
        " and expires_at > now() for update",
        (person_id, export_id),
    ).fetchone()
    if row is None or not _in_force(conn, row[1]):
        return None
    conn.execute("update identity.exports set fetched_at = now() where export_id = %s", (export_id,))
    return _opened(conn, export_id, b64decode(sealing.open(conn, row[0], _place(export_id))))


def _opened(conn: psycopg.Connection, export_id: UUID, key: bytes) -> Iterator[bytes]:
    one, number = AESGCM(key), 0
    find = "select content from identity.export_pieces where export_id = %s and number = %s"
    while (row := conn.execute(find, (export_id, number)).fetchone()) is not None:
        yield one.decrypt(row[0][:_NONCE_BYTES], row[0][_NONCE_BYTES:], _bound(export_id, number))
        number += 1


def sweep(conn: psycopg.Connection) -> int:
    """Take away files whose time is over, or of which a consent has run out; returns how many."""
    gone = conn.execute(
        "update identity.exports as e set key = null,"
        " state = case when expires_at <= now() then 'gone' else 'stopped' end,"
        " why = case when expires_at <= now() then 'time' else 'consent' end"
        " where state = 'ready' and (expires_at <= now() or exists (select from health.consents as c"
        " where c.consent_id = any(e.consents) and (c.withdrawn_at <= now() or not c.valid @> now())))"
        " returning export_id"
    ).fetchall()
    conn.execute("delete from identity.export_pieces where export_id = any(%s)", ([one for (one,) in gone],))
    return len(gone)


def _in_force(conn: psycopg.Connection, consents: Iterable[int]) -> bool:
    row = conn.execute(
        "select bool_and(valid @> now() and (withdrawn_at is null or withdrawn_at > now())) from health.consents"
        " where consent_id = any(%s)",
        (list(consents),),
    ).fetchone()
    return row is None or row[0] is not False


def _place(export_id: UUID) -> Place:
    return Place("identity.exports.key", str(export_id))


def _bound(export_id: UUID, number: int) -> bytes:
    return f"{export_id}/{number}".encode()
