"""One-time codes with which a person invites somebody to act for them: 80 random bits, good for seven days.

Only the sha256 is kept, as of a gateway's code (``store/gateway_codes.py``). Whoever holds the code still has to
sign in as themselves, and is shown who invites them to what before they accept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store import crockford, people
from store.entitlements import May

TTL = timedelta(days=7)
_CHARACTERS = 16  # of 5 bits each


@dataclass(frozen=True, slots=True)
class Code:
    """``text`` is shown once, in groups of four, and stored nowhere."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """An invitation that nobody has accepted yet, as its host sees it."""

    relation: str
    scope: list[May]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a code invites to. ``name``: of the host; ``relation``: what the guest is to them; ``valid_to`` None: until
    one of the two ends it."""

    person_id: int
    public_id: UUID
    name: str
    relation: str
    scope: list[May]
    valid_to: datetime | None


def invite(
    conn: psycopg.Connection, person_id: int, *, relation: str, scope: Sequence[May], valid_to: datetime | None
) -> Code:
    """A new code. What this person asked for before and nobody accepted is void."""
    withdraw(conn, person_id)
    plain = crockford.text(_CHARACTERS)
    row = conn.execute(
        "insert into health.invitations (code_hash, person_id, relation, scope, valid_to, expires_at)"
        " values (%s, %s, %s, %s, %s, now() + %s) returning expires_at",
        (_digest(plain), person_id, relation, list(scope), valid_to, TTL),
    ).fetchone()
    assert row is not None
    return Code(crockford.grouped(plain), row[0])


def withdraw(conn: psycopg.Connection, person_id: int) -> int:
    """Nobody can accept any more what this person offered; gives how many codes are void."""
    return conn.execute(
        "delete from health.invitations where person_id = %s and used_at is null", (person_id,)
    ).rowcount


def of_person(conn: psycopg.Connection, person_id: int) -> Open | None:
    """The invitation that is open, or None."""
    with conn.cursor(row_factory=class_row(Open)) as cursor:
        return cursor.execute(
            "select relation, scope, expires_at from health.invitations"
            " where person_id = %s and used_at is null and expires_at > now()",
            (person_id,),
        ).fetchone()


def read(conn: psycopg.Connection, typed: str, *, guest_id: int) -> Invitation | None:
    """What this code offers the guest. None for a code that is wrong, used, expired, or the guest's own."""
    row = conn.execute("select * from health.invited(%s, %s)", (_digest(crockford.meant(typed)), guest_id)).fetchone()
    if row is None:
        return None
    person_id, public_id, sealed, *offered = row
    return Invitation(person_id, public_id, people.opened_name(conn, person_id, sealed), *offered)


def accept(conn: psycopg.Connection, typed: str, *, guest_id: int) -> int | None:
    """The guest may from now on do what the code offers: the entitlement's id. None as in ``read``."""
    row = conn.execute(
        "select health.accept_invitation(%s, %s)", (_digest(crockford.meant(typed)), guest_id)
    ).fetchone()
    return row[0] if row else None


def _digest(plain: str) -> bytes:
    return sha256(plain.encode()).digest()
