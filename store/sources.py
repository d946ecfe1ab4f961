"""Where numbers come from, as the citizen reads it: 体重計(居間), ○○病院, 手入力."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg


def labels(conn: psycopg.Connection, source_ids: Iterable[int]) -> dict[int, str]:
    """The label of each of these sources."""
    rows = conn.execute(
        "select source_id, label from health.sources where source_id = any(%s)", (sorted(set(source_ids)),)
    )
    return dict(rows.fetchall())


def typed_by(conn: psycopg.Connection, person_id: int) -> int:
    """The source of what this person types in, made on first use: one a person, so the same entry is one row."""
    code = f"manual:{person_id}"
    conn.execute(
        "insert into health.sources (kind, label, code) values ('manual', '手入力', %s) on conflict (code) do nothing",
        (code,),
    )
    row = conn.execute("select source_id from health.sources where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])
