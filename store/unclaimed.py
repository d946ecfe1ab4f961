"""Numbers of a shared device whose owner is not known yet: nobody's until a member of the household claims them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import psycopg
from msgspec.structs import astuple
from psycopg.rows import class_row

from store import due, readings, repeats
from store.model import Reading
from store.model import Unclaimed as Unclaimed

_COLUMNS = "household_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset"
_NO_WINDOWS: Mapping[int, int] = MappingProxyType({})


def add(conn: psycopg.Connection, batch: Sequence[Unclaimed], *, windows: Mapping[int, int] = _NO_WINDOWS) -> None:
    """Keep these in the caller's transaction; what comes again is the same row (as ``readings.add``)."""
    wanted = repeats.first_heard(conn, batch, windows, table="unclaimed", owner="household_id")
    with conn.cursor() as cursor:
        cursor.executemany(
            f"insert into health.unclaimed ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
            " on conflict do nothing",
            [astuple(r) for r in sorted(wanted, key=lambda r: (r.household_id, r.metric, r.at, r.source_id))],
        )


def of_person(conn: psycopg.Connection, person_id: int) -> list[Unclaimed]:
    """Open numbers of the households that the person was a member of when they were measured, newest first."""
    with conn.cursor(row_factory=class_row(Unclaimed)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.unclaimed as u"  # noqa: S608
            " where claimed_by is null and exists (select from health.household_members as m"
            " where m.household_id = u.household_id and m.person_id = %s and m.valid @> u.at)"
            " order by at desc, source_id, metric",
            (person_id,),
        ).fetchall()


def claim(conn: psycopg.Connection, person_id: int, *, household_id: int, source_id: int, at: datetime) -> int:
    """Make one measurement (all its numbers) the person's own; returns how many numbers moved to the readings.

    0 when it is claimed already, does not exist, or the person was no member of the household then: so claiming
    twice changes nothing, and of two people the first one keeps it. The rows stay here with their claimer, so
    that a redelivered message can't bring them back as open.
    """
    rows = conn.execute(
        "update health.unclaimed as u set claimed_by = %(me)s, claimed_at = now(), claimed_how = 'person'"
        " where household_id = %(household)s and source_id = %(source)s and at = %(at)s and claimed_by is null"
        " and exists (select from health.household_members as m"
        " where m.household_id = u.household_id and m.person_id = %(me)s and m.valid @> u.at)"
        " returning metric, at, source_id, value, seconds, flags, received_at, utc_offset",
        {"me": person_id, "household": household_id, "source": source_id, "at": at},
    ).fetchall()
    due.mark(conn, "days", readings.add(conn, [Reading(person_id, *row) for row in rows]))
    return len(rows)
