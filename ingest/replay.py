"""Reads a rejection once more: the same bytes and time of arrival, with today's formats and registrations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import psycopg

from ingest import posting, storing
from ingest.decode import Outcome
from ingest.keeping import a_message_is_guilty
from ingest.message import Message, address
from store import rejections
from store.rejections import KeptRejection

Became = Literal["stored", "refused", "closed", "file"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one rejection.

    ``stored``: understood and closed. ``refused``: still open, for this ``reason``; its sound part is stored.
    ``closed``: it was closed before, or there is none. ``file``: a record file's; importing the file again is the way.
    """

    rejection_id: int
    became: Became
    reason: str = ""
    readings: int = 0  # rows that it came to, stored before or now


def replay(conn: psycopg.Connection, rejection_id: int) -> Replayed:
    """Read it, store what is understood and close it, in the caller's transaction. Twice changes nothing.

    Readings that an earlier try stored are the same rows (their key and time of arrival are the same). For a rehearsal
    roll the transaction back.
    """
    kept = rejections.by_id(conn, rejection_id, hold=True)
    if kept is None or kept.resolved_at is not None:
        return Replayed(rejection_id, "closed")
    if kept.origin.startswith(posting.PREFIX) or address(kept.origin) or kept.gateway_id:
        return _again(conn, kept)
    return Replayed(rejection_id, "file", kept.reason)


def _again(conn: psycopg.Connection, kept: KeptRejection) -> Replayed:
    outcome, refusal = None, ("not_stored", "")
    try:
        with conn.transaction():
            outcome = _read(conn, kept)
            refusal = _store(conn, outcome) or ("", "")
    except Exception as fault:
        if not a_message_is_guilty(fault):
            raise
        outcome, refusal = None, ("not_stored", type(fault).__name__)  # its own text may hold values
    size = len(outcome.taken) + len(outcome.unclaimed) if outcome else 0
    if refusal[0]:
        rejections.refuse_again(conn, kept.rejection_id, reason=refusal[0], detail=refusal[1])
        return Replayed(kept.rejection_id, "refused", refusal[0], size)
    rejections.resolve(conn, kept.rejection_id, "replayed")
    return Replayed(kept.rejection_id, "stored", readings=size)


def _read(conn: psycopg.Connection, kept: KeptRejection) -> Outcome:
    if kept.origin.startswith(posting.PREFIX):
        return posting.read_again(conn, kept)
    # QoS 0: the broker does not send this one again, so the ledger of redelivered messages need not know it
    message = Message(kept.origin, kept.raw, kept.received_at, qos=0, retained=kept.retained)
    [outcome] = storing.decoded(conn, [message])
    return outcome


def _store(conn: psycopg.Connection, outcome: Outcome) -> tuple[str, str] | None:
    """Store what is sound; returns reason and detail of what is not."""
    contradicted = storing.store_numbers(conn, [outcome])
    if outcome.rejection:
        return outcome.rejection.reason, outcome.rejection.detail
    return storing.CONTRADICTS if contradicted else None
