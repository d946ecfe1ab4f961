"""What became of choices: delivered, opened, answered, followed. Written once each, as it comes to be known.

A receipt may say late that a message never arrived: 'undelivered' is written after 'delivered' then, and what was
counted before it teaches nothing any more (``COUNTS``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row

from store.clock import civil_day

_LOST = 14  # days after which a push that never went out is given up
# A reward, and nobody has heard since that the message never arrived.
COUNTS = """
    what = 'reward' and not exists (
        select from health.choice_outcomes as lost
         where (lost.person_id, lost.day, lost.what) = (choices.person_id, choices.day, 'undelivered')
           and lost.at > choice_outcomes.at)
"""
_ARRIVED = """
    exists (select from health.deliveries where deliveries.advice_id = choices.advice_id and sent_at >= choices.at)
"""

_DELIVERED = """
    insert into health.choice_outcomes (person_id, day, what, at)
    select choices.person_id, day, 'delivered', min(sent_at)
      from health.choices join health.deliveries using (advice_id)
     where sent_at >= choices.at and day > %(today)s - 60 group by choices.person_id, day
    on conflict do nothing
"""
_UNDELIVERED = f"""
    insert into health.choice_outcomes (person_id, day, what, at)
    select person_id, day, 'undelivered', %(now)s from health.choices
     where advice_id is not null and day > %(today)s - 60 and not {_ARRIVED}
       and (day <= %(today)s - %(lost)s::integer
            or exists (select from health.choice_outcomes as had
                        where (had.person_id, had.day, had.what) = (choices.person_id, choices.day, 'delivered')))
    on conflict do nothing
"""  # noqa: S608 - text of our own
_OPENED = """
    insert into health.choice_outcomes (person_id, day, what, at)
    select choices.person_id, day, 'opened', min(events.at)
      from health.choices join health.deliveries using (advice_id)
           join health.delivery_events as events using (delivery_id)
     where events.state = 'opened' and events.at >= choices.at and day > %(today)s - 60
     group by choices.person_id, day
    on conflict do nothing
"""
# Of the same rule: this week's swap may be answered on next week's card.
_ANSWERED = """
    insert into health.choice_outcomes (person_id, day, what, at)
    select choices.person_id, day, answer, min(feedback.at)
      from health.choices join health.feedback using (person_id)
           join health.advice as about on (about.advice_id, about.rule_id) = (feedback.advice_id, choices.rule_id)
     where feedback.at >= choices.at and day > %(today)s - 60 group by choices.person_id, day, answer
    on conflict do nothing
"""
# Days are civil days in Japan; the day it was told belongs to neither side.
_RIPE = f"""
    select choices.person_id, choices.day, choices.family, before.steps as steps_before, after.steps as steps_after,
           coalesce(after.weigh_days, 0) as weigh_days, coalesce(after.pressure_days, 0) as pressure_days,
           exists (select from health.choice_outcomes as tap
                    where (tap.person_id, tap.day) = (choices.person_id, choices.day) and what = 'done'
                      and (tap.at at time zone interval '+09:00')::date <= told.day + 7) as done
      from health.choices
           join health.choice_outcomes as delivered
             on (delivered.person_id, delivered.day, delivered.what) = (choices.person_id, choices.day, 'delivered')
           cross join lateral (select (delivered.at at time zone interval '+09:00')::date as day) as told
           left join lateral (
               select avg(total) as steps from health.days
                where days.person_id = choices.person_id and metric = 'steps'
                  and days.day between told.day - 28 and told.day - 1) as before on true
           left join lateral (
               select avg(total) filter (where metric = 'steps') as steps,
                      count(*) filter (where metric = 'weight')::integer as weigh_days,
                      count(*) filter (where metric = 'bp_sys')::integer as pressure_days
                 from health.days
                where days.person_id = choices.person_id and metric in ('steps', 'weight', 'bp_sys')
                  and days.day between told.day + 1 and told.day + 7) as after on true
     where told.day + 7 < %(today)s and {_ARRIVED}
       and not exists (select from health.choice_outcomes as had
                        where (had.person_id, had.day, had.what) = (choices.person_id, choices.day, 'reward'))
     order by choices.person_id, choices.day
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was measured after one push whose seven days are over. ``steps_…`` None: not a single day of steps."""

    person_id: int
    day: date
    family: str
    steps_before: float | None = None
    steps_after: float | None = None
    weigh_days: int = 0
    pressure_days: int = 0
    done: bool = False


def note(conn: psycopg.Connection, now: datetime) -> int:
    """Note deliveries and answers that came since; returns how many."""
    asked = {"now": now, "today": civil_day(now), "lost": _LOST}
    return sum(conn.execute(query, asked).rowcount for query in (_DELIVERED, _UNDELIVERED, _OPENED, _ANSWERED))


def ripe(conn: psycopg.Connection, now: datetime) -> list[Seen]:
    """Every delivered choice without a reward whose seven days are over."""
    with conn.cursor(row_factory=class_row(Seen)) as cursor:
        return cursor.execute(_RIPE, {"today": civil_day(now)}).fetchall()


def reward(conn: psycopg.Connection, rewards: Iterable[tuple[Seen, float]], now: datetime) -> int:
    """Write the rewards of these choices; returns how many."""
    rows = [(seen.person_id, seen.day, now, value) for seen, value in rewards]
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into health.choice_outcomes (person_id, day, what, at, value) values (%s, %s, 'reward', %s, %s)"
            " on conflict do nothing",
            rows,
        )
    return len(rows)
