"""Staff: 保健師 of a town and their supervisors, and those of facilities that give guidance for a town."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

_COLUMNS = "name, role, town, facility, facility_name"


@dataclass(frozen=True, slots=True)
class Staff:
    """One public health nurse; ``town`` (全国地方公共団体コード) is how far she sees. ``role``: nurse, supervisor.

    ``facility`` (10 digits): of its staff, who work for the town; they see who agreed to that facility alone.
    """

    staff_id: int
    name: str
    role: str
    town: str
    facility: str | None = None
    facility_name: str | None = None


def add(
    conn: psycopg.Connection,
    *,
    name: str,
    town: str = "062049",
    role: str = "nurse",
    facility: tuple[str, str] | None = None,
) -> Staff:
    """A new public health nurse, or (``supervisor``) one who sees to the others' emergencies too.

    ``facility``: its code and its name. Raises CheckViolation for a code that has not 10 digits, and for a supervisor
    of a facility.
    """
    with conn.cursor(row_factory=class_row(Staff)) as cursor:
        added = cursor.execute(
            f"insert into identity.staff ({_COLUMNS}) values (%s, %s, %s, %s, %s) returning staff_id, {_COLUMNS}",  # noqa: S608
            (name, role, town, *(facility or (None, None))),
        ).fetchone()
    assert added is not None
    return added


def by_id(conn: psycopg.Connection, staff_id: int) -> Staff | None:
    """The member of staff with this id, or None."""
    with conn.cursor(row_factory=class_row(Staff)) as cursor:
        return cursor.execute(
            f"select staff_id, {_COLUMNS} from identity.staff where staff_id = %s",  # noqa: S608
            (staff_id,),
        ).fetchone()


def listing(conn: psycopg.Connection) -> list[Staff]:
    """All staff, in the order they were added."""
    with conn.cursor(row_factory=class_row(Staff)) as cursor:
        return cursor.execute(
            f"select staff_id, {_COLUMNS} from identity.staff order by staff_id"  # noqa: S608 - names of our own
        ).fetchall()


def facilities(conn: psycopg.Connection) -> dict[str, str]:
    """The facilities that give guidance for a town: code (whom consents name) -> name, in the order of names."""
    rows = conn.execute(
        "select facility, min(facility_name) from identity.staff where facility is not null group by 1 order by 2, 1"
    )
    return dict(rows.fetchall())
