"""A device changes hands: the old registration ends, a new one with a new source begins.

What was measured before that moment stays with the old owner, also what arrives late. When the moment lies in the
past, what was booked to the old owner since then moves to the new one, and the days of both are due again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg
from msgspec.structs import astuple, replace
from psycopg.rows import class_row

from store import due, last_values, reaching, readings, registrations, unclaimed
from store.clock import civil_day
from store.metrics import METRICS
from store.model import Reading, Registration, Unclaimed

# Whose it is is asked at the end of what was measured, at the latest at its arrival (ingest/placing.py).
_ENDED = """
least(at + make_interval(secs => case metric when 'steps_day' then 86400 else seconds end), received_at) >= %(since)s
"""

# What a person claimed, or said is nobody's, stays as they said. Whose they can be and since when (no interval is
# longer than a day) are said for the index: nothing is stored while this looks, so it must not look through the town.
_THESE = f"""
  from health.readings as r
 where source_id = %(source)s and {_ENDED}
   and person_id = any(%(people)s) and metric = any(%(metrics)s) and at >= %(since)s - interval '1 day'
   and not exists (select from health.unclaimed as u
                    where (u.source_id, u.metric, u.at) = (r.source_id, r.metric, r.at) and u.claimed_how = 'person')
"""
_OWNERS = f"select distinct person_id {_THESE}"
_OUT = f"""
delete {_THESE}
returning person_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset
"""

_OPEN_OUT = f"""
delete from health.unclaimed
 where source_id = %(source)s and {_ENDED} and coalesce(claimed_how, 'gate') = 'gate'
returning 0 as person_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """Who has the device from now on: exactly one of person and household. A replaced one may have another model."""

    person_id: int | None = None
    household_id: int | None = None
    label: str | None = None
    model: str | None = None


def hand_on(conn: psycopg.Connection, old: Registration, to: To, since: datetime) -> Registration:
    """End ``old`` at ``since`` and begin the new registration there, in the caller's transaction.

    ``since`` lies after the old one's beginning and not in the future. Raises psycopg.errors.ExclusionViolation
    when the device got another registration meanwhile.
    """
    if old.household_id is not None:
        due.hold(conn, "gate", [old.household_id])  # whose its weighings are is not decided while they move
    registrations.hold_alone(conn)  # last: while this waits for the gate, readings go on being stored
    with reaching.moving(conn):
        registrations.end(conn, old.registration_id, since)
        new = registrations.add(
            conn,
            gateway_id=old.gateway_id,
            device=old.device,
            model=to.model or old.model,
            label=to.label or old.label,
            person_id=to.person_id,
            household_id=to.household_id,
            valid_from=since,
        )
        _move(conn, old, new)
    return new


def owners(conn: psycopg.Connection, old: Registration, since: datetime) -> set[int]:
    """Whose booked numbers handing ``old`` on at ``since`` takes from them, as it stands now."""
    with reaching.moving(conn):
        return {person_id for (person_id,) in conn.execute(_OWNERS, _asked(conn, old, since))}


def _asked(conn: psycopg.Connection, old: Registration, since: datetime) -> dict[str, object]:
    people = [old.person_id]
    if old.household_id is not None:
        rows = conn.execute(
            "select distinct person_id from health.household_members where household_id = %s", (old.household_id,)
        )
        people = [person_id for (person_id,) in rows]
    return {"source": old.source_id, "since": since, "people": people, "metrics": list(METRICS)}


def _move(conn: psycopg.Connection, old: Registration, new: Registration) -> None:
    asked = _asked(conn, old, new.valid_from)
    with conn.cursor(row_factory=class_row(Reading)) as cursor:
        taken = cursor.execute(_OUT, asked).fetchall()
        unowned = cursor.execute(_OPEN_OUT, asked).fetchall()
    due.mark(conn, "days", (pair for row in taken for pair in _days(row, row.person_id)))
    last_values.renew(conn, {(row.person_id, row.metric) for row in taken})
    # what the gate gave to somebody stands in both
    moved = [
        replace(row, source_id=new.source_id) for row in {(row.metric, row.at): row for row in taken + unowned}.values()
    ]
    conn.execute(
        "update health.stated_times as s set source_id = %s"
        " from unnest(%s::text[], %s::timestamptz[]) as m (metric, at)"
        " where s.source_id = %s and s.metric = m.metric and s.at = m.at",
        (new.source_id, [row.metric for row in moved], [row.at for row in moved], old.source_id),
    )
    _book(conn, new, moved)


def _book(conn: psycopg.Connection, new: Registration, moved: Sequence[Reading]) -> None:
    person, home = new.person_id, new.household_id
    if person is not None:
        readings.add(conn, [replace(row, person_id=person) for row in moved])
        due.mark(conn, "days", (pair for row in moved for pair in _days(row, person)))  # a counter's day after as well
    elif home is not None:
        unclaimed.add(conn, [Unclaimed(home, *astuple(row)[1:]) for row in moved])
        due.mark(conn, "gate", ((home, civil_day(row.at)) for row in moved))


def _days(row: Reading, person_id: int) -> set[tuple[int, date]]:
    """The civil days that it touches; a running counter also counts towards the day after."""
    last = civil_day(row.at + timedelta(seconds=max(row.seconds - 1, 0)))
    days = {civil_day(row.at), last} | ({last + timedelta(days=1)} if row.metric == "steps_counter" else set())
    return {(person_id, day) for day in days}
