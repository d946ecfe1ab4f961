"""Messages that wait: whose moment has come, what is known of them, and the decision what becomes of each.

Whose messages are decided about is held until the transaction ends, so that two workers never tell one person two
things at once. What follows what is guarded by the database (``store/sql/0017_deliveries.sql``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store.clock import day_start
from store.deliveries import CAPPED, OPEN, slug

GRAVE = ("red_flag", "referral", "opening")  # no cap and no wish holds them back
_LOCK = 0x5048_5317  # with the person: one worker at a time decides what becomes of their messages
_AHEAD = 8  # so many times more messages are looked at than people wanted: of some, others are at work
_LONG = timedelta(days=60)  # no message waits for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One delivery of a person that is not over.

    ``kind``: of its advice, or 'opening', 'reflection'. ``closed``: its advice has closed. ``agreed``: the consent to
    be told is in force. ``rule_id`` None where it tells of no advice.
    """

    delivery_id: int
    advice_id: int | None
    person_id: int
    public_id: UUID
    channel: str
    status: str
    attempts: int
    next_at: datetime
    token: UUID
    urgent: bool
    kind: str
    rule_id: str | None
    closed: bool
    agreed: bool

    @property
    def grave(self) -> bool:
        return self.kind in GRAVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What already rang: so many on this civil day (of any kind) and in the seven days to it (of those with a cap);
    the newest of all."""

    today: int = 0
    week: int = 0
    newest: int = 0


_PEOPLE = f"""
    with ready as materialized (
        select person_id, urgent, next_at from health.deliveries as one
         where {OPEN} and next_at <= %(now)s
           and (urgent or not exists (
               select from health.deliveries as sent where sent.person_id = one.person_id and sent.sent_at is null
                  and sent.status = 'sending' and sent.next_at > %(now)s))
         order by urgent desc, next_at limit %(ahead)s),
    each as materialized (
        select person_id from ready group by person_id order by bool_or(urgent) desc, min(next_at))
    select person_id from each where pg_try_advisory_xact_lock(%(lock)s, hashint8(person_id)) limit %(limit)s
"""  # noqa: S608 - text of our own
_WAITING = f"""
    select delivery_id, advice_id, person_id, public_id, channel, status, attempts, next_at, token, deliveries.urgent,
           case when opening_id is not null then 'opening' when week is not null then 'reflection' else kind end kind,
           rule_id, closed_at is not null as closed,
           channel = 'log'
           or health.consent_in_force(person_id, 'push', 'city', 'notice', %(now)s) is not null as agreed
      from health.deliveries left join health.advice using (advice_id, person_id) join health.people using (person_id)
     where {OPEN} and person_id = any(%(people)s)
     order by person_id, delivery_id
"""  # noqa: S608
_RUNG = f"""
    select person_id, count(*) filter (where sent_at >= %(today)s) as today,
           count(*) filter (where sent_at >= %(week)s and {CAPPED}) as week, max(delivery_id) as newest
      from health.deliveries left join health.advice using (advice_id, person_id)
     where person_id = any(%(people)s) and sent_at >= %(long)s group by person_id
"""  # noqa: S608
_TAKE = f"""
    update health.deliveries set status = 'sending', attempts = attempts + 1, next_at = %(until)s,
           changed_at = %(now)s, reason = null, channel = by
      from unnest(%(ids)s::bigint[], %(channels)s::text[]) as begun (id, by) where delivery_id = id and {OPEN}
    returning delivery_id, attempts
"""  # noqa: S608
_END = f"""
    update health.deliveries set status = case why when 'tries_exhausted' then 'failed' else 'dropped' end,
           reason = why, changed_at = %(now)s
      from unnest(%(ids)s::bigint[], %(why)s::text[]) as over (id, why) where delivery_id = id and {OPEN}
"""  # noqa: S608
# In quiet hours what is due waits for their end, and so does what a dead worker left behind.
_PUT_OFF = """
    update health.deliveries as late
       set next_at = until, changed_at = %(now)s, reason = coalesce(%(reason)s, reason),
           status = case status when 'due' then 'planned' when 'sending' then 'retrying' else status end
      from unnest(%(ids)s::bigint[], %(untils)s::timestamptz[]) as put (id, until) where delivery_id = id
"""
_REST = f"""
    select delivery_id from health.deliveries
     where {OPEN} and not urgent and next_at <= %(now)s
       and not exists (select from health.message_wishes as w
                        where w.person_id = deliveries.person_id and quiet_from is not null)
       for update skip locked
"""  # noqa: S608


def hold(conn: psycopg.Connection, now: datetime, *, limit: int) -> list[int]:
    """Up to ``limit`` people with a message whose moment has come, those with urgent ones first. Who is being told
    something just now waits, and keeps nobody else waiting.

    Nobody else decides about theirs until the caller's transaction ends.
    """
    given = {"now": now, "limit": limit, "ahead": limit * _AHEAD, "lock": _LOCK}
    return [person for (person,) in conn.execute(_PEOPLE, given)]


def waiting(conn: psycopg.Connection, people: Sequence[int], now: datetime) -> list[Waiting]:
    """Every delivery of these people that is not over, by person, the oldest first."""
    with conn.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(_WAITING, {"people": list(people), "now": now}).fetchall()


def rung(conn: psycopg.Connection, people: Sequence[int], today: date) -> dict[int, Rung]:
    """What rang for these people; who is missing was told nothing for weeks."""
    start = day_start(today)
    given = {"people": list(people), "today": start, "week": start - timedelta(days=6), "long": start - _LONG}
    rows = conn.execute(_RUNG, given)
    return {person: Rung(today=count, week=week, newest=newest) for person, count, week, newest in rows}


def take(conn: psycopg.Connection, chosen: Sequence[Waiting], now: datetime, *, lease: timedelta) -> dict[int, int]:
    """Begin to send these, each by the channel that it now has: delivery -> which try it is.

    They are nobody else's until ``now + lease``: a worker that dies while sending loses nothing, the delivery comes
    back then.
    """
    if not chosen:
        return {}
    ids = [one.delivery_id for one in chosen]
    fresh = [one.delivery_id for one in chosen if one.status == "planned"]
    conn.execute(
        "update health.deliveries set status = 'due', changed_at = %s where delivery_id = any(%s)", (now, fresh)
    )
    by = [one.channel for one in chosen]
    return dict(conn.execute(_TAKE, {"ids": ids, "channels": by, "now": now, "until": now + lease}).fetchall())


def end(conn: psycopg.Connection, reasons: Mapping[int, str], now: datetime) -> None:
    """These are not sent any more: delivery -> why. Only what was tried in vain to the end has failed."""
    if reasons:
        conn.execute(_END, {"now": now, "ids": list(reasons), "why": [slug(why) for why in reasons.values()]})


def put_off(
    conn: psycopg.Connection, until: Mapping[int, datetime], now: datetime, *, reason: str | None = None
) -> None:
    """Send these later: delivery -> when. ``reason`` None: whatever stood there."""
    if until:
        given = {"ids": list(until), "untils": list(until.values()), "now": now, "reason": reason}
        conn.execute(_PUT_OFF, given)


def rest(conn: psycopg.Connection, until: datetime, now: datetime) -> None:
    """The town sleeps: whatever is due and not urgent waits, but where a person has quiet hours of their own."""
    late = [delivery for (delivery,) in conn.execute(_REST, {"now": now})]
    put_off(conn, dict.fromkeys(late, until), now)
