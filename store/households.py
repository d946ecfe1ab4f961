"""Households: people who share devices."""

from __future__ import annotations

from datetime import datetime

import psycopg


def add(conn: psycopg.Connection) -> int:
    """A new household; gives its id."""
    row = conn.execute("insert into health.households default values returning household_id").fetchone()
    assert row is not None
    return int(row[0])


def join(conn: psycopg.Connection, household_id: int, person_id: int, since: datetime | None = None) -> None:
    """Make the person a member from ``since`` (now) on. Joining twice is harmless; earlier times stay as they were.

    Who was a member in the past may have been on the scale then: the gate is due for the household's days since.
    """
    conn.execute(
        "insert into health.household_members (household_id, person_id, valid)"
        " select %(household)s, %(person)s, tstzrange(coalesce(%(since)s, now()), null)"
        " where not exists (select from health.household_members where household_id = %(household)s"
        " and person_id = %(person)s and valid && tstzrange(coalesce(%(since)s, now()), null))",
        {"household": household_id, "person": person_id, "since": since},
    )
    if since is not None:
        _mark_gate(conn, household_id, since)


def _mark_gate(conn: psycopg.Connection, household_id: int, since: datetime) -> None:
    conn.execute(
        "insert into health.due (work, day, people)"
        " select distinct 'gate', (at at time zone interval '+09:00')::date, array[household_id] from health.unclaimed"
        " where household_id = %s and at >= %s and coalesce(claimed_how, 'gate') = 'gate'",
        (household_id, since),
    )


def leave(conn: psycopg.Connection, household_id: int, person_id: int) -> None:
    """End the membership now; leaving twice is harmless."""
    conn.execute(
        "update health.household_members set valid = tstzrange(lower(valid), greatest(lower(valid), now()))"
        " where household_id = %s and person_id = %s and valid @> now()",
        (household_id, person_id),
    )


def home_of(conn: psycopg.Connection, person_id: int) -> int:
    """The person's household (the first of several); who has none gets one, alone in it from now on."""
    # two calls, one household
    conn.execute("select pg_advisory_xact_lock(hashtextextended('home:' || %s, 0))", (person_id,))
    known = of_person(conn, person_id)
    if known:
        return known[0]
    made = add(conn)
    join(conn, made, person_id)
    return made


def of_person(conn: psycopg.Connection, person_id: int) -> list[int]:
    """The households that the person is a member of now."""
    rows = conn.execute(
        "select household_id from health.household_members where person_id = %s and valid @> now() order by 1",
        (person_id,),
    )
    return [household_id for (household_id,) in rows]


def members(conn: psycopg.Connection, household_id: int) -> list[int]:
    """The people who are members of the household now."""
    rows = conn.execute(
        "select person_id from health.household_members where household_id = %s and valid @> now() order by 1",
        (household_id,),
    )
    return [person_id for (person_id,) in rows]


def gateways(conn: psycopg.Connection, person_id: int) -> dict[str, int]:
    """The live gateways of the person's households: gateway id -> household id."""
    rows = conn.execute(
        "select gateway_id, household_id from health.gateways join health.household_members using (household_id)"
        " where person_id = %s and valid @> now() and (revoked_at is null or revoked_at > now()) order by 1",
        (person_id,),
    )
    return dict(rows.fetchall())
