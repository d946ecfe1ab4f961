"""Which one of the messages that wait for a person goes out now, and why the others don't. Pure.

A message says no more than that there is something new, so one is enough however many wait: the gravest, and of these
the newest. What it takes along is dropped, and so is what has become older than what rang since: nothing arrives out of
order, and after hours without a way out nothing rings twice. The screen shows everything all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from advice_engine.wishes import unwanted
from store.clock import civil_day
from store.message_wishes import Wishes
from store.outbox import Rung, Waiting

MOST_ATTEMPTS = 6  # 1, 4, 16, 64 minutes and 4 hours apart: a push service's bad day, not its bad week


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """So many messages a civil day and in seven of them, besides red flags and referrals; the day counts those, too."""

    a_day: int = 1
    a_week: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What decides about this person's messages. ``quiet_until``: they sleep until then; None: they are awake."""

    rung: Rung
    wishes: Wishes
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """``send`` now; ``later``: delivery -> when; ``over``: delivery -> why it is not sent any more."""

    send: Waiting | None = None
    later: Mapping[int, datetime] = field(default_factory=dict)
    over: Mapping[int, str] = field(default_factory=dict)


def pick(rows: Sequence[Waiting], person: Person, caps: Caps, now: datetime) -> Picked:
    """``rows``: all messages of one person that are not over yet."""
    still = [one for one in rows if not _in_flight(one, now)]
    over = {one.delivery_id: why for one in still if (why := why_over(one, person, caps, now))}
    left = [one for one in still if one.delivery_id not in over]
    if not left:
        return Picked(over=over)
    first = max(left, key=lambda one: (one.urgent, one.grave, one.delivery_id))
    over |= {one.delivery_id: "superseded" for one in left if one is not first}
    waits = first.next_at > now or (len(still) < len(rows) and not first.urgent)
    if waits:  # its moment comes, or what is being sent now decides first
        return Picked(over=over)
    if person.quiet_until and not first.urgent:
        return Picked(later={first.delivery_id: person.quiet_until}, over=over)
    return Picked(send=first, over=over)


def why_over(one: Waiting, person: Person, caps: Caps, now: datetime) -> str:
    """Why this message is not to be sent any more; "" when it may be."""
    reasons: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: one.closed, "closed"),
        (lambda: not one.agreed, "no_consent"),
        (lambda: one.attempts >= MOST_ATTEMPTS, "tries_exhausted"),
        (lambda: one.delivery_id < person.rung.newest, "superseded"),
    )
    return next((why for true, why in reasons if true()), "") or ("" if one.grave else _held(one, person, caps, now))


def _held(one: Waiting, person: Person, caps: Caps, now: datetime) -> str:
    wishes, rung = person.wishes, person.rung
    if wishes.paused(civil_day(now)):
        return "paused"
    if unwanted(wishes, one.kind, one.rule_id):
        return "not_wanted"
    if rung.today >= caps.a_day:
        return "one_a_day"
    return "enough_this_week" if rung.week >= min(caps.a_week, wishes.a_week) else ""


def _in_flight(one: Waiting, now: datetime) -> bool:
    """A worker is sending it, or died doing so and its lease has not ended."""
    return one.status == "sending" and one.next_at > now
