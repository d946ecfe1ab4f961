"""Which person an outside identifier names. Exact matches only: a name or a birthday never finds anybody."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg


class TakenIdentifier(Exception):
    """The identifier already names somebody else."""


def person_of(conn: psycopg.Connection, system: str, value: str) -> int | None:
    """The person that (FHIR ``identifier.system``, ``value``) names, or None."""
    row = conn.execute(
        "select person_id from identity.identifiers where system = %s and value = %s", (system, value)
    ).fetchone()
    return row[0] if row else None


def people_of(conn: psycopg.Connection, pairs: Iterable[tuple[str, str]]) -> set[int]:
    """Every person named by any of the (system, value) pairs. More than one means: ambiguous, refuse."""
    known = sorted(set(pairs))
    rows = conn.execute(
        "select distinct person_id from identity.identifiers"
        " where (system, value) in (select * from unnest(%s::text[], %s::text[]))",
        ([system for system, _ in known], [value for _, value in known]),
    )
    return {row[0] for row in rows}


def add(conn: psycopg.Connection, person_id: int, system: str, value: str) -> None:
    """Tie an identifier to a person; again is harmless. Raises TakenIdentifier when it names another person."""
    conn.execute(
        "insert into identity.identifiers (system, value, person_id) values (%s, %s, %s) on conflict do nothing",
        (system, value, person_id),
    )
    if person_of(conn, system, value) != person_id:
        raise TakenIdentifier(f"an identifier of {system} already names somebody else")
