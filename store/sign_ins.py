"""Sign-ins under way: between leaving for the provider and coming back, in the same browser, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import class_row

from store.sessions import digest

TTL = timedelta(minutes=10)
MOST_OF_ONE_SOURCE = 300  # begun and not finished within the time: a whole city hall can lie behind one address


@dataclass(frozen=True, slots=True)
class Begun:
    """What must fit when the browser comes back. ``door``: 'citizen' or 'staff'."""

    door: str
    nonce: str
    verifier: str
    after: str
    again: bool
    started_at: datetime


def crowded(conn: psycopg.Connection, source: str) -> bool:
    """Whether too many from this address have begun and not come back."""
    row = conn.execute("select identity.begun_from(%s, %s)", (source, TTL)).fetchone()
    assert row is not None
    return bool(row[0] >= MOST_OF_ONE_SOURCE)


def begin(
    conn: psycopg.Connection,
    *,
    door: str,
    state: str,
    browser: str,
    nonce: str,
    verifier: str,
    after: str,
    again: bool,
    source: str,
) -> None:
    """Keep what must fit. ``state`` and ``browser`` (a cookie's value) are kept as hashes."""
    conn.execute(
        "insert into identity.sign_ins (state_hash, browser_hash, door, nonce, verifier, after, again, source)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (digest(state), digest(browser), door, nonce, verifier, after, again, source),
    )


def take(conn: psycopg.Connection, door: str, *, state: str, browser: str) -> Begun | None:
    """What was begun under this state in this browser, once; None when nothing was, or too long ago."""
    with conn.cursor(row_factory=class_row(Begun)) as cursor:
        return cursor.execute(
            "select door, nonce, verifier, after, again, started_at from identity.take_sign_in(%s, %s, %s, %s)",
            (digest(state), digest(browser), door, TTL),
        ).fetchone()
