"""The gate at work: a household's series from the database, and what the gate's answers change there.

Every due household is replayed whole: the outcome depends on what is stored, not on the order in which it came.
What people said is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import psycopg
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from ingest import parting
from ingest.gate import decide
from ingest.gate_series import Answer, Stay, Weighing
from ingest.gate_track import READING_SD
from store import booking, due
from store.booking import How, Move

# Another scale, at another hour and clothed: wider than a weighing on the shared scale (our choice).
ELSEWHERE_SD = {"weight": 0.7, "checkup_weight": 1.0}  # kg

_SHARED = """
select at, value, source_id, claimed_by, claimed_how, probability,
       array(select person_id from health.not_mine as n
              where (n.household_id, n.source_id, n.at) = (u.household_id, u.source_id, u.at)) as not_of
  from health.unclaimed as u where household_id = %(household)s and metric = 'weight' order by at, source_id
"""
# Members' weights from elsewhere. What a gate decided is no ground to decide on, in whichever household, nor is what
# followed from it (a mark of an impossible jump): so the outcome never rests on its own past.
_ELSEWHERE = """
select r.at, r.value, r.metric, r.person_id
  from health.readings as r
 where r.person_id in (select person_id from health.household_members where household_id = %(household)s)
   and r.metric = any(%(metrics)s)
   and not exists (select from health.unclaimed as u
                    where u.source_id = r.source_id and u.at = r.at and u.metric = r.metric
                      and (u.household_id = %(household)s or u.claimed_how = 'gate'))
 order by r.at, r.source_id, r.metric, r.person_id
"""
_STAYS = """
select person_id, lower(valid), upper(valid) from health.household_members
 where household_id = %(household)s and not isempty(valid) order by person_id, lower(valid)
"""
# Numbers that came later than the rest of their measurement, which is decided.
_BEHIND = """
select distinct o.source_id, o.at, d.claimed_by, d.claimed_how
  from health.unclaimed as o join health.unclaimed as d using (household_id, source_id, at)
 where household_id = %(household)s and o.claimed_how is null and d.claimed_how is not null
"""
# Whose weights of these days came from elsewhere and tell their household's gate something.
_LABELLED = """
select distinct member.household_id, changed.day
  from unnest(%s::bigint[], %s::date[]) as changed (person_id, day)
  join health.household_members as member using (person_id)
 where exists (select from health.unclaimed as u where u.household_id = member.household_id and u.metric = 'weight')
   and exists (select from health.readings as r
                where r.person_id = changed.person_id and r.metric = any(%s)
                  and r.at >= changed.day::timestamp at time zone interval '+09:00'
                  and r.at < (changed.day + 1)::timestamp at time zone interval '+09:00'
                  and not exists (select from health.unclaimed as u
                                   where u.source_id = r.source_id and u.at = r.at and u.metric = r.metric))
"""
_LOWEST = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Shared:
    """One weight of the shared scale, as it is booked now."""

    at: datetime
    value: float
    source_id: int
    claimed_by: int | None
    claimed_how: How | None
    probability: float | None
    not_of: list[int]

    @property
    def asked(self) -> bool:
        """Whether the gate decides on it."""
        return self.claimed_how in (None, "gate")


def work_once(pool: ConnectionPool, limit: int = 100) -> int:
    """Take up to ``limit`` due marks and decide anew for their households, in one transaction.

    Returns how many marks (household, civil day) were taken; 0 when nothing is due. The day figures of everybody
    who got or lost a measurement are due afterwards. A worker that dies leaves the marks; those of a household on which
    the gate fails are parked.
    """
    with pool.connection() as conn:
        marks = due.take(conn, "gate", limit)
        parting.carry_out(conn, "gate", marks, _decide)
        return len(marks)


def _decide(conn: psycopg.Connection, marks: Sequence[tuple[int, date]]) -> None:
    settle(conn, sorted({household for household, _ in marks}))


def settle(conn: psycopg.Connection, households: Sequence[int]) -> int:
    """Replay these households (whose gate's lock the caller holds); returns how many numbers were decided anew."""
    return booking.move(conn, [move for household in households for move in _moves(conn, household)])


def follow(conn: psycopg.Connection, changed: Iterable[tuple[int, date]]) -> None:
    """Mark the gate of households due of which a member's own weight changed on one of these (person, civil day).

    What the gate itself books is no reason: so it comes to rest.
    """
    pairs = sorted(set(changed))
    asked = ([who for who, _ in pairs], [day for _, day in pairs], list(ELSEWHERE_SD))
    due.mark(conn, "gate", conn.execute(_LABELLED, asked).fetchall())


def _moves(conn: psycopg.Connection, household: int) -> list[Move]:
    asked = {"household": household, "metrics": list(ELSEWHERE_SD)}
    with conn.cursor(row_factory=class_row(_Shared)) as cursor:
        shared = cursor.execute(_SHARED, asked).fetchall()
    elsewhere = [
        Weighing(_days(at), kg, person, sd=ELSEWHERE_SD[metric])
        for at, kg, metric, person in conn.execute(_ELSEWHERE, asked)
    ]
    stays = [
        Stay(person, _days(since or _LOWEST), None if until is None else _days(until))
        for person, since, until in conn.execute(_STAYS, asked)
    ]
    series = sorted(
        [*elsewhere, *map(_weighing, shared)], key=lambda one: one.at
    )  # stable: equal times keep their order
    rows = [row for row in shared if row.asked]
    decided = [_move(household, *both) for both in zip(rows, decide(series, stays), strict=True) if _differs(*both)]
    behind = [
        Move(household_id=household, source_id=source, at=at, person_id=person, how=how)
        for source, at, person, how in conn.execute(_BEHIND, asked)
    ]
    done = {(move.source_id, move.at) for move in decided}
    return decided + [move for move in behind if (move.source_id, move.at) not in done]


def _weighing(row: _Shared) -> Weighing:
    person = row.claimed_by if row.claimed_how == "person" else None
    return Weighing(_days(row.at), row.value, person, row.claimed_how == "nobody", frozenset(row.not_of), sd=READING_SD)


def _differs(row: _Shared, answer: Answer) -> bool:
    return (
        row.claimed_by != answer.person
        or row.probability is None
        or _noted(row.probability) != _noted(answer.probability)
    )


def _move(household: int, row: _Shared, answer: Answer) -> Move:
    return Move(
        household_id=household,
        source_id=row.source_id,
        at=row.at,
        person_id=answer.person,
        how=None if answer.person is None else "gate",
        probability=_noted(answer.probability),
    )


def _noted(probability: float) -> float:
    """As it is kept: two decimals, so that an answer which hardly changed is no change."""
    return round(probability, 2)


def _days(at: datetime) -> float:
    return at.timestamp() / 86_400
