"""Gateways: the boxes in the homes that speak to the broker. Only a password's hash is ever kept.

Every change wakes ``ingest.gatekeeper`` (a trigger notifies ``phr_gateways``), who tells the broker.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import pbkdf2_hmac
from os import urandom

import psycopg
from psycopg.rows import class_row

from store import crockford

RESERVED = frozenset({"ingest"})  # the ingest worker's own name at the broker

_ITERATIONS = 1000
_SALT_BYTES = 12  # Mosquitto 2.0 takes no other length
_NAME_CHARACTERS, _SECRET_CHARACTERS = 10, 28  # of 5 bits each


@dataclass(frozen=True, slots=True)
class Gateway:
    """A box of a household, as its people see it."""

    gateway_id: str
    household_id: int | None
    label: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Name and secret of a gateway at the broker: told once, kept nowhere."""

    gateway_id: str
    password: str


def password_hash(password: str, iterations: int = _ITERATIONS) -> str:
    """Mosquitto's own form ``$7$iterations$salt$hash``: PBKDF2-HMAC-SHA512, 64 bytes, both in base64.

    The broker computes it on its only thread at every connect, and for everybody who is connected at every reload
    (measured: 0.8 ms each at 1,000), so a town of gateways rules out a six-digit count. What a person chose keeps
    the thousand; for a random secret of 140 bits, which nobody guesses, the count adds nothing: 1.
    """
    salt = urandom(_SALT_BYTES)
    key = pbkdf2_hmac("sha512", password.encode(), salt, iterations)
    return f"$7${iterations}${b64encode(salt).decode()}${b64encode(key).decode()}"


def admit(conn: psycopg.Connection, household_id: int, label: str) -> Credentials:
    """A new gateway of this household, with a random name and a random secret."""
    made = Credentials("gw-" + crockford.text(_NAME_CHARACTERS).lower(), _new_secret())
    conn.execute(
        "insert into health.gateways (gateway_id, household_id, label, password_hash) values (%s, %s, %s, %s)",
        (made.gateway_id, household_id, label, password_hash(made.password, iterations=1)),
    )
    return made


def renew_secret(conn: psycopg.Connection, gateway_id: str) -> Credentials | None:
    """A new secret for a live gateway; the old one is dead. None when it is revoked or not there."""
    made = Credentials(gateway_id, _new_secret())
    changed = conn.execute(
        "update health.gateways set password_hash = %s"
        " where gateway_id = %s and (revoked_at is null or revoked_at > now())",
        (password_hash(made.password, iterations=1), gateway_id),
    )
    return made if changed.rowcount else None


def _new_secret() -> str:
    return crockford.text(_SECRET_CHARACTERS).lower()


def add(conn: psycopg.Connection, gateway_id: str, password: str, household_id: int | None = None) -> None:
    """Let a gateway in. Its id is its MQTT user name and topic prefix: ``[a-z0-9][a-z0-9_-]{0,62}``.

    Raises ValueError for a reserved name, psycopg.errors.CheckViolation for a malformed one and
    psycopg.errors.UniqueViolation for a name already given.
    """
    if gateway_id in RESERVED:
        raise ValueError(f"the gateway name {gateway_id!r} is reserved")
    conn.execute(
        "insert into health.gateways (gateway_id, household_id, password_hash) values (%s, %s, %s)",
        (gateway_id, household_id, password_hash(password)),
    )


def revoke(conn: psycopg.Connection, gateway_id: str, moment: datetime | None = None) -> bool:
    """Shut a gateway out from ``moment`` (now) on; its readings stay. False when it was shut out before."""
    changed = conn.execute(
        "update health.gateways set revoked_at = coalesce(%s, now()) where gateway_id = %s and revoked_at is null",
        (moment, gateway_id),
    )
    return bool(changed.rowcount)


def of_person(conn: psycopg.Connection, person_id: int) -> list[Gateway]:
    """Every gateway of the households that the person is a member of now: live ones first, then newest."""
    with conn.cursor(row_factory=class_row(Gateway)) as cursor:
        return cursor.execute(
            "select gateway_id, household_id, label, created_at, revoked_at from health.gateways"
            " where household_id in (select household_id from health.household_members"
            " where person_id = %s and valid @> now())"
            " order by coalesce(revoked_at <= now(), false), created_at desc, gateway_id",
            (person_id,),
        ).fetchall()


def household(conn: psycopg.Connection, gateway_id: str) -> int | None:
    """The household of a gateway, live or not; None for one that has none, or is not there."""
    row = conn.execute("select household_id from health.gateways where gateway_id = %s", (gateway_id,)).fetchone()
    return row[0] if row else None


def all_live(conn: psycopg.Connection) -> list[tuple[str, str]]:
    """(gateway id, password hash) of every gateway that may connect now, by name."""
    return conn.execute(
        "select gateway_id, password_hash from health.gateways"
        " where revoked_at is null or revoked_at > now() order by gateway_id"
    ).fetchall()
