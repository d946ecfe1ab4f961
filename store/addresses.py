"""Where a person asked to be told: LINE, the app, e-mail, SMS, letter. The addresses lie sealed.

They are not the contacts of ``identity.persons``, which who sends messages cannot read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import randbelow
from uuid import UUID

import psycopg

from store import sealing
from store.sealing import Place

MOST = 3  # addresses of one channel that a person can have
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
_UNGUESSABLE = ("line", "fcm")
_UNCONFIRMED = timedelta(days=1)  # so long one that nobody confirmed is kept
_AGREED = "health.may_tell(person_id, channel, statement_timestamp()) is not null"


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """One address; it stays out of ``repr`` and so out of logs. ``confirmed_at`` None: only its code is sent there."""

    address_id: int
    person_id: int
    channel: str
    address: str = field(repr=False)
    added_at: datetime
    confirmed_at: datetime | None


class TooManyAddresses(Exception):
    """The person has ``MOST`` of this channel."""


def agreed(conn: psycopg.Connection, person_id: int, channel: str) -> bool:
    """Whether the person agrees to be told in this way at this moment: the words they agreed to must name it."""
    row = conn.execute("select health.may_tell(%s, %s, statement_timestamp())", (person_id, channel)).fetchone()
    return row is not None and row[0] is not None


def add(
    conn: psycopg.Connection,
    person_id: int,
    channel: str,
    address: str,
    *,
    confirmed: bool = False,
    app_id: UUID | None = None,
) -> int:
    """Keep an address; its id. One that is there already is not kept twice. Raises TooManyAddresses.

    ``app_id``: the app whose token it is; it goes with the app (disconnected, signed out, not used for long).

    An app's token or a LINE account that somebody else had before is now this person's alone.
    """
    conn.execute(
        "delete from health.channel_addresses where person_id = %s and confirmed_at is null and added_at < now() - %s",
        (person_id, _UNCONFIRMED),
    )
    mine = [one for one in of_person(conn, person_id) if one.channel == channel]
    known = next((one.address_id for one in mine if one.address == address), None)
    digest = _digest(channel, address) if channel in _UNGUESSABLE else None
    if digest:
        conn.execute("select health.release_address(%s, %s, %s, 'infinity')", (channel, digest, person_id))
    if known is None:
        if len(mine) >= MOST:
            raise TooManyAddresses
        known = _insert(conn, person_id, channel, address, digest=digest)
    if confirmed:
        _confirmed(conn, person_id, known)
    if app_id:
        conn.execute(
            "update health.channel_addresses set app_id = %s where (person_id, address_id) = (%s, %s)",
            (app_id, person_id, known),
        )
    return known


def _insert(conn: psycopg.Connection, person_id: int, channel: str, address: str, *, digest: bytes | None) -> int:
    row = conn.execute("select nextval('health.channel_addresses_address_id_seq')").fetchone()
    assert row is not None
    address_id = int(row[0])
    conn.execute(
        "insert into health.channel_addresses (person_id, address_id, channel, address, digest)"
        " values (%s, %s, %s, %s, %s)",
        (person_id, address_id, channel, sealing.seal(conn, address, _place(person_id, address_id)), digest),
    )
    return address_id


def of_person(conn: psycopg.Connection, person_id: int) -> list[ChannelAddress]:
    """All of this person's, the oldest first, confirmed or not."""
    return _opened(conn, "person_id = %s", (person_id,))


def of_people(conn: psycopg.Connection, people: Sequence[int], channel: str) -> list[ChannelAddress]:
    """The confirmed ones of those of these people who agree to be told at this moment."""
    condition = f"person_id = any(%s) and channel = %s and confirmed_at is not null and {_AGREED}"
    return _opened(conn, condition, (list(people), channel))


def holders(conn: psycopg.Connection, people: Sequence[int], channel: str) -> set[int]:
    """Who of these people ``of_people`` would give an address of, without opening any."""
    rows = conn.execute(
        "select distinct person_id from health.channel_addresses"  # noqa: S608 - text of our own
        f" where person_id = any(%s) and channel = %s and confirmed_at is not null and {_AGREED}",
        (list(people), channel),
    )
    return {person for (person,) in rows}


def remove(conn: psycopg.Connection, person_id: int, address_id: int) -> bool:
    """The person no longer wants to be told there; False when it was not theirs."""
    found = conn.execute(
        "delete from health.channel_addresses where (person_id, address_id) = (%s, %s)", (person_id, address_id)
    )
    return found.rowcount > 0


def forget(conn: psycopg.Connection, address_id: int) -> None:
    """The other side says that this address is gone for good."""
    conn.execute("delete from health.channel_addresses where address_id = %s", (address_id,))


def gone(conn: psycopg.Connection, channel: str, address: str, at: datetime) -> None:
    """The other side names an address that was gone ``at`` this moment, whosever it was (LINE: the account was
    blocked). What was proven since stays."""
    conn.execute("select health.release_address(%s, %s, null, %s)", (channel, _digest(channel, address), at))


def offer_code(conn: psycopg.Connection, person_id: int, address_id: int) -> str:
    """Six digits that prove the address, good for ``CODE_LIFE`` and ``CODE_TRIES``; an older code is void.

    Only a keyed hash is kept: a plain one of six digits would be guessed at once.
    """
    code = f"{randbelow(10**6):06}"
    conn.execute(
        "update health.channel_addresses set code_hash = %s, code_until = now() + %s, code_tries = 0"
        " where (person_id, address_id) = (%s, %s)",
        (_code_hashes(conn, address_id, code)[0], CODE_LIFE, person_id, address_id),
    )
    return code


def confirm(conn: psycopg.Connection, person_id: int, address_id: int, code: str) -> bool:
    """Whether this is the code that was sent there. Each try counts: commit a wrong one too."""
    row = conn.execute(
        "update health.channel_addresses set code_tries = code_tries + 1"
        " where (person_id, address_id) = (%s, %s) and code_until > now() and code_tries < %s returning code_hash",
        (person_id, address_id, CODE_TRIES),
    ).fetchone()
    right = [one for one in _code_hashes(conn, address_id, code) if row and compare_digest(one, row[0])]
    if right:
        _confirmed(conn, person_id, address_id)
    return bool(right)


def _confirmed(conn: psycopg.Connection, person_id: int, address_id: int) -> None:
    conn.execute(
        "update health.channel_addresses set confirmed_at = now(), code_hash = null, code_until = null"
        " where (person_id, address_id) = (%s, %s)",
        (person_id, address_id),
    )


def _opened(conn: psycopg.Connection, condition: str, given: Sequence[object]) -> list[ChannelAddress]:
    rows = conn.execute(
        "select address_id, person_id, channel, address, added_at, confirmed_at"  # noqa: S608 - text of our own
        f" from health.channel_addresses where {condition} order by address_id",
        given,
    ).fetchall()
    return [
        ChannelAddress(one, person, of, sealing.open(conn, sealed, _place(person, one)), added, confirmed)
        for one, person, of, sealed, added, confirmed in rows
    ]


def _place(person_id: int, address_id: int) -> Place:
    return Place("health.channel_addresses.address", f"{person_id}/{address_id}")


def _digest(channel: str, address: str) -> bytes:
    return sha256(f"{channel}\0{address}".encode()).digest()


def _code_hashes(conn: psycopg.Connection, address_id: int, code: str) -> list[bytes]:
    """More than one only while the keys are changed."""
    return sealing.hashes(conn, "address code", str(address_id), code)
