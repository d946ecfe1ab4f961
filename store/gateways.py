"""Gateways: the boxes in the homes that speak to the broker. Only a password's hash is ever kept.

Every change wakes ``ingest.gatekeeper`` (a trigger notifies ``phr_gateways``), who tells the broker.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import pbkdf2_hmac
from os import urandom

import psycopg
from psycopg.rows import class_row

from store import crockford

RESERVED = frozenset({"ingest"})  # the ingest worker's own name at the broker
HANDED_OVER = timedelta(hours=1)  # so long after the new secret's first use an old box can bring what it still holds

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
    """Name and secret of a gateway at the broker: told once, kept nowhere.

    ``user`` is the name that it signs in by; ``gateway_id`` is its topic prefix. They are the same until its secret is
    renewed: each secret has a user name of its own, so that two are good at once. ``old_until``: so is the one before
    this, until then at most; None: it is not.
    """

    gateway_id: str
    password: str
    user: str
    old_until: datetime | None = None


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
    name = "gw-" + crockford.text(_NAME_CHARACTERS).lower()
    made = Credentials(name, _new_secret(), name)
    conn.execute(
        "insert into health.gateways (gateway_id, household_id, label, password_hash) values (%s, %s, %s, %s)",
        (made.gateway_id, household_id, label, password_hash(made.password, iterations=1)),
    )
    return made


def renew_secret(conn: psycopg.Connection, gateway_id: str, *, overlap: timedelta = timedelta()) -> Credentials | None:
    """A new secret for a live gateway; None when it is revoked or not there.

    The old one is good for ``overlap`` (none: it is dead), and ``HANDED_OVER`` after the first use of the new one.
    """
    secret = _new_secret()
    row = conn.execute(
        "update health.gateways set password_hash = %s, old_until = now() + %s"
        " where gateway_id = %s and (revoked_at is null or revoked_at > now()) "
        " returning generation, case when old_until > now() then old_until end",
        (password_hash(secret, iterations=1), overlap, gateway_id),
    ).fetchone()
    return Credentials(gateway_id, secret, f"{gateway_id}.{row[0]}", row[1]) if row else None


def heard(conn: psycopg.Connection, users: Collection[str]) -> int:
    """These have come in at the broker: old secrets of whom it is the new one end soon. How many that are."""
    return conn.execute(
        "update health.gateways set heard_at = now(), old_until = least(old_until, now() + %s)"
        " where generation > 1 and heard_at is null and gateway_id || '.' || generation = any(%s)",
        (HANDED_OVER, list(users)),
    ).rowcount


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


_LIVE = """
    with live as (select gateway_id, password_hash, generation, old_hash, old_generation, old_until
                    from health.gateways where revoked_at is null or revoked_at > now())
    select gateway_id || case when generation > 1 then '.' || generation else '' end as name, password_hash from live
     union all
    select gateway_id || case when old_generation > 1 then '.' || old_generation else '' end, old_hash from live
     where old_until > now()
     order by name
"""


def all_live(conn: psycopg.Connection) -> list[tuple[str, str]]:
    """(user name, password hash) of every gateway that may connect now, by name; two of one whose secret is renewed."""
    return conn.execute(_LIVE).fetchall()


def gateway_of(user: str) -> str:
    """The gateway, and so the topic prefix, of a user name at the broker."""
    return user.partition(".")[0]
