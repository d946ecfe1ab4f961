"""Deletion of a person, by a plan with a date: it can be taken back until it begins; what is left is evidence.

Two steps, each one transaction, so that whoever carries it out may die at any moment: ``shut`` ends everything by which
something could still come in, ``carry_out`` takes every row away (``personal.toml``) some minutes later, when what was
under way has arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store import due, exports, personal, record_readings, registrations

ARRIVING = timedelta(minutes=10)  # from shutting to carrying out: what gateways and workers have in hand comes to rest
TRY_AGAIN = timedelta(hours=1)
LOOK_AGAIN = timedelta(days=3)  # so long after a deletion it is looked whether anything came after all


@dataclass(frozen=True, slots=True)
class Plan:
    """``shut_at`` None: it has not begun and can be taken back."""

    plan_id: UUID
    person_id: int
    asked_by: str
    asked_at: datetime
    due_at: datetime
    shut_at: datetime | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The row of ``audit.deletions``. ``removed``: rows by table."""

    person_id: int
    public_id: UUID
    asked_by: str
    asked_at: datetime
    done_at: datetime
    removed: dict[str, int]


class Begun(Exception):
    """The deletion has begun: it can't be taken back."""


_COLUMNS = "plan_id, person_id, asked_by, asked_at, due_at, shut_at"


def ask(conn: psycopg.Connection, person_id: int, *, by: str, wait: timedelta) -> Plan:
    """Plan the deletion of this person after ``wait``; a plan that stands already stays as it is."""
    conn.execute(
        "insert into identity.deletion_plans (person_id, asked_by, due_at) values (%s, %s, now() + %s)"
        " on conflict (person_id) do nothing",
        (person_id, by, wait),
    )
    found = of_person(conn, person_id)
    assert found is not None
    return found


def of_person(conn: psycopg.Connection, person_id: int) -> Plan | None:
    """The person's plan, or None."""
    with conn.cursor(row_factory=class_row(Plan)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identity.deletion_plans where person_id = %s",  # noqa: S608
            (person_id,),
        ).fetchone()


def take_back(conn: psycopg.Connection, person_id: int) -> bool:
    """Everything stays; False when there is no plan. Raises Begun."""
    if conn.execute(
        "delete from identity.deletion_plans where person_id = %s and shut_at is null", (person_id,)
    ).rowcount:
        return True
    if of_person(conn, person_id) is not None:
        raise Begun
    return False


def next_due(conn: psycopg.Connection, now: datetime) -> Plan | None:
    """A plan whose next step is due, held until the transaction ends; None when there is none, or others hold them."""
    with conn.cursor(row_factory=class_row(Plan)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identity.deletion_plans"  # noqa: S608
            " where (shut_at is null and due_at <= %s or shut_at <= %s) and (failed_at is null or failed_at <= %s)"
            " order by due_at limit 1 for update skip locked",
            (now, now - ARRIVING, now - TRY_AGAIN),
        ).fetchone()


def put_off(conn: psycopg.Connection, plan: Plan) -> None:
    """It could not be carried out: the others go first, it is tried again later."""
    conn.execute("update identity.deletion_plans set failed_at = now() where person_id = %s", (plan.person_id,))


def shut(conn: psycopg.Connection, plan: Plan) -> None:
    """First step: gateways of a home where nobody else lives are revoked, devices freed; push, sign-in, proxies, copies
    end."""
    known = personal.scope(conn, plan.person_id)
    exports.drop(conn, plan.person_id, "deletion")
    for statement in _SHUT:
        conn.execute(statement, known)
    conn.execute("update identity.deletion_plans set shut_at = now() where person_id = %s", (plan.person_id,))


_SHUT = (
    "update health.gateways set revoked_at = coalesce(revoked_at, now()) where gateway_id = any(%(gateways)s::text[])",
    "update health.registrations set valid = tstzrange(lower(valid), greatest(now(), lower(valid)))"
    " where (person_id = %(person)s or household_id = any(%(homes)s::bigint[])) and upper_inf(valid)",
    "delete from health.push_subscriptions where person_id = %(person)s",
    "delete from health.channel_addresses where person_id = %(person)s",
    "delete from health.line_links where person_id = %(person)s",
    "delete from health.invitations where person_id = %(person)s",
    "update health.entitlements set ended_at = clock_timestamp(), ended_by = 'deletion'"
    " where %(person)s in (person_id, proxy_id) and ended_at is null",
    "delete from identity.link_codes where (issuer, subject) in"
    " (select issuer, subject from identity.accounts where person_id = %(person)s)",
    "delete from identity.accounts where person_id = %(person)s",
    "delete from identity.app_codes where person_id = %(person)s",
    "delete from identity.apps where person_id = %(person)s",  # and their tokens
    "delete from identity.sessions where person_id = %(person)s",
)


def carry_out(conn: psycopg.Connection, plan: Plan) -> dict[str, int]:
    """Second step: everything of the person goes, the evidence is written; returns rows by table."""
    row = conn.execute(
        "select public_id from health.people where person_id = %s for update", (plan.person_id,)
    ).fetchone()
    assert row is not None, "the plan refers to it"
    removed = forget(conn, plan.person_id)
    conn.execute(
        "insert into audit.deletions (person_id, public_id, asked_by, asked_at, due_at, removed)"
        " values (%s, %s, %s, %s, %s, %s)",
        (plan.person_id, row[0], plan.asked_by, plan.asked_at, plan.due_at, Jsonb(removed)),
    )
    return removed


def forget(conn: psycopg.Connection, person_id: int) -> dict[str, int]:
    """Take away every row of this person that no law keeps; returns rows by table, those with none left out.

    Holds off who works on the person's days, advice and records, and who stores by registrations.
    """
    known = personal.scope(conn, person_id)
    due.hold(conn, "advice", [person_id])
    due.hold(conn, "days", [person_id])
    due.hold(conn, "gate", known["homes"])  # type: ignore[arg-type]
    record_readings.hold(conn, person_id)
    registrations.hold_alone(conn)
    removed = {one.name: personal.delete(conn, one, known) for one in reversed(personal.tables()) if not one.stays}
    return {name: count for name, count in removed.items() if count}


def look_again(conn: psycopg.Connection, now: datetime) -> int:
    """Take away what came for people deleted lately after all; returns how many rows."""
    rows = conn.execute(
        "select distinct person_id from audit.deletions where done_at > %s order by 1", (now - LOOK_AGAIN,)
    ).fetchall()
    return sum(sum(forget(conn, person_id).values()) for (person_id,) in rows)


def evidence(conn: psycopg.Connection, since: datetime) -> list[Evidence]:
    """The deletions carried out since then, oldest first."""
    with conn.cursor(row_factory=class_row(Evidence)) as cursor:
        return cursor.execute(
            "select person_id, public_id, asked_by, asked_at, done_at, removed from audit.deletions"
            " where done_at >= %s order by deletion_id",
            (since,),
        ).fetchall()
