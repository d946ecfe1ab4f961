"""Documents that came in whole, and the facilities they came from."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import date

import psycopg

from store.records import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """One document to be written. ``identifier`` is ``system|value`` of the bundle; ``at`` the examination's day."""

    person_id: int
    source_id: int
    consent_id: int
    kind: str
    identifier: str
    title: str
    facility: str
    at: date


_GIVEN = [item.name for item in fields(NewDocument)]
_MAY_CHANGE = [name for name in _GIVEN if name not in ("person_id", "identifier")]
_ADD = f"""
    insert into health.documents as kept ({", ".join(_GIVEN)})
    values ({", ".join(["%s"] * len(_GIVEN))})
    on conflict (identifier, person_id) do update
       set ({", ".join(_MAY_CHANGE)}, received_at) = ({", ".join(f"excluded.{name}" for name in _MAY_CHANGE)}, now())
     where ({", ".join(f"kept.{name}" for name in _MAY_CHANGE)})
        is distinct from ({", ".join(f"excluded.{name}" for name in _MAY_CHANGE)})
    returning document_id, xmax = 0
"""  # noqa: S608 - column names of our own dataclass


def add(conn: psycopg.Connection, document: NewDocument) -> tuple[int, Outcome]:
    """Write a document, or bring the row of the same identifier up to date; its id and what happened."""
    row = conn.execute(_ADD, astuple(document)).fetchone()
    if row:
        return row[0], "new" if row[1] else "changed"
    found = conn.execute(
        "select document_id from health.documents where identifier = %s and person_id = %s",
        (document.identifier, document.person_id),
    ).fetchone()
    assert found is not None
    return found[0], "unchanged"


def source_of(conn: psycopg.Connection, facility_code: str, facility: str) -> int:
    """The source row of a facility, made on first sight. A facility without a code is known by its name."""
    code = facility_code or f"name:{facility}"
    conn.execute(
        "insert into health.sources (kind, label, code) values ('record', %s, %s) on conflict (code) do nothing",
        (facility or "医療機関", code),
    )
    row = conn.execute("select source_id from health.sources where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])
