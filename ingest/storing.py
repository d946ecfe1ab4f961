"""One transaction for what a batch of messages came to, and the ledger that knows redelivered ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import psycopg

from ingest.decode import Outcome, decode
from ingest.message import Message, address
from store import arrivals, due, readings, registrations, rejections, unclaimed
from store.model import Registration, Rejection
from store.repeats import NO_TIME

_RESTORED = timedelta(hours=1)  # how long after its crash a broker may come back


def decoded(conn: psycopg.Connection, messages: Sequence[Message]) -> list[Outcome]:
    """What each message comes to, with the registrations as they are at this moment.

    They are asked for anew for every batch, not cached: a device registered a moment ago works at once, and one
    handed on never speaks for its former owner.
    """
    addresses = [address(message.topic) for message in messages]
    known = registrations.history(conn, filter(None, addresses))
    members = registrations.members(conn, _households(known.values()))
    none: tuple[Registration, ...] = ()
    return [
        decode(message, known.get(where, none) if where else none, members)
        for message, where in zip(messages, addresses, strict=True)
    ]


def store(conn: psycopg.Connection, slot: str, outcomes: Sequence[Outcome]) -> None:
    """Readings, unclaimed numbers, rejections, due marks and the ledger, in the caller's transaction.

    Storing the same outcomes again changes nothing: a reading by its key, a number without a time of its own and
    a rejection by the ledger (``store.arrivals``).
    """
    fresh = _not_stored_before(conn, slot, outcomes)
    windows = {source: seconds for outcome in fresh for source, seconds in outcome.windows.items()}
    batch = [reading for outcome in fresh for reading in outcome.readings]
    due.mark(conn, "days", readings.add(conn, batch, windows=windows))
    told = _with_contradictions(conn, fresh)
    unclaimed.add(conn, [row for outcome in fresh for row in outcome.unclaimed], windows=windows)
    rejections.add(conn, [outcome.rejection for outcome in told if outcome.rejection])
    arrivals.remember(conn, slot, [_arrival(outcome.message) for outcome in told if _needs_ledger(outcome)])


def not_stored(message: Message, fault: Exception) -> Rejection:
    """The rejection of a message that can't be stored. The fault's own text may hold values: it is not kept."""
    detail = " ".join(filter(None, [type(fault).__name__, getattr(fault, "sqlstate", None)]))
    return _rejection(message, "not_stored", detail)


def _households(known: Iterable[Sequence[Registration]]) -> set[int]:
    return {row.household_id for rows in known for row in rows if row.household_id is not None}


def _not_stored_before(conn: psycopg.Connection, slot: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    again = [outcome.message for outcome in outcomes if outcome.message.duplicate]
    known = arrivals.known(conn, slot, [_arrival(message) for message in again]) if again else set()
    unmarked = [outcome.message for outcome in outcomes if not outcome.message.duplicate and _needs_ledger(outcome)]
    if unmarked:  # a broker that was killed may not know any more that it sent them
        arrived = [_arrival(message) for message in unmarked]
        known |= arrivals.known(conn, slot, arrived, within=_RESTORED)
        again += unmarked
    if not known:
        return list(outcomes)
    stored = {id(message) for message in again if _arrival(message) in known}
    return [outcome for outcome in outcomes if id(outcome.message) not in stored]


def _with_contradictions(conn: psycopg.Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes, with a rejection where the stored reading of that moment has another value."""
    wrong = readings.contradicted(conn, [reading for outcome in outcomes for reading in outcome.readings])
    if not wrong:
        return list(outcomes)
    rows = set(wrong)
    return [_contradicting(outcome) if rows.intersection(outcome.readings) else outcome for outcome in outcomes]


def _contradicting(outcome: Outcome) -> Outcome:
    if outcome.rejection is not None:
        return outcome
    rejection = _rejection(outcome.message, "contradicts_stored", "another value is stored for this moment")
    return replace(outcome, rejection=rejection)


def _rejection(message: Message, reason: str, detail: str) -> Rejection:
    where = address(message.topic)
    return Rejection(
        origin=message.topic.replace("\0", ""),  # PostgreSQL's text has no NUL
        reason=reason,
        detail=detail,
        raw=message.payload,
        received_at=message.received_at,
        gateway_id=where[0].replace("\0", "") if where else None,
        device=where[1].replace("\0", "") if where else None,
        retained=message.retained,
    )


def _needs_ledger(outcome: Outcome) -> bool:
    if not outcome.message.qos:
        return False  # never sent again
    if outcome.rejection is not None:
        return True
    return any(r.flags & NO_TIME for r in outcome.readings) or any(u.flags & NO_TIME for u in outcome.unclaimed)


def _arrival(message: Message) -> arrivals.Arrival:
    return message.packet_id, arrivals.digest(message.topic, message.payload)
