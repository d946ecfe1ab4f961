"""Which person an outside identifier names. Exact matches only: a name or a birthday never finds anybody.

The value lies sealed; it is found by a keyed hash, and believed only when it opens as what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid4

import psycopg

from store import sealing
from store.sealing import Place

_NAMED = """
    select person_id, identifier_id, value, system, value_hash from identity.identifiers
     where (system, value_hash) in (select * from unnest(%s::text[], %s::bytea[]))
"""


class TakenIdentifier(Exception):
    """The identifier already names somebody else."""


def person_of(conn: psycopg.Connection, system: str, value: str) -> int | None:
    """The person that (FHIR ``identifier.system``, ``value``) names, or None. Raises sealing.NotOpened for a row
    that somebody changed."""
    return next(iter(people_of(conn, [(system, value)])), None)


def people_of(conn: psycopg.Connection, pairs: Iterable[tuple[str, str]]) -> set[int]:
    """Every person named by any of the (system, value) pairs. More than one means: ambiguous, refuse.

    Raises sealing.NotOpened for a row that somebody changed.
    """
    wanted = {(pair[0], hashed): pair[1] for pair in set(pairs) for hashed in sealing.hashes(conn, *pair)}
    if not wanted:
        return set()
    rows = conn.execute(
        _NAMED,
        ([system for system, _ in wanted], [hashed for _, hashed in wanted]),
    ).fetchall()
    return {_owner(conn, row, wanted[row[3], row[4]]) for row in rows}


def _owner(conn: psycopg.Connection, row: tuple[int, UUID, bytes, str, bytes], value: str) -> int:
    person_id, identifier_id, sealed = row[:3]
    if sealing.open(conn, sealed, place(person_id, identifier_id)) != value:
        raise sealing.NotOpened("an identifier's hash stands beside another value")
    return person_id


def add(conn: psycopg.Connection, person_id: int, system: str, value: str) -> None:
    """Tie an identifier to a person; again is harmless. Raises TakenIdentifier when it names another person."""
    owner = person_of(conn, system, value)
    if owner is None:
        identifier_id = uuid4()
        conn.execute(
            "insert into identity.identifiers (person_id, identifier_id, system, value_hash, value)"
            " values (%s, %s, %s, %s, %s) on conflict (system, value_hash) do nothing",
            (
                person_id,
                identifier_id,
                system,
                sealing.hashes(conn, system, value)[0],
                sealing.seal(conn, value, place(person_id, identifier_id)),
            ),
        )
        owner = person_of(conn, system, value)
    if owner != person_id:
        raise TakenIdentifier(f"an identifier of {system} already names somebody else")


def of_person(conn: psycopg.Connection, person_id: int) -> list[tuple[str, str]]:
    """(system, value) of every identifier of this person, oldest first."""
    rows = conn.execute(
        "select identifier_id, value, system from identity.identifiers where person_id = %s"
        " order by added_at, identifier_id",
        (person_id,),
    ).fetchall()
    return [(row[2], sealing.open(conn, row[1], place(person_id, row[0]))) for row in rows]


def remove(conn: psycopg.Connection, person_id: int, system: str, value: str) -> bool:
    """Untie an identifier from this person; False when it was not theirs."""
    return bool(
        conn.execute(
            "delete from identity.identifiers where person_id = %s and system = %s and value_hash = any(%s)",
            (person_id, system, sealing.hashes(conn, system, value)),
        ).rowcount
    )


def place(person_id: int, identifier_id: UUID) -> Place:
    """Where a value stands: the person belongs to it, so that it opens for nobody else."""
    return Place("identity.identifiers.value", f"{person_id}/{identifier_id}")
