"""Who looked at or changed what of whom. Append-only: the database refuses changes, and the chain tells of them."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

_COLUMNS = "actor, role, person_id, action, items, purpose, basis, allowed, origin"
_NOTE = f"insert into audit.fresh ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
_NOTE_LAZILY = f"""
    with lazily as materialized (select set_config('synchronous_commit', 'off', true))
    insert into audit.fresh ({_COLUMNS})
    select %s, %s, %s::bigint, %s, %s, %s, %s, %s::boolean, %s from lazily
"""  # noqa: S608 - column names of our own


def note(  # noqa: PLR0913 - the columns of one row, each by its name
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
    waits: bool = True,
) -> None:
    """Write one look, in the caller's transaction. ``items`` names kinds, never values.

    ``basis`` is what it rests on: 'consent:<id>', 'opening:<id>' (an emergency), or "" for one's own data. It waits for
    no other writer: the row gets its place in the chain later (``store/sealer.py``). ``waits`` False, for transactions
    that write nothing but looks: the commit does not wait for the disk either (docs/audit.md says what that risks).
    """
    conn.execute(
        _NOTE if waits else _NOTE_LAZILY,
        (actor, role, person_id, action, items, purpose, basis, allowed, origin),
    )


def note_all(
    conn: psycopg.Connection,
    bases: Mapping[int | None, str],
    *,
    actor: str,
    role: str,
    items: str,
    purpose: str,
    origin: str = "",
) -> None:
    """The same was read of each of these people, with what it rests on; None: of nobody. One statement for all."""
    conn.execute(
        f"insert into audit.fresh ({_COLUMNS})"  # noqa: S608 - column names of our own
        " select %s, %s, person, 'read', %s, %s, basis, true, %s"
        "   from unnest(%s::bigint[], %s::text[]) as looked_at (person, basis)",
        (actor, role, items, purpose, origin, list(bases), list(bases.values())),
    )
