"""What a citizen may do with devices, their own and those of their households. Route and page ask here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

import psycopg
from psycopg.errors import ExclusionViolation

from devices.catalogue import models
from ingest.replay import replay
from phr_api.problems import Problem, not_found
from store import handing_on, households, people, registrations, rejections
from store.handing_on import To
from store.model import Member, Registration
from store.people import Person
from store.rejections import Filter

EARLIEST = timedelta(days=42)  # so long a pedometer keeps what it counted; no further back does anything move

_READ_AGAIN = 300  # messages in one request; more are left to `phr rejections replay`

Whose = UUID | Literal["household"]


class HandedOn(NamedTuple):
    """The new registration, and the other people whom it concerns: who has the device now, whose numbers moved."""

    registration: Registration
    others: frozenset[int]


def mine(conn: psycopg.Connection, me: int, registration_id: int) -> Registration:
    """A registration of my own or of my household. Raises Problem: 404."""
    for one in registrations.of_person(conn, me):
        if one.registration_id == registration_id:
            return one
    raise not_found()


def register(
    conn: psycopg.Connection,
    me: int,
    *,
    gateway: str,
    device: str,
    model: str,
    label: str,
    shared: bool,
    since: datetime | None = None,
) -> Registration:
    """A device at a gateway of my home; what it said since then, when nobody knew it, is read once more.

    Raises Problem: 404 gateway, 409 registered already, 422 model or time.
    """
    home = _home(conn, me, gateway)
    _known(model)
    if since is not None:
        _check_time(since, _member(conn, home, me))
        registrations.hold_alone(conn)  # what a worker just takes for a stranger's is a rejection when we read again
    try:
        made = registrations.add(
            conn,
            gateway_id=gateway,
            device=device,
            model=model,
            label=label,
            person_id=None if shared else me,
            household_id=home if shared else None,
            valid_from=since,
        )
    except ExclusionViolation:
        raise _taken() from None
    if since is not None:
        _read_again(conn, made)
    return made


def heard_since(conn: psycopg.Connection, me: int, gateway: str, device: str) -> datetime | None:
    """Since when a device that nobody registered was heard at a gateway of my home, as far back as I may have it."""
    home = _home(conn, me, gateway)
    earliest = max(datetime.now(UTC) - EARLIEST + timedelta(minutes=1), _member(conn, home, me).valid_from)
    heard = (one for one in rejections.strangers(conn, [gateway], earliest) if one.device == device)
    return next((max(one.first_at, earliest) for one in heard), None)


def _read_again(conn: psycopg.Connection, made: Registration) -> None:
    known = Filter(
        reason="unregistered_device",
        gateway_id=made.gateway_id,
        device=made.device,
        since=made.valid_from,
        state="open",
    )
    for number in rejections.numbers(conn, known)[:_READ_AGAIN]:
        replay(conn, number)


def hand_on(
    conn: psycopg.Connection,
    me: int,
    registration_id: int,
    *,
    to: Whose,
    since: datetime | None = None,
    label: str | None = None,
    model: str | None = None,
) -> HandedOn:
    """Hand a device of mine, or of my household, to one of its members or to all; or replace it (another ``model``).

    Raises Problem: 404 not mine, or no member; 409 ended already; 422 a time or model that can't be.
    """
    old = mine(conn, me, registration_id)
    home = _home(conn, me, old.gateway_id)
    person = None if to == "household" else _relative(conn, home, to)
    if model is not None:
        _known(model)
    moment = since or datetime.now(UTC)
    for one in {me} if person is None else {me, person}:
        _check_time(moment, _member(conn, home, one))
    if old.valid_to is not None:
        raise Problem(409, "この登録は終わっています", "今の登録を選んでください。 Ended already: choose the live one.")
    if moment <= old.valid_from:
        raise _bad_time("この機器の登録より後の時刻にしてください。 Must lie after the registration's beginning.")
    owner = To(person_id=person, household_id=home if person is None else None, label=label, model=model)
    others = handing_on.owners(conn, old, moment) | ({person} if person is not None else set())
    try:
        return HandedOn(handing_on.hand_on(conn, old, owner, moment), frozenset(others - {me}))
    except ExclusionViolation:
        raise _taken() from None


def relatives(conn: psycopg.Connection, household_id: int) -> list[Person]:
    """The people who are members of this household now."""
    found = (people.by_id(conn, person_id) for person_id in households.members(conn, household_id))
    return [person for person in found if person is not None]


def _home(conn: psycopg.Connection, me: int, gateway: str) -> int:
    home = households.gateways(conn, me).get(gateway)
    if home is None:
        raise not_found()
    return home


def _relative(conn: psycopg.Connection, household_id: int, public_id: Whose) -> int:
    for person in relatives(conn, household_id):
        if person.public_id == public_id:
            return person.person_id
    raise not_found()


def _member(conn: psycopg.Connection, household_id: int, person_id: int) -> Member:
    now = datetime.now(UTC)
    times = registrations.members(conn, [household_id]).get(household_id, ())
    for one in times:
        if one.person_id == person_id and (one.valid_to is None or one.valid_to > now):
            return one
    raise not_found()


def _check_time(since: datetime, member: Member) -> None:
    now = datetime.now(UTC)
    if not now - EARLIEST <= since <= now + timedelta(seconds=5):
        raise _bad_time("今から42日前までの日時にしてください。 Not in the future, at most 42 days back.")
    if since < member.valid_from:
        raise _bad_time("家族になった日より後にしてください。 Not before you or that person joined the household.")


def _known(model: str) -> None:
    if model not in models():
        raise Problem(422, "知らない機種です", "/api/models から選んでください。 Choose a model of /api/models.")


def _bad_time(says: str) -> Problem:
    return Problem(422, "日時を確かめてください", says)


def _taken() -> Problem:
    return Problem(
        409,
        "この機器はすでに登録されています",
        "先に今の登録を終えてください。 Already registered: end the present registration first.",
    )
