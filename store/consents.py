"""Consents: who agreed to what, for whom, until when. One question, asked by every door."""

from __future__ import annotations

from datetime import datetime

import psycopg


def in_force(
    conn: psycopg.Connection, person_id: int, *, purpose: str, recipient: str, item: str, at: datetime
) -> int | None:
    """The id of a consent that allows this at this moment, or None. Deny by default."""
    row = conn.execute(
        "select health.consent_in_force(%s, %s, %s, %s, %s)", (person_id, purpose, recipient, item, at)
    ).fetchone()
    return row[0] if row else None
