"""Tokens of a person's telephone app: connected by a one-time code, kept alive by refresh tokens good once each.

An access token is a session of 15 minutes. A refresh token that comes a second time was stolen, or its thief's came
first: the whole app is out (RFC 9700, OAuth 2.0 Security Best Current Practice, 2025, section 4.14.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

import psycopg
from psycopg import sql

from store import crockford, reaching, sessions

CODE_TTL = timedelta(minutes=10)
ACCESS_TTL = timedelta(minutes=15)
REFRESH_TTL = timedelta(days=60)
_CHARACTERS = 16  # of 5 bits each


class Reused(Exception):
    """A refresh token came a second time; its app has been disconnected in the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Code:
    """``text`` is shown once, in groups of four, and stored nowhere."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an app holds; ``person_id`` is whose it is."""

    access: str
    refresh: str
    person_id: int


def offer(conn: psycopg.Connection, person_id: int) -> Code:
    """A code that connects one app to this person. What was offered before and not used is void."""
    conn.execute("delete from identity.app_codes where person_id = %s", (person_id,))
    plain = crockford.text(_CHARACTERS)
    row = conn.execute(
        "insert into identity.app_codes (code_hash, person_id, expires_at) values (%s, %s, now() + %s)"
        " returning expires_at",
        (sha256(plain.encode()).digest(), person_id, CODE_TTL),
    ).fetchone()
    assert row is not None
    return Code(crockford.grouped(plain), row[0])


def connect(conn: psycopg.Connection, typed: str, device: str) -> Tokens | None:
    """The first tokens of an app that shows this code, which is used up; None when it is not good."""
    person_id = _holder(conn, "use_app_code", sha256(crockford.meant(typed).encode()).digest())
    if person_id is None:
        return None
    made = conn.execute(
        "insert into identity.apps (person_id, device) values (%s, %s) returning app_id", (person_id, device)
    ).fetchone()
    assert made is not None
    return _issue(conn, made[0], person_id)


def refresh(conn: psycopg.Connection, token: str) -> Tokens | None:
    """New tokens for this refresh token, which is used up; None when it is not good. Raises Reused."""
    digest = sessions.digest(token)
    person_id = _holder(conn, "app_of", digest)
    if person_id is None:
        return None
    row = conn.execute(
        "update identity.refresh_tokens set used_at = now()"
        " where token_hash = %s and used_at is null and expires_at > now() returning app_id",
        (digest,),
    ).fetchone()
    if row is None:
        _end_if_used(conn, digest)
        return None
    conn.execute("update identity.apps set used_at = now() where app_id = %s", row)
    return _issue(conn, row[0], person_id)


def app_of(conn: psycopg.Connection, session_id: UUID) -> UUID | None:
    """The app whose access token this session is; None for a browser's."""
    row = conn.execute("select app_id from identity.sessions where session_id = %s", (session_id,)).fetchone()
    return row[0] if row else None


def revoke(conn: psycopg.Connection, token: str) -> int | None:
    """Disconnect the app of this refresh token, used or not; gives whose it was."""
    digest = sessions.digest(token)
    person_id = _holder(conn, "app_of", digest)
    conn.execute(
        "delete from identity.apps where app_id = (select app_id from identity.refresh_tokens where token_hash = %s)",
        (digest,),
    )
    return person_id


def _holder(conn: psycopg.Connection, known_by: str, digest: bytes) -> int | None:
    """Whose code or token this is. It speaks for them from now on: their apps are within its reach."""
    row = conn.execute(sql.SQL("select identity.{}(%s)").format(sql.Identifier(known_by)), (digest,)).fetchone()
    if row is None or row[0] is None:
        return None
    reaching.hold(conn, row[0])
    return int(row[0])


def _end_if_used(conn: psycopg.Connection, digest: bytes) -> None:
    ended = conn.execute(
        "delete from identity.apps where app_id ="
        " (select app_id from identity.refresh_tokens where token_hash = %s and used_at is not null)",
        (digest,),
    )
    if ended.rowcount:
        raise Reused


def _issue(conn: psycopg.Connection, app_id: UUID, person_id: int) -> Tokens:
    fresh = token_urlsafe(32)
    conn.execute(
        "insert into identity.refresh_tokens (token_hash, app_id, expires_at) values (%s, %s, now() + %s)",
        (sessions.digest(fresh), app_id, REFRESH_TTL),
    )
    # never fresh: what needs a fresh sign-in is done in a browser
    access = sessions.open(conn, person_id=person_id, app_id=app_id, ttl=ACCESS_TTL, proved=None)
    return Tokens(access, fresh, person_id)
