"""Records from facilities: written once per (person, key), shown only while a consent is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import date, datetime
from itertools import groupby
from typing import Literal
from uuid import UUID

import psycopg
from psycopg.rows import class_row

PURPOSE = "phr_records"  # the consent under which a facility's records are shown to the person

# What a consent's items can name, and what the screen calls it.
KINDS = {
    "checkup_item": "健診の結果",
    "lab": "検査の結果",
    "vital": "身体測定・血圧など",
    "observation": "診察の所見",
    "prescription": "処方",
    "dispense": "調剤",
    "condition": "病名",
    "allergy": "アレルギー",
    "immunization": "予防接種",
    "procedure": "処置・手術",
    "care_plan": "療養計画",
}

Outcome = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """One record to be written: the columns of ``health.records`` that a writer gives.

    ``links``: by which links of identifiers it is this person's.
    """

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
    stated_at: datetime | None = None
    links: list[UUID] = field(default_factory=list)


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
_OF_THE_ROW = ("person_id", "key", "document_id", "stated_at", "links")  # not what the record says
_CONTENT = ", ".join(name for name in _GIVEN if name not in _OF_THE_ROW)
_EXCLUDED = ", ".join(f"excluded.{name}" for name in _CONTENT.split(", "))
_SHOWN = ", ".join(item.name for item in fields(RecordRow))

# A record stays in the document that brought it first; later copies only bring its content up to date.
_ADD = f"""
    with before as (
        select {_CONTENT} from health.records where person_id = %(person_id)s and key = %(key)s
    ), written as (
        insert into health.records as kept ({", ".join(_GIVEN)})
        values ({", ".join(f"%({name})s" for name in _GIVEN)})
        on conflict (person_id, key) do update
           set ({_CONTENT}, stated_at, received_at) = ({_EXCLUDED}, excluded.stated_at, now())
         where coalesce(excluded.stated_at, 'infinity') >= coalesce(kept.stated_at, '-infinity')
        returning {_CONTENT}
    )
    select case when not exists (select from before) then 'new'
                when exists (select {_CONTENT} from written except select {_CONTENT} from before) then 'changed'
                else 'unchanged' end
"""  # noqa: S608 - column names of our own dataclass
# It came by these links as well, whichever copy is the newest; who was held back, or has no document, is here again.
_CAME_BY = """
    update health.records set links = array(select distinct unnest(links || %(links)s::uuid[])), held_for = null,
           document_id = coalesce(document_id, %(document)s)
     where person_id = %(person)s and key = %(key)s
       and (not links @> %(links)s::uuid[] or held_for is not null
            or document_id is null and %(document)s::bigint is not null)
"""
_TIMELINE = f"""
    select {_SHOWN} from health.shown_records where person_id = %s order by at desc, record_id limit %s
"""  # noqa: S608 - the same
_CHECKUP_ITEMS = f"""
    select {_SHOWN} from health.shown_records
     where person_id = %s and document_id in
           (select document_id from health.documents where person_id = %s and kind = 'checkup')
     order by document_id, record_id
"""  # noqa: S608 - the same


def add(conn: psycopg.Connection, record: NewRecord) -> Outcome:
    """Write a record, or bring the row of the same (person, key) up to date; an older copy changes nothing."""
    row = conn.execute(_ADD, dict(zip(_GIVEN, astuple(record), strict=True))).fetchone()
    assert row is not None
    conn.execute(
        _CAME_BY,
        {"links": record.links, "person": record.person_id, "key": record.key, "document": record.document_id},
    )
    outcome: Outcome = row[0]
    return outcome


def withdraw_missing(
    conn: psycopg.Connection, document_id: int, keys: Sequence[str], stated_at: datetime | None
) -> int:
    """Mark as withdrawn what a document used to say and its newer version no longer says; how many."""
    done = conn.execute(
        "update health.records set withdrawn = true, received_at = now()"
        " where document_id = %s and not withdrawn and key <> all(%s)"
        " and coalesce(%s, 'infinity'::timestamptz) >= coalesce(stated_at, '-infinity')",
        (document_id, list(keys), stated_at),
    )
    return done.rowcount


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
