"""Records from facilities: written once per (person, key), read only while a consent is in force."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from itertools import groupby
from typing import Literal

import psycopg
from psycopg.rows import class_row

PURPOSE = "phr_records"  # the consent under which a facility's records are shown to the person

Outcome = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """One record to be written: the columns of ``health.records`` that a writer gives."""

    person_id: int
    document_id: int | None
    source_id: int
    consent_id: int
    key: str
    kind: str
    at: datetime
    title: str
    code_system: str = ""
    code: str = ""
    metric: str | None = None
    value: float | None = None
    value_text: str = ""
    unit: str = ""
    reference: str = ""
    interpretation: str = ""
    facility: str = ""
    released: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One record as the citizen may see it. ``value`` is in ``unit``, or the code of an answer."""

    record_id: int
    document_id: int | None
    kind: str
    at: datetime
    title: str
    code_system: str
    code: str
    metric: str | None
    value: float | None
    value_text: str
    unit: str
    reference: str
    interpretation: str
    facility: str


@dataclass(frozen=True, slots=True)
class CheckupRow:
    """One checkup report with its items, in the order in which the report lists them."""

    document_id: int
    at: date
    facility: str
    title: str
    items: tuple[RecordRow, ...]


_GIVEN = [item.name for item in fields(NewRecord)]
_SHOWN = ", ".join(f"record.{item.name}" for item in fields(RecordRow))

# What the facility may say anew about the same resource. `metric` and `document_id` too: a better table or
# a corrected report moves them.
_MAY_CHANGE = [name for name in _GIVEN if name not in ("person_id", "key")]
_ADD = f"""
    insert into health.records as kept ({", ".join(_GIVEN)})
    values ({", ".join(["%s"] * len(_GIVEN))})
    on conflict (person_id, key) do update
       set ({", ".join(_MAY_CHANGE)}, received_at) = ({", ".join(f"excluded.{name}" for name in _MAY_CHANGE)}, now())
     where ({", ".join(f"kept.{name}" for name in _MAY_CHANGE)})
        is distinct from ({", ".join(f"excluded.{name}" for name in _MAY_CHANGE)})
    returning xmax = 0
"""  # noqa: S608 - column names of our own dataclass

# Deny by default, at every look: a consent that was withdrawn or ran out hides its records at once.
_SEEN = f"""
    select {_SHOWN} from health.records as record join health.sources as source using (source_id)
     where record.person_id = %s and record.released and not record.withdrawn
       and health.consent_in_force(record.person_id, '{PURPOSE}', coalesce(source.code, ''), record.kind, now())
           is not null
"""  # noqa: S608 - column names of our own dataclass
_TIMELINE = f"{_SEEN} order by record.at desc, record.record_id limit %s"
_CHECKUP_ITEMS = f"""
    {_SEEN} and record.document_id in
      (select document_id from health.documents where person_id = %s and kind = 'checkup')
     order by record.document_id, record.record_id
"""  # noqa: S608 - the same


def add(conn: psycopg.Connection, record: NewRecord) -> Outcome:
    """Write a record, or bring the row of the same (person, key) up to date."""
    row = conn.execute(_ADD, astuple(record)).fetchone()
    if row is None:
        return "unchanged"
    return "new" if row[0] else "changed"


def timeline(conn: psycopg.Connection, person_id: int, *, limit: int = 200) -> list[RecordRow]:
    """What the citizen sees, newest first: released, not withdrawn, under a consent in force now."""
    with conn.cursor(row_factory=class_row(RecordRow)) as cursor:
        cursor.execute(_TIMELINE, (person_id, limit))
        return cursor.fetchall()


def checkups(conn: psycopg.Connection, person_id: int) -> list[CheckupRow]:
    """The person's checkup reports, newest first, with the items that may be seen; none without such items."""
    with conn.cursor(row_factory=class_row(RecordRow)) as cursor:
        cursor.execute(_CHECKUP_ITEMS, (person_id, person_id))
        items = {key: tuple(rows) for key, rows in groupby(cursor, key=lambda row: row.document_id)}
    documents = conn.execute(
        "select document_id, at, facility, title from health.documents where document_id = any(%s)"
        " order by at desc, document_id desc",
        (list(items),),
    )
    return [CheckupRow(key, at, facility, title, items[key]) for key, at, facility, title in documents]
