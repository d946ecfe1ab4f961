"""Who looked at or changed what of whom. Append-only: the database refuses changes, and the chain tells of them."""

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
    basis: str = "",
    allowed: bool = True,
    origin: str = "",
) -> None:
    """Write one look, in the caller's transaction. ``items`` names kinds, never values.

    ``basis`` is what it rests on: 'consent:<id>', 'opening:<id>' (an emergency), or "" for one's own data. It waits for
    nobody: the row gets its place in the chain later (``store/sealer.py``).
    """
    conn.execute(
        "insert into audit.fresh (actor, role, person_id, action, items, purpose, basis, allowed, origin)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (actor, role, person_id, action, items, purpose, basis, allowed, origin),
    )
