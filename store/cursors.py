"""How far something has been read. A cursor commits in the transaction of the data it stands for.

A record source may keep one value (the server's own "changes since") or one a place (each file of a folder), under
the names ``source|place``.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.json import Jsonb


def get(conn: psycopg.Connection, name: str) -> Any:
    """The JSON value last put under ``name``, or None. Holds the row: a second reader waits for the first."""
    row = conn.execute("select value from health.cursors where name = %s for update", (name,)).fetchone()
    return row[0] if row else None


def of_source(conn: psycopg.Connection, source: str) -> dict[str, Any]:
    """Everything remembered of a source: place -> JSON value."""
    rows = conn.execute(
        "select substr(name, length(%(start)s) + 1), value from health.cursors where starts_with(name, %(start)s)",
        {"start": f"{source}|"},
    )
    return dict(rows.fetchall())


def put(conn: psycopg.Connection, name: str, value: Any) -> None:
    """Remember ``value`` (anything JSON) under ``name``."""
    conn.execute(
        "insert into health.cursors (name, value) values (%s, %s)"
        " on conflict (name) do update set value = excluded.value, updated_at = now()",
        (name, Jsonb(value)),
    )


def forget(conn: psycopg.Connection, start: str, *, marked: str = "") -> int:
    """Forget everything whose name begins with ``start``, so that it is read once more; returns how many.

    ``marked``: only what stands under ``marked + name`` as well, and that with it.
    """
    gone = conn.execute(
        "delete from health.cursors as c where starts_with(name, %(start)s) and (%(marked)s = ''"
        " or exists (select from health.cursors as m where m.name = %(marked)s || c.name))",
        {"start": start, "marked": marked},
    ).rowcount
    if marked:
        conn.execute("delete from health.cursors where starts_with(name, %s)", (marked + start,))
    return gone
