"""Who is signed in: 256-bit random tokens, of which the database keeps only the sha256.

A session belongs to a browser, to a person's telephone app (its access token) or to a program (a clinic's, an
operator's). It ends at its own time, after a time without use, or when its holder ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import ClassVar
from uuid import UUID

import psycopg
from psycopg.rows import class_row

TTL = timedelta(hours=12)
IDLE = timedelta(hours=2)
STAFF_IDLE = timedelta(minutes=30)  # a screen left alone in an office shows others' data
JUST_NOW = timedelta()


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
    """A signed-in 保健師: sees the people of ``town`` (全国地方公共団体コード).

    ``facility``: the code of one that gives guidance for the town; its staff see who agreed to that facility, nobody
    else. ``supervises``: she also sees which emergencies her colleagues of the town opened (``store/openings.py``).
    """

    role: ClassVar[str] = "nurse"
    staff_id: int
    name: str
    town: str
    supervises: bool = False
    facility: str | None = None

    @property
    def actor(self) -> str:
        """How the audit names them."""
        return f"staff:{self.staff_id}"

    @property
    def recipient(self) -> str:
        """Whom a consent to guidance must name for her."""
        return self.facility or "city"


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a key of its own. ``role`` says what it may see.

    A 'clinic' those who agreed to its ``facility`` (the code by which consents name it), an 'operator' counts and
    states and no health data, a 'researcher' statistics that were released and nobody's data, the 'living_lab' day
    figures and answers of who takes part, under pseudonyms.
    """

    role: str
    client_id: str
    facility: str | None = None

    @property
    def actor(self) -> str:
        """How the audit names it."""
        return f"client:{self.client_id}"


Who = Citizen | NurseOnDuty | Program


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force. ``fresh``: its holder proved who they are within ten minutes. ``stale``: to be touched.

    ``acting_by``: the entitlement by which its pages are shown in somebody's name (``store/entitlements.py``).
    """

    session_id: UUID
    who: Who
    fresh: bool
    second_factor: bool
    stale: bool
    acting_by: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One's own session as its list shows it; an app's is the app itself, whatever token it holds now."""

    session_id: UUID
    kind: str  # 'browser', 'app'
    label: str
    created_at: datetime
    used_at: datetime


def open(
    conn: psycopg.Connection,
    *,
    person_id: int | None = None,
    staff_id: int | None = None,
    client_id: str | None = None,
    ttl: timedelta = TTL,
    account_id: int | None = None,
    app_id: UUID | None = None,
    label: str = "",
    proved: timedelta | None = JUST_NOW,
    second_factor: bool = False,
) -> str:
    """Start a session of exactly one person, member of staff or program; gives the token, which is stored nowhere.

    ``proved``: how long ago the holder proved who they are; None when nobody knows.
    """
    token, idle = token_urlsafe(32), STAFF_IDLE if staff_id else IDLE
    conn.execute(
        "insert into identity.sessions (token_hash, person_id, staff_id, client_id, expires_at, account_id, app_id,"
        " label, signed_in_at, second_factor_at, idle)"
        " values (%s, %s, %s, %s, now() + %s, %s, %s, %s, now() - %s::interval, case when %s then now() end, %s)",
        (digest(token), person_id, staff_id, client_id, ttl, account_id, app_id, label, proved, second_factor, idle),
    )
    return token


def who(conn: psycopg.Connection, token: str) -> Who | None:
    """The holder of this token, or None when it is unknown, closed or expired."""
    found = find(conn, token)
    return found.who if found else None


def find(conn: psycopg.Connection, token: str) -> Session | None:
    """The session of this token, or None when it is unknown, closed or expired."""
    row = conn.execute(
        "select session_id, person_id, public_id, staff_id, name, town, client_id, role, facility, fresh,"
        " second_factor, stale, acting_by from identity.session_of(%s)",
        (digest(token),),
    ).fetchone()
    if row is None:
        return None
    session_id, person_id, public_id, staff_id, name, town, client_id, role, facility, *state = row
    holder: Who
    if person_id:
        holder = Citizen(person_id, public_id)
    elif staff_id:
        holder = NurseOnDuty(staff_id, name, town, role == "supervisor", facility)
    else:
        holder = Program(role, client_id, facility)
    return Session(session_id, holder, *state)


def touch(conn: psycopg.Connection, session_id: UUID) -> None:
    """It is in use. Written at most once a minute, and never waited for."""
    conn.execute(
        "update identity.sessions set used_at = now() where session_id = (select session_id from identity.sessions"
        " where session_id = %s and used_at < now() - interval '1 minute' for update skip locked)",
        (session_id,),
    )


def act_by(conn: psycopg.Connection, session_id: UUID, entitlement_id: int | None) -> None:
    """From now on its pages are shown in the name of the one for whom this entitlement is; None: of its holder."""
    conn.execute("update identity.sessions set acting_by = %s where session_id = %s", (entitlement_id, session_id))


def raise_second_factor(conn: psycopg.Connection, token: str) -> str:
    """The same session under a new token, its holder's second factor shown: who knew the old token is out."""
    fresh = token_urlsafe(32)
    conn.execute(
        "update identity.sessions set token_hash = %s, second_factor_at = now(), used_at = now() where token_hash = %s",
        (digest(fresh), digest(token)),
    )
    return fresh


_OF = """
    select session_id, 'browser' as kind, label, created_at, used_at from identity.sessions
     where (person_id = %(person)s or staff_id = %(staff)s) and app_id is null
       and expires_at > now() and used_at + idle > now()
     union all
    select app_id, 'app', device, connected_at, used_at from identity.apps where person_id = %(person)s
     order by used_at desc
"""


def of(conn: psycopg.Connection, holder: Citizen | NurseOnDuty) -> list[Listed]:
    """Their sessions in force, browsers and apps, last used first."""
    with conn.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(_OF, _names(holder)).fetchall()


def end(conn: psycopg.Connection, holder: Citizen | NurseOnDuty, session_id: UUID) -> bool:
    """End one of their own sessions, a browser's or an app's. False when there is none of theirs."""
    asked = _names(holder) | {"id": session_id}
    browsers = conn.execute(
        "delete from identity.sessions where session_id = %(id)s and (person_id = %(person)s or staff_id = %(staff)s)",
        asked,
    )
    apps = conn.execute("delete from identity.apps where app_id = %(id)s and person_id = %(person)s", asked)
    return bool(browsers.rowcount + apps.rowcount)


def end_all(conn: psycopg.Connection, holder: Citizen | NurseOnDuty, *, but: UUID | None = None) -> int:
    """End all their sessions and apps (``but`` one); gives how many. A code for an app is void, too."""
    asked = _names(holder) | {"but": but}
    apps = conn.execute("delete from identity.apps where person_id = %(person)s", asked)
    conn.execute("delete from identity.app_codes where person_id = %(person)s", asked)
    browsers = conn.execute(
        "delete from identity.sessions where (person_id = %(person)s or staff_id = %(staff)s)"
        " and session_id is distinct from %(but)s::uuid",
        asked,
    )
    return apps.rowcount + browsers.rowcount


def close(conn: psycopg.Connection, token: str) -> None:
    """Sign out: the token is worthless from now on. Unknown tokens are ignored."""
    conn.execute("select identity.close(%s)", (digest(token),))


def sweep(conn: psycopg.Connection) -> int:
    """Forget what has expired of all signing in; gives how many sessions."""
    row = conn.execute("select identity.sweep()").fetchone()
    assert row is not None
    return int(row[0])


def _names(holder: Citizen | NurseOnDuty) -> dict[str, object]:
    if isinstance(holder, Citizen):
        return {"person": holder.person_id, "staff": None}
    return {"person": None, "staff": holder.staff_id}


def digest(token: str) -> bytes:
    """What is kept of a token. A plain hash is enough: 256 random bits can't be guessed, so it needs no salt."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
