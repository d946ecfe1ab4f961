"""One transaction for what a batch of messages came to, and the ledger that knows redelivered ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import psycopg
from msgspec.structs import astuple, replace

from ingest.decode import Outcome, decode, rejected
from ingest.known import Known
from ingest.message import Message, address
from store import arrivals, due, readings, rejections, repeats, stated_times, unclaimed
from store.clock import civil_day
from store.model import Flag, Reading, Rejection, Unclaimed

Numbers = TypeVar("Numbers", Reading, Unclaimed)

CONTRADICTS = ("contradicts_stored", "another value is stored for this moment")  # reason, detail

_RESTORED = timedelta(hours=1)  # how long after its crash a broker may come back


def decoded(
    conn: psycopg.Connection, messages: Sequence[Message], most: int | None = None, known: Known | None = None
) -> list[Outcome]:
    """What each message comes to, with the registrations as they are at this moment (``ingest.known``).

    ``most``: only the first messages, as many as bring no more rows than that; one message is never cut. Registrations
    stay as they are until the transaction ends.
    """
    heard = filter(None, map(address, {message.topic for message in messages}))
    devices, members = (known or Known()).now(conn, heard)
    outcomes: list[Outcome] = []
    size = 0
    for message in messages:
        where = address(message.topic)
        outcome = decode(message, devices[where] if where else (), members)
        size += outcome.size
        if outcomes and most is not None and size > most:
            break
        outcomes.append(outcome)
    settle_times(conn, outcomes)
    return outcomes


def settle_times(conn: psycopg.Connection, outcomes: Sequence[Outcome]) -> None:
    """Give readings whose clock was put right the time under which they are stored already (``stated_times.settled``).

    So a memory that is read out again after its clock drifted on is stored once.
    """
    told = [outcome for outcome in outcomes if not outcome.plain and outcome.stated]
    wanted = {key for outcome in told for key in _put_right(outcome)}
    if not wanted:
        return
    known = stated_times.settled(conn, [row for one in told for row in one.stated if row[:3] in wanted])
    if not known:
        return
    for one in told:
        one.readings = [_at(row, known) for row in one.readings]
        one.unclaimed = [_at(row, known) for row in one.unclaimed]
        one.stated = [(*row[:2], known.get(row[:3], row[2]), *row[3:]) for row in one.stated]


def _put_right(outcome: Outcome) -> Iterator[stated_times.Key]:
    rows: Iterable[Reading | Unclaimed] = (*outcome.readings, *outcome.unclaimed)
    return ((row.source_id, row.metric, row.at) for row in rows if row.flags & Flag.CLOCK_CORRECTED)


def _at(row: Numbers, known: Mapping[stated_times.Key, datetime]) -> Numbers:
    at = known.get((row.source_id, row.metric, row.at)) if row.flags & Flag.CLOCK_CORRECTED else None
    return row if at is None else replace(row, at=at)


def store(conn: psycopg.Connection, slot: str, outcomes: Sequence[Outcome]) -> None:
    """Readings, unclaimed numbers, rejections, due marks and the ledger, in the caller's transaction.

    Storing the same outcomes again changes nothing: a reading by its key, a number without a time of its own and
    a rejection by the ledger (``store.arrivals``).
    """
    fresh = _new(conn, slot, outcomes)
    wrong = store_numbers(conn, fresh)
    told = _with_contradictions(fresh, wrong) if wrong else _careful(fresh)
    if letters := [outcome.rejection for outcome in told if outcome.rejection]:
        rejections.add(conn, letters)
    if noted := [arrival(outcome.message) for outcome in told if _needs_ledger(outcome)]:
        arrivals.remember(conn, slot, noted)


def store_numbers(conn: psycopg.Connection, outcomes: Sequence[Outcome]) -> set[Reading | Unclaimed]:
    """Readings, unclaimed numbers, what else was said of their times, and the due marks; no rejection, no ledger.

    Returns the numbers for whose moment another value is stored.
    """
    careful = _careful(outcomes)
    _give_back(conn, [outcome for outcome in careful if outcome.alone])
    windows = {source: seconds for outcome in careful for source, seconds in outcome.windows.items()}
    if windows:
        repeats.hold(conn, windows)
    batch = [reading for outcome in careful for reading in outcome.readings]
    written = readings.write(conn, batch, windows=windows, rows=[row for outcome in outcomes for row in outcome.rows])
    wrong: set[Reading | Unclaimed] = set() if written.new else set(readings.contradicted(conn, _taken(outcomes)))
    if shared := [row for outcome in careful for row in outcome.unclaimed]:
        unclaimed.add(conn, shared, windows=windows)
        due.mark(conn, "gate", [(row.household_id, civil_day(row.at)) for row in shared if row.metric == "weight"])
        wrong.update(unclaimed.contradicted(conn, shared))
    stated_times.add(conn, [row for outcome in careful for row in outcome.stated])
    return wrong


def _give_back(conn: psycopg.Connection, outcomes: Sequence[Outcome]) -> None:
    """What somebody who lives alone said is not theirs stays so when it comes again."""
    asked = [reading for outcome in outcomes for reading in outcome.readings]
    homes = unclaimed.homes(conn, asked) if asked else {}
    for outcome in outcomes if homes else ():
        back = [row for row in outcome.readings if (row.source_id, row.at) in homes]
        outcome.unclaimed += [Unclaimed(homes[row.source_id, row.at], *astuple(row)[1:]) for row in back]
        outcome.readings = [row for row in outcome.readings if (row.source_id, row.at) not in homes]


def _taken(outcomes: Sequence[Outcome]) -> list[Reading]:
    return [reading for outcome in outcomes for reading in outcome.taken]


def _careful(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if not outcome.plain]


def not_stored(message: Message, fault: Exception) -> Rejection:
    """The rejection of a message that can't be stored. The fault's own text may hold values: it is not kept."""
    detail = " ".join(filter(None, [type(fault).__name__, getattr(fault, "sqlstate", None)]))
    return rejected(message, "not_stored", detail)


def _new(conn: psycopg.Connection, slot: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    doubtful = [o.message for o in outcomes if o.message.duplicate or (not o.plain and _needs_ledger(o))]
    if not doubtful:
        return list(outcomes)
    kept = {id(message) for message, _ in not_stored_before(conn, slot, doubtful)}
    gone = {id(message) for message in doubtful} - kept
    return [outcome for outcome in outcomes if id(outcome.message) not in gone]


def not_stored_before(
    conn: psycopg.Connection, slot: str, messages: Sequence[Message]
) -> list[tuple[Message, arrivals.Arrival]]:
    """Those of these messages that the ledger does not know, in their order, with what it would know them by.

    One that was held unstored when the connection ended comes again beside itself: the first of the two counts.
    """
    arrived = [(message, arrival(message)) for message in messages]
    marked = [one for message, one in arrived if message.qos and message.duplicate]
    unmarked = [one for message, one in arrived if message.qos and not message.duplicate]
    known = arrivals.known(conn, slot, marked) if marked else set()
    if unmarked:  # a broker that was killed may not know any more that it sent them
        known |= arrivals.known(conn, slot, unmarked, within=_RESTORED)
    fresh = []
    for message, one in arrived:
        if message.qos and one in known:
            continue
        if message.qos:
            known.add(one)
        fresh.append((message, one))
    return fresh


def _with_contradictions(outcomes: Sequence[Outcome], wrong: set[Reading | Unclaimed]) -> list[Outcome]:
    return [
        _contradicting(outcome) if wrong.intersection([*outcome.taken, *outcome.unclaimed]) else outcome
        for outcome in outcomes
    ]


def _contradicting(outcome: Outcome) -> Outcome:
    if outcome.rejection is not None:
        return outcome
    return replace(outcome, rejection=rejected(outcome.message, *CONTRADICTS))


def _needs_ledger(outcome: Outcome) -> bool:
    # what came with QoS 0 is never sent again
    return outcome.message.qos > 0 and (outcome.timeless or outcome.rejection is not None)


def arrival(message: Message) -> arrivals.Arrival:
    """What the ledger knows a message by."""
    return message.packet_id, arrivals.digest(message.topic, message.payload)
