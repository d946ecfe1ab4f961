"""Staff of the city: 保健師 and their supervisors, each for one town."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Staff:
    """One public health nurse; ``town`` (全国地方公共団体コード) is how far she sees. ``role``: nurse, supervisor."""

    staff_id: int
    name: str
    role: str
    town: str


def add(conn: psycopg.Connection, *, name: str, town: str = "062049", role: str = "nurse") -> Staff:
    """A new public health nurse, or (``supervisor``) one who sees to the others' emergencies too."""
    with conn.cursor(row_factory=class_row(Staff)) as cursor:
        added = cursor.execute(
            "insert into identity.staff (name, role, town) values (%s, %s, %s) returning staff_id, name, role, town",
            (name, role, town),
        ).fetchone()
    assert added is not None
    return added


def by_id(conn: psycopg.Connection, staff_id: int) -> Staff | None:
    """The member of staff with this id, or None."""
    with conn.cursor(row_factory=class_row(Staff)) as cursor:
        return cursor.execute(
            "select staff_id, name, role, town from identity.staff where staff_id = %s", (staff_id,)
        ).fetchone()


def listing(conn: psycopg.Connection) -> list[Staff]:
    """All staff, in the order they were added."""
    with conn.cursor(row_factory=class_row(Staff)) as cursor:
        return cursor.execute("select staff_id, name, role, town from identity.staff order by staff_id").fetchall()
