"""What shared devices measured: nobody's until the gate is sure of a member, or a member says whose it is.

What people say stands: the gate never overrides it. Every change holds the lock of the household's gate, so that of
two who want the same measurement the first one keeps it, whoever the two are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import psycopg
from msgspec.structs import astuple
from psycopg.rows import class_row

from store import booking, due, repeats
from store.booking import Move
from store.clock import civil_day
from store.metrics import METRICS
from store.model import Reading
from store.model import Unclaimed as Unclaimed

_COLUMNS = "household_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset"
_NO_WINDOWS: Mapping[int, int] = MappingProxyType({})
_THERE = (
    "exists (select from health.household_members as m"
    " where m.household_id = u.household_id and m.person_id = %(me)s and m.valid @> u.at)"
)
_THIS = "household_id = %(household_id)s and source_id = %(source_id)s and at = %(at)s"
_CONTRADICTED = """
select u.household_id, u.metric, u.at, u.source_id, new.value
  from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::float8[])
       as new (household_id, metric, at, source_id, value)
  join health.unclaimed as u using (household_id, metric, at, source_id)
 where u.value <> new.value
"""
# Numbers that are open while others of their measurement are decided.
_BEHIND = """
select distinct u.household_id, u.at
  from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) as new (household_id, source_id, at)
  join health.unclaimed as u using (household_id, source_id, at)
 group by u.household_id, u.source_id, u.at
having bool_or(u.claimed_how is null) and bool_or(u.claimed_how is not null)
"""
# What a shared device measured while the person lived there alone is booked to them without a row here.
_DIRECT = """
  from health.readings as r join health.registrations as g using (source_id)
 where r.person_id = %(me)s
   and g.household_id in (select household_id from health.household_members where person_id = %(me)s)
   and not exists (select from health.unclaimed as u where (u.source_id, u.at) = (r.source_id, r.at))
"""
_ALONE = f"""
select g.household_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset {_DIRECT}
   and at >= %(since)s and metric = any(%(metrics)s)
"""
_ADOPT = f"""
insert into health.unclaimed ({_COLUMNS}, claimed_by, claimed_how, claimed_at)
select g.household_id, metric, at, source_id, value, seconds, flags, received_at, utc_offset, r.person_id, 'gate', now()
{_DIRECT} and {_THIS}
"""


def add(conn: psycopg.Connection, batch: Sequence[Unclaimed], *, windows: Mapping[int, int] = _NO_WINDOWS) -> None:
    """Keep these in the caller's transaction; what comes again is the same row (as ``readings.add``).

    The caller marks the gate of households with a new weight due. A number that comes later than the rest of its
    measurement goes where that went: the gate sees to it.
    """
    wanted = repeats.first_heard(conn, batch, windows, table="unclaimed", owner="household_id")
    if not wanted:
        return
    with conn.cursor() as cursor:
        cursor.executemany(
            f"insert into health.unclaimed ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
            " on conflict do nothing",
            [astuple(r) for r in sorted(wanted, key=lambda r: (r.household_id, r.metric, r.at, r.source_id))],
        )
    columns = [[getattr(row, name) for row in wanted] for name in ("household_id", "source_id", "at")]
    behind = conn.execute(_BEHIND, columns).fetchall()
    if behind:
        due.mark(conn, "gate", [(home, civil_day(at)) for home, at in behind])


def contradicted(conn: psycopg.Connection, batch: Sequence[Unclaimed]) -> list[Unclaimed]:
    """Those of the batch just added (same transaction) for whose key another value is stored."""
    if not batch:
        return []
    columns = [[getattr(row, name) for row in batch] for name in ("household_id", "metric", "at", "source_id", "value")]
    keys = set(conn.execute(_CONTRADICTED, columns))
    return [r for r in batch if (r.household_id, r.metric, r.at, r.source_id, r.value) in keys] if keys else []


def of_person(conn: psycopg.Connection, person_id: int) -> list[Unclaimed]:
    """Open numbers of the households that the person was a member of when they were measured, newest first."""
    return _rows(conn, f"claimed_how is null and {_THERE}", me=person_id)


def set_aside(conn: psycopg.Connection, person_id: int, since: datetime) -> list[Unclaimed]:
    """Of the same households: what a member has said since then to be nobody's of theirs."""
    return _rows(conn, f"claimed_how = 'nobody' and claimed_at >= %(since)s and {_THERE}", me=person_id, since=since)


def by_gate(conn: psycopg.Connection, person_id: int, since: datetime) -> list[Unclaimed]:
    """What was given to this person without being asked of what was measured since then, newest first.

    By the gate, or because nobody else lived there.
    """
    given = _rows(conn, "claimed_by = %(me)s and claimed_how = 'gate' and at >= %(since)s", me=person_id, since=since)
    with conn.cursor(row_factory=class_row(Unclaimed)) as cursor:
        alone = cursor.execute(_ALONE, {"me": person_id, "since": since, "metrics": list(METRICS)}).fetchall()
    return sorted([*given, *alone], key=lambda row: (-row.at.timestamp(), row.source_id, row.metric))


def homes(conn: psycopg.Connection, batch: Sequence[Reading]) -> dict[tuple[int, datetime], int]:
    """(source, moment) -> household of those measurements of the batch whose owner was asked for here before."""
    keys = [[getattr(row, name) for row in batch] for name in ("source_id", "at")]
    found = conn.execute(
        "select distinct source_id, at, household_id from health.unclaimed"
        " join unnest(%s::bigint[], %s::timestamptz[]) as new (source_id, at) using (source_id, at)",
        keys,
    )
    return {(source_id, at): household_id for source_id, at, household_id in found}


def claimed(conn: psycopg.Connection, person_id: int, since: datetime) -> list[Unclaimed]:
    """What this person has said since then to be their own, newest first."""
    return _rows(
        conn, "claimed_by = %(me)s and claimed_how = 'person' and claimed_at >= %(since)s", me=person_id, since=since
    )


def holder(conn: psycopg.Connection, *, household_id: int, source_id: int, at: datetime) -> int | None:
    """Whose the measurement is now; holds it for the caller's transaction."""
    due.hold(conn, "gate", [household_id])
    row = conn.execute(
        f"select claimed_by from health.unclaimed where {_THIS} and claimed_by is not null limit 1",  # noqa: S608
        {"household_id": household_id, "source_id": source_id, "at": at},
    ).fetchone()
    return row[0] if row else None


def claim(conn: psycopg.Connection, person_id: int, *, household_id: int, source_id: int, at: datetime) -> int:
    """Make one measurement (all its numbers) the person's own; returns how many numbers that changed.

    Also what the gate gave to another member (who saw it open a moment ago may still say so) or to this one (then it
    is certain), and what was said to be nobody's. 0 when a person has claimed it already, it does not exist, or this
    person was no member of the household then: so claiming twice changes nothing, and of two people the first one
    keeps it. The rows stay here with their claimer, so that a redelivered message can't bring them back as open.
    """
    this = {"household_id": household_id, "source_id": source_id, "at": at}
    if not _hold(conn, _THERE, person_id, this) or _hold(conn, "claimed_how = 'person'", person_id, this):
        return 0
    conn.execute(f"delete from health.not_mine where {_THIS} and person_id = %(me)s", this | {"me": person_id})  # noqa: S608
    return _move(conn, Move(household_id=household_id, source_id=source_id, at=at, person_id=person_id, how="person"))


def undo(conn: psycopg.Connection, person_id: int, *, household_id: int, source_id: int, at: datetime) -> int:
    """Open a measurement again; returns how many numbers that changed.

    Of one's own ("that was not me"), whether the gate or the person took it, or nobody else lived there: it is never
    given to this person again. And of what a member said to be nobody's. 0 when it is neither.
    """
    this = {"household_id": household_id, "source_id": source_id, "at": at}
    due.hold(conn, "gate", [household_id])
    conn.execute(_ADOPT, this | {"me": person_id})
    if _hold(conn, "claimed_by = %(me)s", person_id, this):
        conn.execute(
            "insert into health.not_mine (household_id, source_id, at, person_id)"
            " values (%(household_id)s, %(source_id)s, %(at)s, %(me)s) on conflict do nothing",
            this | {"me": person_id},
        )
    elif not _hold(conn, f"claimed_how = 'nobody' and {_THERE}", person_id, this):
        return 0
    return _move(conn, Move(household_id=household_id, source_id=source_id, at=at))


def nobody(conn: psycopg.Connection, person_id: int, *, household_id: int, source_id: int, at: datetime) -> int:
    """A member says that an open measurement is none of theirs (a guest, a thing); returns how many numbers."""
    this = {"household_id": household_id, "source_id": source_id, "at": at}
    if not _hold(conn, _THERE, person_id, this) or _hold(conn, "claimed_how is not null", person_id, this):
        return 0
    return _move(conn, Move(household_id=household_id, source_id=source_id, at=at, how="nobody"))


def _hold(conn: psycopg.Connection, when: str, person_id: int, this: Mapping[str, object]) -> bool:
    """Keep the gate and other people away until the transaction ends; whether the measurement is as ``when`` says."""
    due.hold(conn, "gate", [int(str(this["household_id"]))])
    query = f"select from health.unclaimed as u where {_THIS} and {when} limit 1"
    return conn.execute(query, {**this, "me": person_id}).fetchone() is not None


def _move(conn: psycopg.Connection, move: Move) -> int:
    due.mark(conn, "gate", [(move.household_id, civil_day(move.at))])  # what is known now may decide others
    return booking.move(conn, [move])


def _rows(conn: psycopg.Connection, when: str, **names: object) -> list[Unclaimed]:
    with conn.cursor(row_factory=class_row(Unclaimed)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.unclaimed as u where {when} order by at desc, source_id, metric",  # noqa: S608
            names,
        ).fetchall()
