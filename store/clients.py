"""Programs that sign in with a key of their own (RFC 7523, private_key_jwt).

A clinic's, an operator's, a researcher's, the living lab's. We keep public keys alone: nothing that
lies here lets anybody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

TOKEN_TTL = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Client:
    """``role``: 'clinic' (with its facility's code), 'operator', 'researcher' or 'living_lab'."""

    client_id: str
    role: str
    facility: str | None
    label: str
    created_at: datetime
    revoked_at: datetime | None


def add(conn: psycopg.Connection, client_id: str, *, role: str, facility: str | None = None, label: str = "") -> None:
    """A new program. Raises UniqueViolation for a name that is taken, CheckViolation for a clinic without facility."""
    conn.execute(
        "insert into identity.clients (client_id, role, facility, label) values (%s, %s, %s, %s)",
        (client_id, role, facility, label),
    )


def add_key(conn: psycopg.Connection, client_id: str, kid: str, jwk: dict[str, Any]) -> None:
    """Its public key (JWK, RFC 7517), beside those it has: so keys are changed with overlap."""
    conn.execute(
        "insert into identity.client_keys (client_id, kid, jwk) values (%s, %s, %s)", (client_id, kid, Jsonb(jwk))
    )


def revoke_key(conn: psycopg.Connection, client_id: str, kid: str) -> bool:
    """This key signs nobody in from now on; the program's tokens end, too."""
    gone = conn.execute(
        "update identity.client_keys set revoked_at = now() where client_id = %s and kid = %s and revoked_at is null",
        (client_id, kid),
    )
    conn.execute("delete from identity.sessions where client_id = %s", (client_id,))
    return gone.rowcount == 1


def revoke(conn: psycopg.Connection, client_id: str) -> bool:
    """The program is out, with every token it holds."""
    gone = conn.execute(
        "update identity.clients set revoked_at = now() where client_id = %s and revoked_at is null", (client_id,)
    )
    conn.execute("delete from identity.sessions where client_id = %s", (client_id,))
    return gone.rowcount == 1


def keys(conn: psycopg.Connection, client_id: str) -> list[dict[str, Any]]:
    """The public keys (JWK) of a program that is let in; none for any other."""
    rows = conn.execute(
        "select jwk || jsonb_build_object('kid', kid) from identity.client_keys as k"
        " join identity.clients as c using (client_id)"
        " where client_id = %s and k.revoked_at is null and c.revoked_at is null",
        (client_id,),
    )
    return [jwk for (jwk,) in rows]


def listing(conn: psycopg.Connection) -> list[Client]:
    """Every program, in the order of names."""
    with conn.cursor(row_factory=class_row(Client)) as cursor:
        return cursor.execute(
            "select client_id, role, facility, label, created_at, revoked_at from identity.clients order by client_id"
        ).fetchall()


def use_assertion(conn: psycopg.Connection, client_id: str, jti: str, expires_at: datetime) -> bool:
    """Whether this assertion is new; from now on it is not (RFC 7523, section 3, item 7)."""
    used = sha256(f"{len(client_id)}:{client_id}{jti}".encode()).digest()
    return (
        conn.execute(
            "insert into identity.assertions (digest, expires_at) values (%s, %s) on conflict do nothing",
            (used, expires_at),
        ).rowcount
        == 1
    )
