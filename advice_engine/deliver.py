"""Walk one, step 8: takes deliveries that are due, sends them by the person's channel, settles them.

Claim, commit, send, settle: no transaction is open while another machine answers. A worker that dies between
sending and settling leaves a claimed delivery, which is due again when its lease ends: told at least once, rarely
twice (Web Push shows both as one notification), never lost. The other order, settling before sending, would lose
red flags.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg_pool import ConnectionPool

from advice_engine import notices
from advice_engine.channel import Address, Channel, Message, SendFailed, channels
from store import deliveries
from store.clock import JST
from store.deliveries import Claimed
from store.settings import Settings

TITLE = "酒田市PHR"
BODY = "新しいお知らせがあります。"
URGENT = "大切なお知らせがあります。今日のうちにご確認ください。"
AT_ONCE = 16  # deliveries of one claim: the worst case (all time out) stays far below the lease
SENDERS = 8  # threads: sending is waiting
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 6  # 1, 4, 16, 64 minutes and 4 hours apart: a push service's bad day, not its bad week
LONGEST_WAIT = timedelta(hours=6)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. ``error`` is "" when somebody was told; ``gone``: addresses to forget."""

    claimed: Claimed
    error: str = ""
    wait: float | None = None  # seconds the other side asked for
    gone: tuple[Address, ...] = ()
    over: bool = False  # nothing is left to try


def deliver_once(pool: ConnectionPool, settings: Settings, now: datetime) -> int:
    """Send up to ``AT_ONCE`` due deliveries; returns how many were taken (0: nothing is due now).

    Channels without their settings are left alone: their deliveries wait.
    """
    ready = {name: channel for name, channel in channels().items() if channel.ready(settings)}
    with pool.connection() as conn:
        notices.add(conn, now)
        quiet = is_quiet(now, settings)
        claimed = deliveries.claim(conn, now, channels=list(ready), lease=LEASE, quiet=quiet, limit=AT_ONCE)
        known = {
            name: channel.addresses(conn, [one.person_id for one in claimed if one.channel == name])
            for name, channel in ready.items()
        }

    def attempt(one: Claimed) -> Outcome:
        return _attempt(one, ready[one.channel], known[one.channel].get(one.person_id, ()), settings)

    with ThreadPoolExecutor(SENDERS, "push") as threads:
        for outcome in threads.map(attempt, claimed):
            _settle(pool, outcome, ready, now)
    return len(claimed)


def is_quiet(now: datetime, settings: Settings) -> bool:
    """Whether people are asleep: from ``push_quiet_from`` to ``push_quiet_until``, hours in Japan; equal is never."""
    hour, start, end = now.astimezone(JST).hour, settings.push_quiet_from, settings.push_quiet_until
    return start <= hour < end if start <= end else hour >= start or hour < end


def backoff(claimed: Claimed, wait: float | None) -> timedelta:
    """How long to wait after this attempt: longer each time, at least what was asked for, not all at one moment."""
    minutes = 4 ** (claimed.attempts - 1) * (1 + claimed.delivery_id % 10 / 20)
    return min(max(timedelta(minutes=minutes), timedelta(seconds=wait or 0)), LONGEST_WAIT)


def _attempt(one: Claimed, channel: Channel, addresses: Sequence[Address], settings: Settings) -> Outcome:
    if one.stale:
        return Outcome(one, "closed before it was sent", over=True)
    message = _message(one, settings)
    faults: list[tuple[Address, SendFailed]] = []
    for address in addresses:
        try:
            channel.send(message, address, settings)
        except SendFailed as fault:
            faults.append((address, fault))
        except Exception as fault:  # a fault of the channel's own; its text may hold a secret
            faults.append((address, SendFailed(type(fault).__name__)))
    return _outcome(one, addresses, faults)


def _message(one: Claimed, settings: Settings) -> Message:
    return Message(
        advice_id=one.advice_id,
        public_id=one.public_id,
        title=TITLE,
        body=URGENT if one.urgent else BODY,
        link=f"{settings.public_url}/",
        urgent=one.urgent,
    )


def _outcome(one: Claimed, addresses: Sequence[Address], faults: Sequence[tuple[Address, SendFailed]]) -> Outcome:
    """One address reached is enough: the person was told."""
    gone = tuple(address for address, fault in faults if fault.permanent)
    if len(faults) < len(addresses):
        return Outcome(one, gone=gone)
    errors = ", ".join(sorted({fault.reason for _, fault in faults})) or "no address left"
    wait = max((fault.retry_after for _, fault in faults if fault.retry_after), default=None)
    return Outcome(one, errors, wait, gone, over=len(gone) == len(addresses))


def _settle(pool: ConnectionPool, outcome: Outcome, ready: Mapping[str, Channel], now: datetime) -> None:
    one = outcome.claimed
    with pool.connection() as conn:
        for address in outcome.gone:
            ready[one.channel].forget(conn, address)
        if not outcome.error:
            deliveries.settle(conn, one, "sent", now=now)
        elif outcome.over:
            deliveries.settle(conn, one, "expired", now=now, error=outcome.error)
        elif one.attempts >= MOST_ATTEMPTS:
            deliveries.settle(conn, one, "failed", now=now, error=outcome.error)
        else:
            deliveries.retry(conn, one, now + backoff(one, outcome.wait), outcome.error)
    log.info("delivery %d by %s: %s", one.delivery_id, one.channel, outcome.error or "sent")
