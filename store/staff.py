"""Staff: 保健師 of a town and their supervisors, and those of facilities that give guidance for a town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from store import accounts, second_factors

_NEW = "name, role, town, facility, facility_name"
_COLUMNS = f"{_NEW}, left_at"


@dataclass(frozen=True, slots=True)
class Staff:
    """One public health nurse; ``town`` (全国地方公共団体コード) is how far she sees. ``role``: nurse, supervisor.

    ``facility`` (10 digits): of its staff, who work for the town; they see who agreed to that facility alone. Who left
    (``left_at``) stays known by name, for who looked at what.
    """

    staff_id: int
    name: str
    role: str
    town: str
    facility: str | None = None
    facility_name: str | None = None
    left_at: datetime | None = None


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
            f"insert into identity.staff ({_NEW}) values (%s, %s, %s, %s, %s) returning staff_id, {_COLUMNS}",  # noqa: S608
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


def end(conn: psycopg.Connection, staff_id: int, ended_by: str) -> bool:
    """They left: every session, account, second factor and emergency of theirs ends now. False when they had before.

    What they looked at and wrote stays under their name. ``ended_by``: 'operator:<name>'.
    """
    gone = conn.execute(
        "update identity.staff set left_at = now(), ended_by = %s where staff_id = %s and left_at is null",
        (ended_by, staff_id),
    )
    if not gone.rowcount:
        return False
    for tie in accounts.of(conn, staff_id=staff_id):
        accounts.unlink(conn, tie.account_id, unlinked_by=ended_by)
    second_factors.forget(conn, staff_id)
    conn.execute(
        "update audit.openings set closed_at = now() where staff_id = %s and closed_at is null and until > now()",
        (staff_id,),
    )
    return True


def listing(conn: psycopg.Connection) -> list[Staff]:
    """All who have not left, in the order they were added."""
    with conn.cursor(row_factory=class_row(Staff)) as cursor:
        return cursor.execute(
            f"select staff_id, {_COLUMNS} from identity.staff where left_at is null order by staff_id"  # noqa: S608
        ).fetchall()


def facilities(conn: psycopg.Connection) -> dict[str, str]:
    """The facilities whose staff give guidance for a town: code (whom consents name) -> name, in the order of names."""
    rows = conn.execute(
        "select facility, min(facility_name) from identity.staff where facility is not null and left_at is null"
        " group by 1 order by 2, 1"
    )
    return dict(rows.fetchall())
