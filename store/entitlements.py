"""Who may give and take back consents for somebody else: a parent until 18, a caregiver whom the person named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import psycopg
from psycopg.rows import class_row

Kind = Literal["parent", "caregiver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Somebody's right to act for me. ``relation``: what they are to me; ``evidence``: which paper staff saw."""

    entitlement_id: int
    kind: Kind
    relation: str
    valid_from: datetime
    valid_to: datetime | None
    evidence: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class Ward:
    """Somebody for whom I may act now. ``relation``: what I am to them."""

    entitlement_id: int
    person_id: int
    public_id: UUID
    relation: str
    valid_to: datetime | None


def add(
    conn: psycopg.Connection,
    *,
    person_id: int,
    proxy_id: int,
    kind: Kind,
    relation: str,
    valid_from: datetime,
    valid_to: datetime | None,
    evidence: str,
    noted_by: str,
) -> int:
    """Write down that the proxy may act for the person; returns its id. ``noted_by``: 'staff:<id>'."""
    row = conn.execute(
        "insert into health.entitlements (person_id, proxy_id, kind, relation, valid, evidence, noted_by)"
        " values (%s, %s, %s, %s, tstzrange(%s, %s), %s, %s) returning entitlement_id",
        (person_id, proxy_id, kind, relation, valid_from, valid_to, evidence, noted_by),
    ).fetchone()
    assert row is not None
    return int(row[0])


def in_force(conn: psycopg.Connection, *, proxy_id: int, person_id: int, at: datetime) -> int | None:
    """The id of the entitlement by which the proxy may act for the person at this moment, or None."""
    row = conn.execute("select health.may_act_for(%s, %s, %s)", (proxy_id, person_id, at)).fetchone()
    return row[0] if row else None


def end(conn: psycopg.Connection, entitlement_id: int, *, person_id: int, by: str) -> bool:
    """The person ends it (``by`` 'self'), or gives it up for whom they act ('proxy'); False when it is not theirs."""
    done = conn.execute(
        "update health.entitlements set ended_at = clock_timestamp(), ended_by = %(by)s"
        " where entitlement_id = %(one)s and ended_at is null and %(me)s = case when %(by)s = 'proxy' then proxy_id"
        " else person_id end",
        {"by": by, "one": entitlement_id, "me": person_id},
    )
    return done.rowcount > 0


def of_person(conn: psycopg.Connection, person_id: int, at: datetime) -> list[Entitlement]:
    """Who may act for this person, newest first, ended ones too."""
    with conn.cursor(row_factory=class_row(Entitlement)) as cursor:
        return cursor.execute(
            "select entitlement_id, kind, relation, lower(valid) as valid_from, upper(valid) as valid_to, evidence,"
            " exists (select from health.wards(proxy_id, %(at)s) as ward where ward.entitlement_id = e.entitlement_id)"
            " as in_force from health.entitlements as e where person_id = %(me)s order by entitlement_id desc",
            {"at": at, "me": person_id},
        ).fetchall()


def of_proxy(conn: psycopg.Connection, proxy_id: int, at: datetime) -> list[Ward]:
    """For whom this person may act now."""
    with conn.cursor(row_factory=class_row(Ward)) as cursor:
        return cursor.execute("select * from health.wards(%s, %s)", (proxy_id, at)).fetchall()
