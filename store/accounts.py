"""Which outside account is whom: (issuer, subject) of OpenID Connect, tied by somebody who checked who stood there.

Never by a name, a birthday or an address. Untying keeps the row as evidence and ends every session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import psycopg
from psycopg.rows import class_row

from store import crockford

CODE_TTL = timedelta(days=14)
_CHARACTERS = 16  # of 5 bits each


class TakenAccount(Exception):
    """The account already names somebody else: untie it first."""


@dataclass(frozen=True, slots=True)
class Account:
    """A tie in force: exactly one of ``person_id`` and ``staff_id``."""

    account_id: int
    person_id: int | None
    staff_id: int | None


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie with its evidence, in force or ended."""

    account_id: int
    issuer: str
    subject: str
    evidence: str
    linked_by: str
    linked_at: datetime
    unlinked_at: datetime | None


def find(conn: psycopg.Connection, issuer: str, subject: str) -> Account | None:
    """Who this account is, or None when nobody tied it."""
    with conn.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(
            "select account_id, person_id, staff_id from identity.account_of(%s, %s)", (issuer, subject)
        ).fetchone()


def link(
    conn: psycopg.Connection,
    issuer: str,
    subject: str,
    *,
    evidence: str,
    linked_by: str,
    person_id: int | None = None,
    staff_id: int | None = None,
) -> None:
    """Tie the account to exactly one person or member of staff; again is harmless.

    ``evidence``: how it was checked. ``linked_by``: 'staff:<id>', 'operator:<name>'. Raises TakenAccount.
    """
    conn.execute(
        "insert into identity.accounts (issuer, subject, person_id, staff_id, evidence, linked_by)"
        " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
        (issuer, subject, person_id, staff_id, evidence, linked_by),
    )
    found = find(conn, issuer, subject)
    if found is None or (found.person_id, found.staff_id) != (person_id, staff_id):
        raise TakenAccount("this account already names somebody else")


def unlink(conn: psycopg.Connection, account_id: int, *, unlinked_by: str) -> bool:
    """Untie it: its sessions and its person's apps end now. False when it was not tied."""
    ended = conn.execute(
        "update identity.accounts set unlinked_at = now(), unlinked_by = %s"
        " where account_id = %s and unlinked_at is null returning person_id",
        (unlinked_by, account_id),
    ).fetchone()
    if ended is None:
        return False
    conn.execute("delete from identity.sessions where account_id = %s", (account_id,))
    conn.execute("delete from identity.apps where person_id = %s", (ended[0],))
    return True


def of(conn: psycopg.Connection, *, person_id: int | None = None, staff_id: int | None = None) -> list[Tie]:
    """Every tie that one person or member of staff ever had, newest first."""
    with conn.cursor(row_factory=class_row(Tie)) as cursor:
        return cursor.execute(
            "select account_id, issuer, subject, evidence, linked_by, linked_at, unlinked_at from identity.accounts"
            " where person_id = %s or staff_id = %s order by account_id desc",
            (person_id, staff_id),
        ).fetchall()


def ask(conn: psycopg.Connection, issuer: str, subject: str) -> str:
    """A code for an account that nobody has tied, to be shown at the city's desk; the one before is void."""
    plain = crockford.text(_CHARACTERS)
    conn.execute("select identity.ask_link(%s, %s, %s, %s)", (_digest(plain), issuer, subject, CODE_TTL))
    return crockford.grouped(plain)


def redeem(conn: psycopg.Connection, typed: str) -> tuple[str, str] | None:
    """(issuer, subject) of the account whose holder was shown this code, used up by this; None when it is not good."""
    row = conn.execute(
        "delete from identity.link_codes where code_hash = %s and expires_at > now() returning issuer, subject",
        (_digest(crockford.meant(typed)),),
    ).fetchone()
    return (row[0], row[1]) if row else None


def _digest(plain: str) -> bytes:
    return sha256(plain.encode()).digest()
