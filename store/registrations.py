"""Registrations: which device of which gateway speaks for whom, and from when to when.

A device that is handed on gets a new registration and a new source: its old readings stay with the old person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import psycopg
from psycopg.rows import args_row, class_row

from store import reaching
from store.model import Member as Member
from store.model import Registration as Registration

Device = tuple[str, str]  # gateway id, device (last level of the topic)


_SELECT = """
select r.registration_id, r.gateway_id, r.device, r.model, r.person_id, r.household_id, r.source_id,
       coalesce(lower(r.valid), '0001-01-01Z') as valid_from, upper(r.valid) as valid_to, s.label
  from health.registrations as r join health.sources as s using (source_id)
"""


def history(conn: psycopg.Connection, keys: Iterable[Device]) -> dict[Device, tuple[Registration, ...]]:
    """Every registration, past and present, of these devices, oldest first; unknown devices are absent."""
    gateways, devices = _columns(keys)
    found: dict[Device, tuple[Registration, ...]] = {}
    with conn.cursor(row_factory=args_row(Registration)) as cursor:
        cursor.execute(
            f"{_SELECT} join unnest(%s::text[], %s::text[]) as k (gateway_id, device)"
            " on k.gateway_id = r.gateway_id and k.device = r.device where not isempty(r.valid)"
            " order by lower(r.valid)",
            (gateways, devices),
        )
        for row in cursor:
            key = (row.gateway_id, row.device)
            found[key] = (*found.get(key, ()), row)
    return found


def hold(conn: psycopg.Connection) -> int:
    """Nobody moves what a device measured to another owner until this transaction ends; any number may hold at once.

    For whoever stores by what ``history`` and ``members`` said: else a reading could go to the former owner behind a
    handing on. Returns the version: while it is the same, they say the same.
    """
    [(version,)] = conn.execute("select health.hold_registrations()").fetchall()
    return int(version)


def hold_alone(conn: psycopg.Connection) -> None:
    """Wait until everything is stored that rests on the registrations as they were; then nobody else may look at them.

    For whoever moves what a device measured; before any row is locked.
    """
    conn.execute("select pg_advisory_xact_lock(hashtextextended('handing_on', 0))")


def at(conn: psycopg.Connection, keys: Iterable[Device], moment: datetime) -> dict[Device, Registration]:
    """The registration in force at ``moment`` of each of these devices that has one."""
    rows = history(conn, keys)
    return {key: row for key, known in rows.items() for row in known if row.holds(moment)}


def members(conn: psycopg.Connection, household_ids: Iterable[int]) -> dict[int, tuple[Member, ...]]:
    """Everyone who was or is a member of these households, with their times."""
    found: dict[int, tuple[Member, ...]] = {}
    with conn.cursor(row_factory=class_row(Member)) as cursor:
        cursor.execute(
            "select household_id, person_id, coalesce(lower(valid), '0001-01-01Z') as valid_from,"
            " upper(valid) as valid_to from health.household_members"
            " where household_id = any(%s) and not isempty(valid) order by household_id, person_id",
            (list(household_ids),),
        )
        for row in cursor:
            found[row.household_id] = (*found.get(row.household_id, ()), row)
    return found


def add(
    conn: psycopg.Connection,
    *,
    gateway_id: str,
    device: str,
    model: str,
    label: str,
    person_id: int | None = None,
    household_id: int | None = None,
    valid_from: datetime | None = None,
) -> Registration:
    """Register a device for one person or one household, from ``valid_from`` (default: now) on.

    Raises psycopg.errors.ExclusionViolation when the device is registered in that time already (``end`` that
    first), psycopg.errors.CheckViolation unless exactly one owner is given.
    """
    row = conn.execute(
        "with source as (insert into health.sources (kind, label) values ('device', %s) returning source_id)"
        " insert into health.registrations (gateway_id, device, model, person_id, household_id, source_id, valid)"
        " select %s, %s, %s, %s, %s, source_id, tstzrange(coalesce(%s, now()), null) from source"
        " returning registration_id, source_id, lower(valid)",
        (label, gateway_id, device, model, person_id, household_id, valid_from),
    ).fetchone()
    assert row is not None
    return Registration(
        row[0], gateway_id, device, model, person_id, household_id, row[1], row[2], valid_to=None, label=label
    )


def end(conn: psycopg.Connection, registration_id: int, moment: datetime) -> None:
    """End a registration; what was measured before ``moment`` and comes later still counts. Twice changes nothing."""
    conn.execute(
        "update health.registrations set valid = tstzrange(lower(valid), greatest(%s, lower(valid)))"
        " where registration_id = %s and upper_inf(valid)",
        (moment, registration_id),
    )


def end_all(conn: psycopg.Connection, gateway_id: str) -> None:
    """End every live registration of a gateway now."""
    with reaching.moving(conn):
        conn.execute(
            "update health.registrations set valid = tstzrange(lower(valid), greatest(now(), lower(valid)))"
            " where gateway_id = %s and upper_inf(valid)",
            (gateway_id,),
        )


def rename(conn: psycopg.Connection, source_id: int, label: str) -> None:
    """Call the device otherwise from now on, also beside what it measured before."""
    conn.execute("update health.sources set label = %s where source_id = %s and kind = 'device'", (label, source_id))


def of_person(conn: psycopg.Connection, person_id: int) -> list[Registration]:
    """The person's own devices and those of the households they are a member of now: live ones first, then newest."""
    with conn.cursor(row_factory=class_row(Registration)) as cursor:
        return cursor.execute(
            f"{_SELECT} where not isempty(r.valid) and (r.person_id = %(me)s or r.household_id in"  # noqa: S608
            " (select household_id from health.household_members where person_id = %(me)s and valid @> now()))"
            " order by not r.valid @> now(), lower(r.valid) desc, r.registration_id desc",
            {"me": person_id},
        ).fetchall()


def _columns(keys: Iterable[Device]) -> tuple[list[str], list[str]]:
    wanted = sorted(set(keys))
    return [gateway for gateway, _ in wanted], [device for _, device in wanted]
