"""Gateways: the boxes in the homes that speak to the broker. Only a password's hash is ever kept."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import pbkdf2_hmac
from os import urandom

import psycopg

RESERVED = frozenset({"ingest"})  # the ingest worker's own name at the broker

_ITERATIONS = 1000
_SALT_BYTES = 12  # Mosquitto 2.0 takes no other length


def password_hash(password: str) -> str:
    """Mosquitto's own form ``$7$iterations$salt$hash``: PBKDF2-HMAC-SHA512, 64 bytes, both in base64.

    The broker computes it on its only thread at every connect, so a town of gateways coming back at once rules
    out a six-digit count. Give gateways random passwords of 128 bits; then the count adds nothing.
    """
    salt = urandom(_SALT_BYTES)
    key = pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${b64encode(salt).decode()}${b64encode(key).decode()}"


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


def revoke(conn: psycopg.Connection, gateway_id: str, moment: datetime) -> None:
    """Shut a gateway out from ``moment`` on; its readings stay. Twice changes nothing."""
    conn.execute(
        "update health.gateways set revoked_at = %s where gateway_id = %s and revoked_at is null",
        (moment, gateway_id),
    )


def all_live(conn: psycopg.Connection) -> list[tuple[str, str]]:
    """(gateway id, password hash) of every gateway that may connect now, by name."""
    return conn.execute(
        "select gateway_id, password_hash from health.gateways"
        " where revoked_at is null or revoked_at > now() order by gateway_id"
    ).fetchall()
