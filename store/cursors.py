"""How far a record source has been read. The cursor commits in the transaction of the data it stands for."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.json import Jsonb


def get(conn: psycopg.Connection, name: str) -> Any:
    """The JSON value last put under ``name``, or None. Holds the row: a second reader waits for the first."""
    row = conn.execute("select value from health.cursors where name = %s for update", (name,)).fetchone()
    return row[0] if row else None


def put(conn: psycopg.Connection, name: str, value: Any) -> None:
    """Remember ``value`` (anything JSON) under ``name``."""
    conn.execute(
        "insert into health.cursors (name, value) values (%s, %s)"
        " on conflict (name) do update set value = excluded.value, updated_at = now()",
        (name, Jsonb(value)),
    )
