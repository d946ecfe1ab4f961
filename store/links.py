"""Tying outside identifiers to people at the counter, with evidence; and ending or undoing that.

Everything here runs as the member of staff who asks (``reaching.begin``): the database lets her serve people of her
town, writes down who it was, and shows her no number. What an undone link brought in leaves by ``store/mending.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import class_row
from psycopg.types.range import Range

from store import crockford, sealing
from store.identifiers import Kind, place

Outcome = Literal["linked", "known", "taken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """``value`` as records write it. ``evidence``: what was seen, in words. ``until``: the first day without it."""

    kind: Kind
    system: str
    value: str
    evidence: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link in force, ended or undone, without its number. ``valid_to``: the first day on which it is over."""

    identifier_id: UUID
    kind: Kind
    system: str
    evidence: str
    noted_by: str
    added_at: datetime
    valid_from: date | None
    valid_to: date | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A number that was shown for one person and is tied to another, until somebody has looked into it."""

    conflict_id: int
    kind: Kind
    evidence: str
    noted_by: str
    noted_at: datetime


def present(conn: psycopg.Connection, public_id: UUID, born: date) -> int | None:
    """The person of her town with this number of ours and this birthday, or None."""
    row = conn.execute("select identity.present(%s, %s)", (public_id, born)).fetchone()
    return row[0] if row else None


def link(conn: psycopg.Connection, person_id: int, new: NewLink) -> Outcome:
    """Tie it; 'taken' when it is somebody else's on one of these days: nothing moves, a conflict is noted."""
    link_id = uuid4()
    row = conn.execute(
        "select identity.link(%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            person_id,
            link_id,
            new.system,
            sealing.hashes(conn, new.system, new.value),
            sealing.seal(conn, new.value, place(person_id, link_id)),
            new.kind,
            new.evidence,
            Range(new.since, new.until),
        ),
    ).fetchone()
    assert row is not None
    outcome: Outcome = row[0]
    return outcome


def tie(conn: psycopg.Connection, person_id: int, code: str, evidence: str) -> bool:
    """Tie the account of the common ID whose holder was shown this code; False when the code is not good."""
    row = conn.execute(
        "select identity.tie(%s, %s, %s)", (person_id, sha256(crockford.meant(code).encode()).digest(), evidence)
    ).fetchone()
    return bool(row and row[0])


def of_person(conn: psycopg.Connection, person_id: int) -> list[Link]:
    """Every link of this person, newest first, ended and undone ones too."""
    with conn.cursor(row_factory=class_row(Link)) as cursor:
        return cursor.execute("select * from identity.links_of(%s)", (person_id,)).fetchall()


def end(conn: psycopg.Connection, link_id: UUID, until: date) -> int | None:
    """From ``until`` on it means them no more; what is dated before still finds them. Whose it is, or None."""
    row = conn.execute("select identity.end_link(%s, %s)", (link_id, until)).fetchone()
    return row[0] if row else None


def undo(conn: psycopg.Connection, link_id: UUID, why: str) -> int | None:
    """It never was theirs: nothing is found by it, and what only it brought is dark from this moment on.

    Returns whose it was, or None when she may not or it is undone already.
    """
    row = conn.execute("select identity.undo_link(%s, %s)", (link_id, why)).fetchone()
    return row[0] if row else None


def conflicts(conn: psycopg.Connection) -> list[Conflict]:
    """Those of her town that nobody has settled, oldest first."""
    with conn.cursor(row_factory=class_row(Conflict)) as cursor:
        return cursor.execute(
            "select conflict_id, kind, evidence, noted_by, noted_at from identity.link_conflicts"
            " where settled_at is null order by conflict_id"
        ).fetchall()


def stays(conn: psycopg.Connection, conflict_id: int, by: str) -> int | None:
    """The number is its holder's, rightly. For whom it had been shown, or None when there is no such conflict."""
    row = conn.execute(
        "update identity.link_conflicts set settled_at = now(), settled_by = %s, outcome = 'stays'"
        " where conflict_id = %s and settled_at is null returning person_id",
        (by, conflict_id),
    ).fetchone()
    return row[0] if row else None


def move(conn: psycopg.Connection, conflict_id: int, evidence: str) -> tuple[int, int] | None:
    """The link was wrong: it is undone, and the number tied to who showed it. (From whom, to whom), or None."""
    row = conn.execute(
        "select person_id, holder_id, identifier_id, system, value, valid from identity.conflicting(%s)",
        (conflict_id,),
    ).fetchone()
    kind = conn.execute("select kind from identity.link_conflicts where conflict_id = %s", (conflict_id,)).fetchone()
    if row is None or kind is None:
        return None
    to, holder, link_id, system, sealed, days = row
    value = sealing.open(conn, sealed, place(holder, link_id))
    if undo(conn, link_id, evidence) is None:
        return None
    new = NewLink(kind=kind[0], system=system, value=value, evidence=evidence, since=days.lower, until=days.upper)
    return (holder, to) if link(conn, to, new) == "linked" else None
