"""Staff's second factor: TOTP (RFC 6238, SHA-1, six digits, 30 s) with recovery codes, kept so that neither the
secret nor a code can be read out of the database.

A code's 30 s step is remembered: none is good twice, and none before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

import psycopg
import pyotp
from psycopg import sql

from store import crockford, sealing, sessions

STEP_SECONDS = 30
_AROUND = (0, -1, 1)  # steps by which clocks may differ (RFC 6238, section 5.2)
_RECOVERY_CODES, _CHARACTERS = 10, 16
KNOWN_TTL = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Factor:
    """Of one member of staff. ``confirmed``: a first code was right, so it counts."""

    secret: str
    confirmed: bool
    last_step: int


def of(conn: psycopg.Connection, staff_id: int) -> Factor | None:
    """Their factor, its row held until the transaction ends; None when they have none."""
    row = conn.execute(
        "select secret, confirmed_at is not null, last_step from identity.second_factors where staff_id = %s"
        " for update",
        (staff_id,),
    ).fetchone()
    return Factor(sealing.open(conn, row[0], _place(staff_id)), row[1], row[2]) if row else None


def begin(conn: psycopg.Connection, staff_id: int) -> str:
    """A secret to be confirmed (base32). The one that was begun before and not confirmed stays the same."""
    known = of(conn, staff_id)
    if known:
        if known.confirmed:
            raise ValueError("there is a confirmed one")
        return known.secret
    secret = pyotp.random_base32()
    conn.execute(
        "insert into identity.second_factors (staff_id, secret) values (%s, %s) on conflict (staff_id) do nothing",
        (staff_id, sealing.seal(conn, secret, _place(staff_id))),
    )
    return secret


def confirm(conn: psycopg.Connection, staff_id: int, code: str, now: datetime) -> list[str] | None:
    """The first right code makes it count; gives the recovery codes, to be shown once. None for a wrong code."""
    if not check(conn, staff_id, code, now, confirmed=False):
        return None
    conn.execute("update identity.second_factors set confirmed_at = %s where staff_id = %s", (now, staff_id))
    plain = [crockford.text(_CHARACTERS) for _ in range(_RECOVERY_CODES)]
    conn.execute("delete from identity.recovery_codes where staff_id = %s", (staff_id,))
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into identity.recovery_codes (staff_id, code_hash) values (%s, %s)",
            [(staff_id, _digest(one)) for one in plain],
        )
    return [crockford.grouped(one) for one in plain]


def check(conn: psycopg.Connection, staff_id: int, code: str, now: datetime, *, confirmed: bool = True) -> bool:
    """Whether this code is right now and was not used; it is used from now on."""
    factor = of(conn, staff_id)
    if factor is None or factor.confirmed != confirmed:
        return False
    step = _step(factor.secret, crockford.meant(code), now)
    if step is None or step <= factor.last_step:
        return False
    conn.execute("update identity.second_factors set last_step = %s where staff_id = %s", (step, staff_id))
    return True


def recover(conn: psycopg.Connection, staff_id: int, code: str) -> bool:
    """Whether this is a recovery code that was not used; it is used from now on."""
    used = conn.execute(
        "update identity.recovery_codes set used_at = now() where staff_id = %s and code_hash = %s and used_at is null",
        (staff_id, _digest(crockford.meant(code))),
    )
    return used.rowcount == 1


def forget(conn: psycopg.Connection, staff_id: int) -> bool:
    """Lost telephone and codes: they begin anew at their next sign-in, and every session of theirs ends now."""
    gone = conn.execute("delete from identity.second_factors where staff_id = %s", (staff_id,))
    for table in ("recovery_codes", "known_browsers", "sessions"):
        statement = sql.SQL("delete from identity.{} where staff_id = %s")
        conn.execute(statement.format(sql.Identifier(table)), (staff_id,))
    return gone.rowcount == 1


def remember_browser(conn: psycopg.Connection, staff_id: int) -> str:
    """A token for a browser in which the factor was right: others' tries do not make its owner wait there."""
    token = token_urlsafe(32)
    conn.execute(
        "insert into identity.known_browsers (token_hash, staff_id, expires_at) values (%s, %s, now() + %s)",
        (sessions.digest(token), staff_id, KNOWN_TTL),
    )
    return token


def knows_browser(conn: psycopg.Connection, staff_id: int, token: str) -> bool:
    """Whether the factor was right in this browser before."""
    row = conn.execute(
        "select 1 from identity.known_browsers where token_hash = %s and staff_id = %s and expires_at > now()",
        (sessions.digest(token), staff_id),
    ).fetchone()
    return row is not None


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The 30 s step whose code this is, among those around now."""
    at = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = [at + off for off in _AROUND if totp.verify(code, for_time=(at + off) * STEP_SECONDS)]
    return found[0] if found else None


def _place(staff_id: int) -> sealing.Place:
    return sealing.Place("identity.second_factors.secret", str(staff_id))


def _digest(plain: str) -> bytes:
    return sha256(plain.encode()).digest()
