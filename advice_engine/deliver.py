"""Walk one, step 8: takes messages whose moment has come, sends them by the person's channel, settles them.

Decide, commit, send, settle: no transaction is open while another machine answers. A worker that dies between sending
and settling leaves a delivery in the state ``sending``, which is tried again when its lease ends: told at least once,
and by the key that each message carries at every try the other side knows it again (docs/messages.md). The other order,
settling before sending, would lose red flags.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from time import monotonic
from typing import Literal

import psycopg
from psycopg_pool import ConnectionPool

from advice_engine import notices
from advice_engine.channel import Address, Channel, Message, SendFailed, channels
from advice_engine.picking import MOST_ATTEMPTS, Caps, Person, Picked, pick
from advice_engine.wishes import between, next_hour, reaching
from store import deliveries, message_wishes, outbox
from store.clock import JST, civil_day
from store.message_wishes import Wishes
from store.outbox import Rung, Waiting
from store.settings import Settings

TITLE = "さかた健康記録"
BODY = "新しいお知らせがあります。"
URGENT = "大切なお知らせがあります。今日のうちにご確認ください。"
AT_ONCE = 8  # people of one turn, each with a thread of their own: nobody waits behind another's slow service
# Seconds after the decision, where the consent was asked: what was not begun by then is decided about anew.
BEGUN_WITHIN = 20.0
LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
NO_WAY_WAIT = timedelta(minutes=15)  # what is grave and has no way out waits so long until it looks for one again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Try:
    """One message on its way: which try this is."""

    message: Waiting
    attempt: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn sends, with the addresses by channel and person; ``moved``: how many messages it decided about."""

    tries: Sequence[Try]
    known: Mapping[str, Mapping[int, Sequence[Address]]]
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one try. ``gone``: addresses to forget; ``wait``: seconds the other side asked for, counted from
    its answer, which came ``after`` so many of the turn.
    """

    tried: Try
    status: Literal["sent", "throttled", "retrying", "failed", "dropped"]
    reason: str = ""
    wait: float | None = None
    after: float = 0.0
    gone: tuple[Address, ...] = ()


def deliver_once(pool: ConnectionPool, settings: Settings, now: datetime) -> int:
    """Decide about the messages of up to ``AT_ONCE`` people and send what goes out; returns about how many messages
    was decided (0: nothing can be done now).

    Where a channel's settings are not there, its messages take the person's next way that is ready.
    """
    began = monotonic()
    ready = {name: channel for name, channel in channels().items() if channel.ready(settings)}
    with pool.connection() as conn:
        notices.add(conn, now)
        turn = _decide(conn, ready, settings, now)
    latest = monotonic() + BEGUN_WITHIN

    def attempt(tried: Try) -> Outcome:
        name, person = tried.message.channel, tried.message.person_id
        outcome = _attempt(tried, ready[name], turn.known[name].get(person, ()), settings, latest=latest)
        return replace(outcome, after=monotonic() - began)

    with ThreadPoolExecutor(AT_ONCE, "push") as threads:
        for outcome in threads.map(attempt, turn.tries):
            _settle(pool, outcome, ready, now)
    return turn.moved


def is_quiet(now: datetime, settings: Settings) -> bool:
    """Whether the town sleeps: from ``push_quiet_from`` to ``push_quiet_until``, hours in Japan; equal is never."""
    return between(now.astimezone(JST).hour, settings.push_quiet_from, settings.push_quiet_until)


def backoff(tried: Try, wait: float | None) -> timedelta:
    """How long to wait after this try: longer each time, at least what was asked for, not all at one moment."""
    minutes = 4 ** (tried.attempt - 1) * (1 + tried.message.delivery_id % 10 / 20)
    asked = timedelta(seconds=min(wait or 0, LONGEST_WAIT.total_seconds()))  # any number may stand there
    return min(max(timedelta(minutes=minutes), asked), LONGEST_WAIT)


def _decide(conn: psycopg.Connection, ready: Mapping[str, Channel], settings: Settings, now: datetime) -> Turn:
    if is_quiet(now, settings):
        outbox.rest(conn, next_hour(now, settings.push_quiet_until), now)
    picked = _picked(conn, settings, now)
    begins, stuck = _by_ready_ways(conn, [one.send for one in picked if one.send], ready)
    over = {delivery: why for one in picked for delivery, why in one.over.items()}
    later = {delivery: until for one in picked for delivery, until in one.later.items()}
    over |= {one.delivery_id: deliveries.NO_WAY for one in stuck if not one.grave}
    outbox.end(conn, over, now)
    outbox.put_off(conn, later, now)
    graves = {one.delivery_id: now + NO_WAY_WAIT for one in stuck if one.grave}
    outbox.put_off(conn, graves, now, reason=deliveries.NO_WAY)
    begun = outbox.take(conn, begins, now, lease=LEASE)
    tries = [Try(one, begun[one.delivery_id]) for one in begins if one.delivery_id in begun]
    people = {name: [one.message.person_id for one in tries if one.message.channel == name] for name in ready}
    known = {name: channel.addresses(conn, people[name]) for name, channel in ready.items() if people[name]}
    return Turn(tries, known, len(over) + len(later) + len(graves) + len(tries))


def _by_ready_ways(
    conn: psycopg.Connection, chosen: Sequence[Waiting], ready: Mapping[str, Channel]
) -> tuple[list[Waiting], list[Waiting]]:
    """These messages by channels that are ready, and those whose people are reached by none of them."""
    astray = [one.person_id for one in chosen if one.channel not in ready]
    ways = {one.person_id: one.channel for one in chosen if one.channel in ready} | _ways(conn, astray, ready)
    begins = [replace(one, channel=ways[one.person_id]) for one in chosen if one.person_id in ways]
    return begins, [one for one in chosen if one.person_id not in ways]


def _ways(conn: psycopg.Connection, people: Sequence[int], ready: Mapping[str, Channel]) -> dict[int, str]:
    """The channel that reaches each of these people now; "log" reaches nobody."""
    ways = [channel for name, channel in ready.items() if name != "log"]
    return reaching(conn, people, message_wishes.of_people(conn, people), ways) if people else {}


def _picked(conn: psycopg.Connection, settings: Settings, now: datetime) -> list[Picked]:
    people = outbox.hold(conn, now, limit=AT_ONCE)
    rows = outbox.waiting(conn, people, now)
    rung, wished = outbox.rung(conn, people, civil_day(now)), message_wishes.of_people(conn, people)
    caps = Caps(a_day=settings.push_a_day, a_week=settings.push_a_week)

    def asks(person: int) -> Person:
        wishes = wished.get(person, message_wishes.NONE)
        return Person(rung=rung.get(person, Rung()), wishes=wishes, quiet_until=_asleep(wishes, settings, now))

    return [
        pick(list(theirs), asks(person), caps, now) for person, theirs in groupby(rows, key=lambda one: one.person_id)
    ]


def _asleep(wishes: Wishes, settings: Settings, now: datetime) -> datetime | None:
    """Until when this person does not want to be woken; their own hours stand in place of the town's."""
    start, end = wishes.quiet_from, wishes.quiet_until
    if start is None or end is None:
        start, end = settings.push_quiet_from, settings.push_quiet_until
    return next_hour(now, end) if between(now.astimezone(JST).hour, start, end) else None


def _attempt(
    tried: Try, channel: Channel, addresses: Sequence[Address], settings: Settings, *, latest: float
) -> Outcome:
    message = _message(tried.message, settings)
    faults: list[tuple[Address, SendFailed]] = []
    for address in _in_turn(addresses, tried.attempt):
        try:
            if monotonic() > latest:
                raise SendFailed("too_late")
            channel.send(message, address, settings)
        except SendFailed as fault:
            faults.append((address, fault))
        except Exception as fault:  # a fault of the channel's own; its text may hold a secret
            faults.append((address, SendFailed(type(fault).__name__)))
    return _outcome(tried, addresses, faults)


def _in_turn(addresses: Sequence[Address], attempt: int) -> Sequence[Address]:
    """Each try begins with another one: one that never answers does not keep the others waiting for ever."""
    first = (attempt - 1) % max(len(addresses), 1)
    return (*addresses[first:], *addresses[:first])


def _message(one: Waiting, settings: Settings) -> Message:
    return Message(
        advice_id=one.advice_id,
        public_id=one.public_id,
        title=TITLE,
        body=URGENT if one.urgent else BODY,
        link=f"{settings.public_url.rstrip('/')}/m/{one.token}",
        urgent=one.urgent,
        token=str(one.token),
    )


def _outcome(tried: Try, addresses: Sequence[Address], faults: Sequence[tuple[Address, SendFailed]]) -> Outcome:
    """One address reached is enough: the person was told."""
    told = partial(Outcome, tried=tried, gone=tuple(address for address, fault in faults if fault.permanent))
    if not addresses:
        return told(status="dropped", reason="no_address")
    if len(faults) < len(addresses):
        return told(status="sent")
    reasons = sorted({fault.reason for _, fault in faults})
    if all(fault.final for _, fault in faults) or tried.attempt >= MOST_ATTEMPTS:
        return told(status="failed", reason=", ".join(reasons))
    wait = max((fault.retry_after for _, fault in faults if fault.retry_after), default=None)
    asked = wait is not None or "http_429" in reasons
    return told(status="throttled" if asked else "retrying", reason=", ".join(reasons), wait=wait)


def _other_way(conn: psycopg.Connection, outcome: Outcome, ready: Mapping[str, Channel]) -> str | None:
    """Where this one's addresses are gone, the channel that reaches the person now."""
    person = outcome.tried.message.person_id
    if outcome.status not in ("failed", "dropped") or outcome.tried.attempt >= MOST_ATTEMPTS:
        return None
    name = _ways(conn, [person], ready).get(person)
    return name if name != outcome.tried.message.channel else None


def _settle(pool: ConnectionPool, outcome: Outcome, ready: Mapping[str, Channel], now: datetime) -> None:
    one, waits = outcome.tried.message, outcome.status in ("throttled", "retrying")
    again = now + timedelta(seconds=outcome.after) + backoff(outcome.tried, outcome.wait) if waits else None
    with pool.connection() as conn:
        for address in outcome.gone:
            ready[one.channel].forget(conn, address)
        other = _other_way(conn, outcome, ready)
        deliveries.settle(
            conn,
            one.delivery_id,
            outcome.tried.attempt,
            "retrying" if other else outcome.status,
            now=now,
            reason=outcome.reason,
            again=now if other else again,
            by=other,
        )
    said = deliveries.slug(outcome.reason)
    log.info("delivery %d by %s: %s%s", one.delivery_id, one.channel, outcome.status, f" ({said})" if said else "")
