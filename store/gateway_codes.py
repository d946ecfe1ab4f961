"""One-time codes with which a new gateway fetches its name and secret: 80 random bits, good for 15 minutes.

Only the sha256 is kept: a code can't be read out of the database, and it is looked for by its hash, so that the
time of an answer tells nothing about it. A plain hash is enough for 80 random bits that live for a quarter of an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import psycopg

from store import crockford, gateways, reaching

TTL = timedelta(minutes=15)
_CHARACTERS = 16  # of 5 bits each


@dataclass(frozen=True, slots=True)
class Code:
    """``text`` is shown once, in groups of four, and stored nowhere."""

    text: str
    household_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The gateway that was let in, and the person who had asked for its code."""

    gateway: gateways.Credentials
    asked_by: int


def ask(conn: psycopg.Connection, household_id: int, person_id: int, *, label: str = "") -> Code:
    """A new code for a gateway of this household. What this person asked for before and nobody used is void."""
    conn.execute("delete from health.gateway_codes where asked_by = %s and used_at is null", (person_id,))
    plain = crockford.text(_CHARACTERS)
    row = conn.execute(
        "insert into health.gateway_codes (code_hash, household_id, label, asked_by, expires_at)"
        " values (%s, %s, %s, %s, now() + %s) returning expires_at",
        (_digest(plain), household_id, label, person_id, TTL),
    ).fetchone()
    assert row is not None
    return Code(crockford.grouped(plain), household_id, row[0])


def redeem(conn: psycopg.Connection, typed: str, *, label: str = "") -> Redeemed | None:
    """The gateway that this code lets in, made in the caller's transaction, which also uses the code up.

    None for a code that is wrong, used, expired, or of somebody who has left the household. Of two calls with one
    code the second waits for the first, and then finds it used.
    """
    digest = _digest(crockford.meant(typed))
    asked = conn.execute("select health.asked_for(%s)", (digest,)).fetchone()
    if asked is None or asked[0] is None:
        return None
    reaching.as_person(conn, asked[0])  # the code acts for whoever asked for it
    row = conn.execute(
        "update health.gateway_codes as c set used_at = now()"
        " where code_hash = %s and used_at is null and expires_at > now()"
        " and exists (select from health.household_members as m"
        " where m.household_id = c.household_id and m.person_id = c.asked_by and m.valid @> now())"
        " returning household_id, label, asked_by",
        (digest,),
    ).fetchone()
    if row is None:
        return None
    made = gateways.admit(conn, row[0], label or row[1])
    conn.execute("update health.gateway_codes set gateway_id = %s where code_hash = %s", (made.gateway_id, digest))
    return Redeemed(made, row[2])


def sweep(conn: psycopg.Connection) -> int:
    """Forget codes that expired unused; gives how many."""
    return conn.execute("delete from health.gateway_codes where used_at is null and expires_at <= now()").rowcount


def _digest(plain: str) -> bytes:
    return sha256(plain.encode()).digest()
