"""Which person an outside identifier names, and on which days. Exact matches only: a name or a birthday finds nobody.

A row is a link: with its kind, its evidence, its days. It is ended or undone (``store/links.py``), not deleted. The
value lies sealed; it is found by a keyed hash, and believed only when it opens as what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID, uuid4

import psycopg

from store import sealing
from store.clock import civil_day
from store.sealing import Place

Kind = Literal["insurance", "network", "facility", "other"]

_NAMED = """
    select person_id, identifier_id, value, system, value_hash from identity.identifiers
     where (system, value_hash) in (select * from unnest(%s::text[], %s::bytea[]))
       and undone_at is null and valid @> %s
"""


class TakenIdentifier(Exception):
    """The identifier already names somebody else."""


@dataclass(frozen=True, slots=True)
class Match:
    """The person, and the link that says so."""

    person_id: int
    link_id: UUID


def person_of(conn: psycopg.Connection, system: str, value: str, day: date | None = None) -> int | None:
    """The person that (FHIR ``identifier.system``, ``value``) names, or None. Raises sealing.NotOpened for a row
    that somebody changed."""
    return next(iter(people_of(conn, [(system, value)], day)), None)


def people_of(conn: psycopg.Connection, pairs: Iterable[tuple[str, str]], day: date | None = None) -> set[int]:
    """Every person named by any of the (system, value) pairs. More than one means: ambiguous, refuse."""
    return {one.person_id for one in matches(conn, pairs, day)}


def matches(conn: psycopg.Connection, pairs: Iterable[tuple[str, str]], day: date | None = None) -> set[Match]:
    """Every link by which any of the pairs names somebody on this civil day (None: today).

    Raises sealing.NotOpened for a row that somebody changed.
    """
    wanted = {(pair[0], hashed): pair[1] for pair in set(pairs) for hashed in sealing.hashes(conn, *pair)}
    if not wanted:
        return set()
    rows = conn.execute(
        _NAMED,
        ([system for system, _ in wanted], [hashed for _, hashed in wanted], day or civil_day(datetime.now(UTC))),
    ).fetchall()
    return {Match(_owner(conn, row, wanted[row[3], row[4]]), row[1]) for row in rows}


def _owner(conn: psycopg.Connection, row: tuple[int, UUID, bytes, str, bytes], value: str) -> int:
    person_id, identifier_id, sealed = row[:3]
    if sealing.open(conn, sealed, place(person_id, identifier_id)) != value:
        raise sealing.NotOpened("an identifier's hash stands beside another value")
    return person_id


def add(
    conn: psycopg.Connection,
    person_id: int,
    system: str,
    value: str,
    *,
    kind: Kind = "other",
    evidence: str = "taken over",
) -> None:
    """Tie an identifier to a person for all days; again is harmless. Raises TakenIdentifier when it names another.

    For what a program takes over; at the counter ``links.link`` does it.
    """
    identifier_id = uuid4()
    conn.execute(
        "insert into identity.identifiers (person_id, identifier_id, system, value_hash, value, kind, evidence)"
        " select %s, %s, %s, %s, %s, %s, %s where not exists (select from identity.identifiers"
        " where system = %s and value_hash = any(%s) and undone_at is null) on conflict do nothing",
        (
            person_id,
            identifier_id,
            system,
            sealing.hashes(conn, system, value)[0],
            sealing.seal(conn, value, place(person_id, identifier_id)),
            kind,
            evidence,
            system,
            sealing.hashes(conn, system, value),
        ),
    )
    if person_of(conn, system, value) != person_id:
        raise TakenIdentifier(f"an identifier of {system} already names somebody else")


def of_person(conn: psycopg.Connection, person_id: int) -> list[tuple[str, str]]:
    """(system, value) of every identifier of this person, oldest first; ended ones too, but none that never was
    theirs."""
    rows = conn.execute(
        "select identifier_id, value, system from identity.identifiers where person_id = %s and undone_at is null"
        " order by added_at, identifier_id",
        (person_id,),
    ).fetchall()
    return [(row[2], sealing.open(conn, row[1], place(person_id, row[0]))) for row in rows]


def place(person_id: int, identifier_id: UUID) -> Place:
    """Where a value stands: the person belongs to it, so that it opens for nobody else."""
    return Place("identity.identifiers.value", f"{person_id}/{identifier_id}")
