"""Deliveries: which advice is told to the person by which channel, once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import psycopg
from psycopg.rows import class_row

Status = Literal["sent", "failed", "expired"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery that this worker may send now. ``attempts`` counts this one; ``stale``: the advice has closed.

    ``advice_id`` None: it tells of an opening (``store/openings.py``), not of advice.
    """

    delivery_id: int
    advice_id: int | None
    person_id: int
    public_id: UUID
    channel: str
    attempts: int
    urgent: bool
    stale: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What people were told lately: who was (or is about to be) since a moment, and when each rule was last pushed."""

    since: frozenset[int]
    last: dict[int, dict[str, datetime]]  # person -> rule -> when


_URGENT = "coalesce(kind = 'red_flag' and urgency = 4, false)"
_CLAIM = f"""
    with mine as (
        select delivery_id, public_id, {_URGENT} as urgent, closed_at is not null as stale
          from health.deliveries left join health.advice using (advice_id, person_id)
               join health.people using (person_id)
         where status = 'due' and next_at <= %(now)s and channel = any(%(channels)s)
           and (not %(quiet)s or {_URGENT})
         order by urgent desc, next_at, delivery_id limit %(limit)s
           for update of deliveries skip locked)
    update health.deliveries as taken set attempts = attempts + 1, next_at = %(until)s
      from mine where mine.delivery_id = taken.delivery_id
    returning taken.delivery_id, advice_id, person_id, public_id, channel, attempts, urgent, stale
"""  # noqa: S608 - text of our own
# A delivery not yet sent counts as told, unless its advice has closed (then it never will be sent).
_SINCE = """
    select distinct person_id from health.deliveries join health.advice using (advice_id, person_id)
     where person_id = any(%s) and (status = 'sent' and sent_at >= %s or status = 'due' and closed_at is null)
"""
_LAST = """
    select person_id, rule_id, max(sent_at) from health.deliveries join health.advice using (advice_id, person_id)
     where person_id = any(%s) and status = 'sent' group by person_id, rule_id
"""


def add(conn: psycopg.Connection, rows: Iterable[tuple[int, int, str]], now: datetime) -> None:
    """Have (advice, person, channel) delivered; what is already there stays as it is."""
    given = list(zip(*rows, strict=True)) or [(), (), ()]
    conn.execute(
        "insert into health.deliveries (advice_id, person_id, channel, next_at, created_at)"
        " select *, %s, %s from unnest(%s::bigint[], %s::bigint[], %s::text[]) on conflict do nothing",
        (now, now, *(list(column) for column in given)),
    )


def notify(conn: psycopg.Connection, rows: Iterable[tuple[int, int, str]], now: datetime) -> None:
    """Have (opening, person, channel) delivered; what is already there stays as it is."""
    conn.execute(
        "insert into health.deliveries (opening_id, person_id, channel, next_at, created_at)"
        " select *, %s, %s from unnest(%s::bigint[], %s::bigint[], %s::text[]) on conflict do nothing",
        (now, now, *(list(column) for column in zip(*rows, strict=True))),
    )


def told(conn: psycopg.Connection, people: Sequence[int], since: datetime) -> Told:
    """What these people were told, as the push plan needs it."""
    recent = conn.execute(_SINCE, (list(people), since)).fetchall()
    last: dict[int, dict[str, datetime]] = {person: {} for person in people}
    for person, rule, at in conn.execute(_LAST, (list(people),)):
        last[person][rule] = at
    return Told(frozenset(person for (person,) in recent), last)


def claim(
    conn: psycopg.Connection, now: datetime, *, channels: Sequence[str], lease: timedelta, quiet: bool, limit: int
) -> list[Claimed]:
    """Take up to ``limit`` due deliveries, urgent ones first; in quiet hours only those.

    They are nobody else's until ``now + lease``: a worker that dies while sending loses nothing, the delivery
    comes back then.
    """
    given = {"now": now, "channels": list(channels), "until": now + lease, "quiet": quiet, "limit": limit}
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_CLAIM, given).fetchall()


def settle(
    conn: psycopg.Connection, claimed: Claimed, status: Status, *, now: datetime, error: str | None = None
) -> None:
    """Close a delivery, unless its lease ran out and another worker has taken it since."""
    conn.execute(
        "update health.deliveries set status = %s, sent_at = case when %s = 'sent' then %s::timestamptz end, error = %s"
        " where delivery_id = %s and attempts = %s and status = 'due'",
        (status, status, now, error, claimed.delivery_id, claimed.attempts),
    )


def retry(conn: psycopg.Connection, claimed: Claimed, at: datetime, error: str) -> None:
    """Try again at this moment, unless another worker has taken the delivery since."""
    conn.execute(
        "update health.deliveries set next_at = %s, error = %s"
        " where delivery_id = %s and attempts = %s and status = 'due'",
        (at, error, claimed.delivery_id, claimed.attempts),
    )
