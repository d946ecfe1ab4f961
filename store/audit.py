"""Who looked at or changed what of whom. Append-only: the database refuses changes."""

from __future__ import annotations

import psycopg


def note(
    conn: psycopg.Connection,
    *,
    actor: str,
    role: str,
    person_id: int | None,
    action: str,
    items: str,
    purpose: str,
    allowed: bool = True,
    origin: str = "",
) -> None:
    """Write one look, in the caller's transaction. ``items`` names kinds, never values."""
    conn.execute(
        "insert into audit.looks (actor, role, person_id, action, items, purpose, allowed, origin)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (actor, role, person_id, action, items, purpose, allowed, origin),
    )
