"""Who may do what for somebody else: a parent until 18, a caregiver whom the person named or invited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store.sessions import Citizen

Kind = Literal["parent", "caregiver"]
May = Literal["consents", "see", "enter"]  # sql/0004_consents.sql says what each is
AGREE: tuple[May, ...] = ("consents",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Somebody's right to act for me. ``relation``: what they are to me; ``evidence``: which paper staff saw."""

    entitlement_id: int
    kind: Kind
    relation: str
    scope: list[May]
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
    scope: list[May]
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Behalf:
    """A citizen who acts for oneself, or for somebody else (``ward``): whose things, and how the audit says so."""

    me: Citizen
    ward: Ward | None = None

    @property
    def person_id(self) -> int:
        return self.ward.person_id if self.ward else self.me.person_id

    @property
    def public_id(self) -> UUID:
        return self.ward.public_id if self.ward else self.me.public_id

    @property
    def actor(self) -> str:
        return self.me.actor

    @property
    def role(self) -> str:
        return "proxy" if self.ward else self.me.role

    @property
    def purpose(self) -> str:
        return "proxy" if self.ward else "own"

    @property
    def by(self) -> str:
        """How consents and typed numbers name who it was: 'self', 'proxy:<entitlement id>'."""
        return f"proxy:{self.ward.entitlement_id}" if self.ward else "self"


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
    scope: Sequence[May] = AGREE,
) -> int:
    """Write down what the proxy may do for the person; returns its id. ``noted_by``: 'staff:<id>'."""
    row = conn.execute(
        "insert into health.entitlements (person_id, proxy_id, kind, relation, scope, valid, evidence, noted_by)"
        " values (%s, %s, %s, %s, %s, tstzrange(%s, %s), %s, %s) returning entitlement_id",
        (person_id, proxy_id, kind, relation, list(scope), valid_from, valid_to, evidence, noted_by),
    ).fetchone()
    assert row is not None
    return int(row[0])


def in_force(
    conn: psycopg.Connection, *, proxy_id: int, person_id: int, at: datetime, may: May = "consents"
) -> int | None:
    """The id of the entitlement by which the proxy may do this for the person at this moment, or None."""
    row = conn.execute("select health.may_act_for(%s, %s, %s, %s)", (proxy_id, person_id, may, at)).fetchone()
    return row[0] if row else None


def end(conn: psycopg.Connection, entitlement_id: int, *, person_id: int, by: str) -> int | None:
    """The person ends it (``by`` 'self'), or gives it up as who acts ('proxy'). Whose it was; None: not theirs."""
    row = conn.execute(
        "update health.entitlements set ended_at = clock_timestamp(), ended_by = %(by)s"
        " where entitlement_id = %(one)s and ended_at is null and %(me)s = case when %(by)s = 'proxy' then proxy_id"
        " else person_id end returning person_id",
        {"by": by, "one": entitlement_id, "me": person_id},
    ).fetchone()
    return row[0] if row else None


def of_person(conn: psycopg.Connection, person_id: int, at: datetime) -> list[Entitlement]:
    """Who may act for this person, newest first, ended ones too."""
    with conn.cursor(row_factory=class_row(Entitlement)) as cursor:
        return cursor.execute(
            "select entitlement_id, kind, relation, scope, lower(valid) as valid_from, upper(valid) as valid_to,"
            " evidence, exists (select from health.wards(proxy_id, %(at)s) as ward"
            " where ward.entitlement_id = e.entitlement_id) as in_force"
            " from health.entitlements as e where person_id = %(me)s order by entitlement_id desc",
            {"at": at, "me": person_id},
        ).fetchall()


def end_between(conn: psycopg.Connection, *, person_id: int, proxy_id: int, by: str) -> int:
    """Staff end all that this proxy may do for this person (``by`` 'staff:<id>'); returns how many there were."""
    done = conn.execute(
        "update health.entitlements set ended_at = clock_timestamp(), ended_by = %s"
        " where person_id = %s and proxy_id = %s and ended_at is null",
        (by, person_id, proxy_id),
    )
    return done.rowcount


def proxies(conn: psycopg.Connection, person_id: int) -> dict[int, int]:
    """By whom this person's entitlements are held, ended ones too: the entitlement's id -> the proxy's inner id."""
    rows = conn.execute("select entitlement_id, proxy_id from health.entitlements where person_id = %s", (person_id,))
    return dict(rows.fetchall())


def of_proxy(conn: psycopg.Connection, proxy_id: int, at: datetime) -> list[Ward]:
    """For whom this person may act now."""
    with conn.cursor(row_factory=class_row(Ward)) as cursor:
        return cursor.execute("select * from health.wards(%s, %s)", (proxy_id, at)).fetchall()
