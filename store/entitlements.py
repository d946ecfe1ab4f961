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
    """One right to act. ``public_id`` is the other one's: of the proxy in the person's list, of the person in the
    proxy's. ``evidence`` says which paper a member of staff saw."""

    entitlement_id: int
    public_id: UUID
    kind: Kind
    valid_from: datetime
    valid_to: datetime | None
    evidence: str
    in_force: bool


def add(
    conn: psycopg.Connection,
    *,
    person_id: int,
    proxy_id: int,
    kind: Kind,
    valid_from: datetime,
    valid_to: datetime | None,
    evidence: str,
    noted_by: str,
) -> int:
    """Write down that the proxy may act for the person; returns its id. ``noted_by``: 'staff:<id>'."""
    row = conn.execute(
        "insert into health.entitlements (person_id, proxy_id, kind, valid, evidence, noted_by)"
        " values (%s, %s, %s, tstzrange(%s, %s), %s, %s) returning entitlement_id",
        (person_id, proxy_id, kind, valid_from, valid_to, evidence, noted_by),
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


_COLUMNS = """entitlement_id, public_id, kind, lower(valid) as valid_from, upper(valid) as valid_to, evidence,
    coalesce(health.may_act_for(proxy_id, e.person_id, %(at)s) is not null
             and valid @> %(at)s::timestamptz and (ended_at is null or ended_at > %(at)s), false) as in_force"""


def of_person(conn: psycopg.Connection, person_id: int, at: datetime) -> list[Entitlement]:
    """Who may act for this person, newest first, ended ones too."""
    with conn.cursor(row_factory=class_row(Entitlement)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.entitlements as e join health.people as p on p.person_id = e.proxy_id"  # noqa: S608
            " where e.person_id = %(me)s order by entitlement_id desc",
            {"at": at, "me": person_id},
        ).fetchall()


def of_proxy(conn: psycopg.Connection, proxy_id: int, at: datetime) -> list[Entitlement]:
    """For whom this person may act now."""
    with conn.cursor(row_factory=class_row(Entitlement)) as cursor:
        rows = cursor.execute(
            f"select {_COLUMNS} from health.entitlements as e join health.people as p using (person_id)"  # noqa: S608
            " where proxy_id = %(me)s order by entitlement_id",
            {"at": at, "me": proxy_id},
        ).fetchall()
    return [row for row in rows if row.in_force]
