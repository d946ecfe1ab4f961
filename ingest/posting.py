"""What a telephone app posts over HTTPS: read by the same decoders as MQTT, stored or kept as a rejection at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from ingest import storing
from ingest.decode import Outcome, decode
from ingest.message import Message
from store import readings, rejections, sources, typed
from store.model import Reading, Registration, Rejection
from store.rejections import KeptRejection

PREFIX = "post:"  # of the origin of what was posted
_GATEWAY = "post"  # stands where a gateway's name would
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not stored: a slug and a sentence without values."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a post. ``already``: readings that were there before; what is refused is kept whole."""

    stored: int
    already: int
    refused: tuple[Refusal, ...]
    rejection_id: int | None


def origin(model: str, device: str) -> str:
    """The origin of a posted rejection, from which it can be read again."""
    return f"{PREFIX}{model}/{device}"


def read_again(conn: psycopg.Connection, kept: KeptRejection) -> Outcome:
    """What a posted rejection comes to today; nothing is stored."""
    model, _, device = kept.origin.removeprefix(PREFIX).partition("/")
    assert kept.person_id is not None, "who posts is signed in"
    return _outcome(
        conn, kept.person_id, Message(f"phr/v1/{_GATEWAY}/{device}", kept.raw, kept.received_at, qos=0), model
    )


def take_in(
    conn: psycopg.Connection, *, person_id: int, device: str, model: str, payload: bytes, now: datetime
) -> Posted:
    """Decode and store one post in the caller's transaction.

    ``device`` is the name that the app gives (no ``/ + #``); each has a source of its own. What can't be understood,
    or contradicts what is stored, is kept whole as a rejection; the sound rest is stored. Posting the same again
    stores nothing twice.
    """
    outcome = _outcome(conn, person_id, Message(f"phr/v1/{_GATEWAY}/{device}", payload, now, qos=0), model)
    said = outcome.taken
    before = typed.kept(conn, said)
    refused = _refused(outcome, contradicted=bool(storing.store_numbers(conn, [outcome])))
    rejection_id = None
    if refused:
        rejection = Rejection(
            origin=origin(model, device),
            reason=refused[0].reason,
            detail="; ".join(one.detail for one in refused),
            raw=payload,
            received_at=now,
            device=device,
            person_id=person_id,
        )
        rejection_id = rejections.keep(conn, rejection)
    return Posted(*_counted(said, before, typed.kept(conn, said)), refused, rejection_id)


def _outcome(conn: psycopg.Connection, person_id: int, message: Message, model: str) -> Outcome:
    """As if the telephone were a registered device of this person, at all times."""
    device = message.topic.rpartition("/")[2]
    source_id = sources.phone(conn, person_id, device)
    telephone = Registration(0, _GATEWAY, device, model, person_id, None, source_id, _ALWAYS, None)
    outcome = decode(message, [telephone], {})
    storing.settle_times(conn, [outcome])
    return outcome


def _refused(outcome: Outcome, *, contradicted: bool) -> tuple[Refusal, ...]:
    found = [Refusal(outcome.rejection.reason, outcome.rejection.detail)] if outcome.rejection else []
    if contradicted:
        reason, detail = storing.CONTRADICTS
        found.append(Refusal(reason, f"{detail}, and stays"))
    return tuple(found)


def _counted(
    batch: Sequence[Reading], before: Mapping[typed.Key, float], after: Mapping[typed.Key, float]
) -> tuple[int, int]:
    """How many readings are new (or grown), and how many were there. One that contradicts is neither."""
    values = {(one.metric, one.at): one.value for one in batch}
    changed = {key for key in values if key in after and before.get(key) != after[key]}
    there = {
        key
        for key, value in values.items()
        if key not in changed and (key not in after or after[key] == value or key[0] in readings.GROWING)
    }
    return len(changed), len(there)
