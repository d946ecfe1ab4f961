"""Emergencies: a 保健師 opens the data of a person of her town who has not agreed, for a short time and with a reason.

法 69条2項 allows a public body to use what it holds beyond its purpose where that is plainly good for the person or
there is a particular reason [to be confirmed by the city's legal section]. Each opening is audited, told to the person,
and shown to her supervisors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Literal
from unicodedata import normalize
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store import sealing
from store.sealing import Place

Ground = Literal["life", "disaster", "safety"]


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening. ``ground``: danger to life or body, disaster, nobody knows whether they are well."""

    opening_id: int
    staff_id: int
    person_id: int
    public_id: UUID | None
    ground: Ground
    opened_at: datetime
    until: datetime
    closed_at: datetime | None

    def open(self, at: datetime) -> bool:
        """Whether it lets her in at this moment."""
        return at < (self.closed_at or self.until)


@dataclass(frozen=True, slots=True)
class Reported:
    """An opening as her supervisors see it: with her name and her reason, without the person's.

    ``told``: of one beyond the day's usual number, which supervisor she says she told.
    """

    opening_id: int
    staff_name: str
    ground: Ground
    reason: str
    opened_at: datetime
    until: datetime
    closed_at: datetime | None
    told: str | None


_DAY = timedelta(days=1)
_SELECT = f"""
    select {", ".join(item.name for item in fields(Opening))}
      from audit.openings left join health.people using (person_id)
"""  # noqa: S608 - column names of our own dataclass


def find(conn: psycopg.Connection, *, town: str, born: date, name: str) -> list[tuple[int, UUID]]:
    """People of this town with this birth date and this name or its kana, however it is spaced."""
    wanted, found = _bare(name), []
    rows = conn.execute("select person_id, public_id, name, kana from audit.born(%s, %s)", (town, born)).fetchall()
    for person_id, public_id, *sealed in rows:
        known = {
            _bare(sealing.open(conn, text, Place(f"identity.persons.{column}", str(person_id))))
            for column, text in zip(("name", "kana"), sealed, strict=True)
            if text is not None
        }
        if wanted and wanted in known:
            found.append((person_id, public_id))
    return found


def add(
    conn: psycopg.Connection,
    *,
    staff_id: int,
    person_id: int,
    town: str,
    ground: Ground,
    reason: str,
    lasts: timedelta,
    told: str | None = None,
) -> None:
    """Let this 保健師 in from now on, for at most 24 hours. The person is told by push as soon as that works.

    ``told``: beyond the day's usual number, which supervisor she told.
    """
    conn.execute(
        "insert into audit.openings (staff_id, person_id, town, ground, reason, told, until)"
        " values (%s, %s, %s, %s, %s, %s, now() + %s)",
        (staff_id, person_id, town, ground, reason, told, lasts),
    )


def begun(conn: psycopg.Connection, staff_id: int) -> int:
    """How many this 保健師 opened within 24 hours, closed ones too. Until the transaction ends she opens no other."""
    conn.execute("select pg_advisory_xact_lock(hashtext('audit.openings'), %s)", (staff_id,))
    row = conn.execute(
        "select count(*) from audit.openings where staff_id = %s and opened_at > clock_timestamp() - %s",
        (staff_id, _DAY),
    ).fetchone()
    return int(row[0]) if row else 0


def beyond(conn: psycopg.Connection, town: str) -> int:
    """How many of this town's within 24 hours were beyond a day's usual number."""
    row = conn.execute(
        "select count(*) from audit.openings where town = %s and told is not null"
        " and opened_at > clock_timestamp() - %s",
        (town, _DAY),
    ).fetchone()
    return int(row[0]) if row else 0


def in_force(conn: psycopg.Connection, staff_id: int, person_id: int) -> int | None:
    """The id of an opening that lets this 保健師 see this person now, or None."""
    row = conn.execute("select audit.opened(%s, %s, clock_timestamp())", (staff_id, person_id)).fetchone()
    return row[0] if row else None


def close(conn: psycopg.Connection, staff_id: int, opening_id: int) -> int | None:
    """She no longer needs it; whose it was, or None when it is not hers or has ended."""
    row = conn.execute(
        "update audit.openings set closed_at = now() where opening_id = %s and staff_id = %s"
        " and closed_at is null and until > now() returning person_id",
        (opening_id, staff_id),
    ).fetchone()
    return row[0] if row else None


def of_staff(conn: psycopg.Connection, staff_id: int) -> list[Opening]:
    """Those that let her in now, the newest first."""
    return _select(
        conn, "staff_id = %s and until > now() and closed_at is null order by opened_at desc limit 100", [staff_id]
    )


def of_person(conn: psycopg.Connection, person_id: int, since: datetime) -> list[Opening]:
    """Those of one person since a moment, the newest first."""
    return _select(conn, "person_id = %s and opened_at >= %s order by opened_at desc limit 20", [person_id, since])


def of_town(conn: psycopg.Connection, town: str, since: datetime) -> list[Reported]:
    """Those of a town since a moment, open ones first, then the newest."""
    with conn.cursor(row_factory=class_row(Reported)) as cursor:
        return cursor.execute(
            "select opening_id, staff.name as staff_name, ground, reason, opened_at, until, closed_at, told"
            "  from audit.openings join identity.staff using (staff_id)"
            " where openings.town = %s and opened_at >= %s"
            " order by (closed_at is null and until > now()) desc, opened_at desc limit 500",
            (town, since),
        ).fetchall()


def untold(conn: psycopg.Connection, since: datetime) -> list[tuple[int, int]]:
    """(Opening, person) of those since this moment that no delivery tells of yet."""
    return conn.execute(
        "select opening_id, person_id from audit.openings where opened_at >= %s and not exists"
        " (select from health.deliveries where deliveries.opening_id = openings.opening_id)",
        (since,),
    ).fetchall()


def _select(conn: psycopg.Connection, where: str, given: Sequence[object]) -> list[Opening]:
    with conn.cursor(row_factory=class_row(Opening)) as cursor:
        cursor.execute(f"{_SELECT} where {where}".encode(), given)
        return cursor.fetchall()


def _bare(name: str) -> str:
    """A name without its spaces; hiragana as katakana."""
    letters = "".join(normalize("NFKC", name).split())
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in letters)
