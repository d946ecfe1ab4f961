"""Who is signed in: 256-bit random tokens, of which the database keeps only the sha256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import ClassVar
from uuid import UUID

import psycopg

TTL = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Citizen:
    """A signed-in citizen: sees own data, nobody else's."""

    role: ClassVar[str] = "citizen"
    person_id: int
    public_id: UUID

    @property
    def actor(self) -> str:
        """How the audit names them."""
        return f"person:{self.public_id}"


@dataclass(frozen=True, slots=True)
class NurseOnDuty:
    """A signed-in 保健師: sees the people of ``town`` (全国地方公共団体コード)."""

    role: ClassVar[str] = "nurse"
    staff_id: int
    name: str
    town: str

    @property
    def actor(self) -> str:
        """How the audit names them."""
        return f"staff:{self.staff_id}"


Who = Citizen | NurseOnDuty


def open(
    conn: psycopg.Connection, *, person_id: int | None = None, staff_id: int | None = None, ttl: timedelta = TTL
) -> str:
    """Start a session of exactly one person or member of staff; gives the token, which is stored nowhere."""
    token = token_urlsafe(32)
    conn.execute(
        "insert into identity.sessions (token_hash, person_id, staff_id, expires_at) values (%s, %s, %s, now() + %s)",
        (_digest(token), person_id, staff_id, ttl),
    )
    return token


def who(conn: psycopg.Connection, token: str) -> Who | None:
    """The holder of this token, or None when it is unknown, closed or expired."""
    row = conn.execute(
        "select person_id, public_id, staff_id, staff.name, staff.town from identity.sessions"
        " left join health.people using (person_id) left join identity.staff using (staff_id)"
        " where token_hash = %s and expires_at > now()",
        (_digest(token),),
    ).fetchone()
    if row is None:
        return None
    person_id, public_id, staff_id, name, town = row
    return Citizen(person_id, public_id) if person_id else NurseOnDuty(staff_id, name, town)


def close(conn: psycopg.Connection, token: str) -> None:
    """Sign out: the token is worthless from now on. Unknown tokens are ignored."""
    conn.execute("delete from identity.sessions where token_hash = %s", (_digest(token),))


def sweep(conn: psycopg.Connection) -> int:
    """Forget expired sessions; gives how many."""
    return conn.execute("delete from identity.sessions where expires_at <= now()").rowcount


def _digest(token: str) -> bytes:
    # A plain hash is enough: 256 random bits can't be guessed, so no salt or slow hash is needed.
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
