"""What the audit holds about one person: who looked at or changed their data, and who was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Look:
    """One row of the audit. ``actor`` is 'person:<public id>', 'staff:<id>' or 'worker:<name>'."""

    at: datetime
    actor: str
    role: str
    action: str
    items: str
    purpose: str
    allowed: bool


def of_person(conn: psycopg.Connection, person_id: int, *, limit: int = 200) -> list[Look]:
    """The newest looks at this person's data, newest first."""
    with conn.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(
            "select at, actor, role, action, items, purpose, allowed from audit.looks"
            " where person_id = %s order by at desc, look_id desc limit %s",
            (person_id, limit),
        ).fetchall()
