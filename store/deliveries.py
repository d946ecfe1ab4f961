"""Deliveries: which advice is told to the person by which channel, once each, and what became of it.

Here a delivery begins and is settled; what becomes of it in between is decided in ``store/outbox.py``. Which state may
follow which stands in ``health.delivery_moves`` (``store/sql/0017_deliveries.sql``): the database refuses the rest and
notes each change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import psycopg

OPEN = "status in ('planned', 'due', 'sending', 'throttled', 'retrying')"
NO_WAY = "no_channel"  # no way to the person is set up here: what is grave waits for one, everything else is dropped


@dataclass(frozen=True, slots=True)
class Told:
    """What people were told lately: who was (or is about to be) since a moment, when each rule was last pushed, and
    how many messages with a cap rang (or are about to) in the seven days to that day."""

    since: frozenset[int]
    last: dict[int, dict[str, datetime]]  # person -> rule -> when
    week: dict[int, int] = field(default_factory=dict)


# What caps and wishes hold back. Of an opening the kind is null.
CAPPED = "(week is not null or kind not in ('red_flag', 'referral'))"
# A delivery not yet sent counts as told, unless its advice has closed (then it never will be sent) or nobody knows when
# there will be a way to send it.
_TOLD = f"""
    select person_id, bool_or(sent_at >= %(since)s or sent_at is null),
           count(*) filter (where {CAPPED} and (sent_at >= %(week)s or sent_at is null))
      from health.deliveries left join health.advice using (advice_id, person_id)
     where person_id = any(%(people)s)
       and (sent_at >= %(week)s or {OPEN} and closed_at is null and deliveries.reason is distinct from '{NO_WAY}')
     group by person_id
"""  # noqa: S608
_LAST = """
    select person_id, rule, max(sent_at) from health.deliveries
     where person_id = any(%s) and sent_at is not null and rule is not null group by person_id, rule
"""


def add(conn: psycopg.Connection, rows: Iterable[tuple[int, int, str]], now: datetime) -> None:
    """Have (advice, person, channel) delivered; what is already there stays as it is."""
    conn.execute(
        "insert into health.deliveries"
        " (advice_id, person_id, channel, status, next_at, created_at, changed_at, urgent, rule)"
        " select advice, person, by, 'due', %(now)s, %(now)s, %(now)s, kind = 'red_flag' and urgency = 4, rule_id"
        "   from unnest(%(advice)s::bigint[], %(people)s::bigint[], %(channels)s::text[])"
        "        with ordinality as given (advice, person, by, place) join health.advice on advice_id = advice"
        "  order by place on conflict do nothing",
        dict(zip(("advice", "people", "channels"), _columns(rows), strict=True)) | {"now": now},
    )


def notify(conn: psycopg.Connection, rows: Iterable[tuple[int, int, str]], now: datetime) -> None:
    """Have (opening, person, channel) delivered; what is already there stays as it is."""
    conn.execute(
        "insert into health.deliveries (opening_id, person_id, channel, next_at, created_at, changed_at)"
        " select *, %s, %s, %s from unnest(%s::bigint[], %s::bigint[], %s::text[]) on conflict do nothing",
        (now, now, now, *_columns(rows)),
    )


def reflect(conn: psycopg.Connection, rows: Iterable[tuple[int, str]], monday: date, now: datetime) -> int:
    """Have the look back on the week of this Monday delivered to (person, channel), once; returns to how many."""
    people, by = _columns((0, *row) for row in rows)[1:]
    return conn.execute(
        "insert into health.deliveries (week, person_id, channel, next_at, created_at, changed_at)"
        " select %s, *, %s, %s, %s from unnest(%s::bigint[], %s::text[]) on conflict do nothing",
        (monday, now, now, now, people, by),
    ).rowcount


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[], [], []]


def told(conn: psycopg.Connection, people: Sequence[int], since: datetime) -> Told:
    """What these people were told, as the push plan needs it; ``since``: when the civil day began."""
    recent = _recent(conn, people, since)
    last: dict[int, dict[str, datetime]] = {person: {} for person in people}
    for person, rule, at in conn.execute(_LAST, (list(people),)):
        last[person][rule] = at
    return Told(
        frozenset(person for person, today, _ in recent if today), last, {person: week for person, _, week in recent}
    )


def told_since(conn: psycopg.Connection, people: Sequence[int], since: datetime) -> frozenset[int]:
    """Who of these was told something since this moment, or is about to be. Of a whole town at once, too."""
    return frozenset(person for person, lately, _ in _recent(conn, people, since) if lately)


def _recent(conn: psycopg.Connection, people: Sequence[int], since: datetime) -> list[tuple[int, bool, int]]:
    given = {"people": list(people), "since": since, "week": since - timedelta(days=6)}
    return conn.execute(_TOLD, given).fetchall()


def settle(
    conn: psycopg.Connection,
    delivery_id: int,
    attempt: int,
    status: Literal["sent", "throttled", "retrying", "failed", "dropped"],
    *,
    now: datetime,
    reason: str = "",
    again: datetime | None = None,
    by: str | None = None,
) -> None:
    """What became of this try, unless its lease ran out and another worker has taken it since, or its receipt came
    before. ``again``: when to try anew; ``by``: from now on by this channel."""
    conn.execute(
        "update health.deliveries set status = %(status)s, changed_at = %(now)s, reason = nullif(%(reason)s, ''),"
        " sent_at = case when %(status)s = 'sent' then %(now)s::timestamptz end,"
        " next_at = coalesce(%(again)s, next_at), channel = coalesce(%(by)s, channel)"
        " where delivery_id = %(id)s and attempts = %(attempt)s and status = 'sending'",
        {
            "status": status,
            "now": now,
            "reason": slug(reason),
            "again": again,
            "by": by,
            "id": delivery_id,
            "attempt": attempt,
        },
    )


def receipt(conn: psycopg.Connection, channel: str, token: UUID, *, state: str, at: datetime) -> bool:
    """The other side says 'delivered' or 'failed'; False when it never had such a message. Again changes nothing."""
    row = conn.execute("select health.take_receipt(%s, %s, %s, %s)", (channel, token, state, at)).fetchone()
    return row == (True,)


def opened(conn: psycopg.Connection, token: UUID) -> bool:
    """The citizen who asks followed the link of this message; False when it is not theirs."""
    return conn.execute("select health.open_message(%s)", (token,)).fetchone() == (True,)


def slug(words: str) -> str:
    """A reason that can hold nothing of a person, whatever a channel's fault said."""
    return re.sub(r"[^A-Za-z0-9_, ]", "_", words)[:100]
