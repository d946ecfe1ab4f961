"""What a telephone posted and was told: the same post again gets the same answer, whenever its answer was lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

KEPT = timedelta(days=30)


class OtherPost(Exception):
    """Something else was posted under this key."""


def begin(conn: psycopg.Connection, person_id: int, key: str, digest: bytes) -> Any | None:
    """The answer given to this very post, or None when it is new.

    Holds the key until the transaction ends, so of two posts with one key the later waits for the earlier one's
    answer. Answers older than ``KEPT`` are forgotten. Raises OtherPost.
    """
    conn.execute("select pg_advisory_xact_lock(hashtextextended('post:' || %s || ':' || %s, 0))", (person_id, key))
    conn.execute("delete from health.posts where person_id = %s and posted_at < now() - %s", (person_id, KEPT))
    row = conn.execute(
        "select digest, answer from health.posts where person_id = %s and key = %s", (person_id, key)
    ).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != digest:
        raise OtherPost
    return row[1]


def keep(conn: psycopg.Connection, person_id: int, key: str, digest: bytes, *, answer: Any) -> None:
    """Remember what was answered (JSON, no health value), in the transaction that stores what was posted."""
    conn.execute(
        "insert into health.posts (person_id, key, digest, answer) values (%s, %s, %s, %s)",
        (person_id, key, digest, Jsonb(answer)),
    )
