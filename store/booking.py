"""Books what a shared device measured to a member of the household, and out again.

The rows of ``health.unclaimed`` say whose each number is; ``health.readings`` holds a copy for its owner. Every change
of owner goes through ``move``: it takes the copies along, puts the newest values right, and marks the days due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import psycopg

from store import due, last_values, reaching

How = Literal["gate", "person", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One measurement (all its numbers) and whose it is from now on: a member's, nobody's (``how`` 'nobody') or open.

    ``probability``: of the gate's answer, where it was asked.
    """

    household_id: int
    source_id: int
    at: datetime
    person_id: int | None = None
    how: How | None = None
    probability: float | None = None


# All that follows works on these: the rows as they were before and whose they shall be, locked in one order.
_WANTED = """
create temp table if not exists moving (
    household_id bigint, source_id bigint, at timestamptz, metric text collate "C",
    before bigint, after bigint, how text, probability real);
truncate moving
"""
_ROWS = """
insert into moving
select u.household_id, u.source_id, u.at, u.metric, u.claimed_by, w.person_id, w.how, w.probability
  from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::bigint[], %s::text[], %s::real[])
       as w (household_id, source_id, at, person_id, how, probability)
  join health.unclaimed as u using (household_id, source_id, at)
 order by u.household_id, u.metric, u.at, u.source_id for update of u
"""
_OWN = """
update health.unclaimed as u
   set claimed_by = m.after, claimed_how = m.how, claimed_at = case when m.how is not null then now() end,
       probability = m.probability
  from moving as m
 where (u.household_id, u.metric, u.at, u.source_id) = (m.household_id, m.metric, m.at, m.source_id)
"""
_OUT = """
delete from health.readings as r using moving as m
 where m.before is distinct from m.after
   and (r.person_id, r.metric, r.at, r.source_id) = (m.before, m.metric, m.at, m.source_id)
"""
_IN = """
insert into health.readings (person_id, metric, at, source_id, value, seconds, flags, utc_offset, received_at)
select m.after, u.metric, u.at, u.source_id, u.value, u.seconds, u.flags, u.utc_offset, u.received_at
  from moving as m join health.unclaimed as u using (household_id, metric, at, source_id)
 where m.after is not null and m.before is distinct from m.after
 order by m.after, u.metric, u.at, u.source_id
on conflict do nothing
"""
_TOUCHED = """
select distinct owner, metric from moving, unnest(array[before, after]) as owner
 where owner is not null and before is distinct from after
"""
# A running counter also counts towards the day after.
_DAYS = """
select distinct owner, day
  from moving as m join health.unclaimed as u using (household_id, metric, at, source_id),
       unnest(array[m.before, m.after]) as owner,
       health.civil_days(u.at, greatest(u.seconds, 1) + case m.metric when 'steps_counter' then 86400 else 0 end) as day
 where owner is not null and m.before is distinct from m.after
"""


def move(conn: psycopg.Connection, moves: Sequence[Move]) -> int:
    """Carry these out in the caller's transaction; returns how many numbers they name.

    The caller holds the lock of each household's gate (``due.hold(conn, 'gate', …)``) since before it looked at
    whose they are: of two who want the same measurement the later one sees what the earlier one did.
    """
    if not moves:
        return 0
    columns = [
        [getattr(one, name) for one in moves]
        for name in ("household_id", "source_id", "at", "person_id", "how", "probability")
    ]
    with reaching.moving(conn):
        return _carry_out(conn, columns)


def _carry_out(conn: psycopg.Connection, columns: Sequence[Sequence[object]]) -> int:
    conn.execute(_WANTED)
    named = conn.execute(_ROWS, columns).rowcount
    for step in (_OWN, _OUT, _IN):
        conn.execute(step)
    last_values.renew(conn, conn.execute(_TOUCHED).fetchall())
    touched: list[tuple[int, date]] = conn.execute(_DAYS).fetchall()
    due.mark(conn, "days", touched)
    return named
