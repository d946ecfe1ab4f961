"""Documents that came in whole, and the facilities they came from."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, fields
from datetime import date, datetime
from uuid import UUID

import psycopg

from store.records import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """One document to be written. ``identifier`` is ``facility|system|value`` of the bundle: two facilities may
    number alike. ``at`` is the day of the examination. ``links``: by which links of identifiers it is this person's;
    ``born``: the birthday that it says."""

    person_id: int
    source_id: int
    consent_id: int
    kind: str
    identifier: str
    title: str
    facility: str
    at: date
    stated_at: datetime | None = None
    born: date | None = None
    links: list[UUID] = field(default_factory=list)


_OF_THE_ROW = ("person_id", "identifier", "stated_at", "born", "links")  # not what the document says
_GIVEN = [item.name for item in fields(NewDocument)]
_CONTENT = ", ".join(name for name in _GIVEN if name not in _OF_THE_ROW)
_ADD = f"""
    with before as (
        select document_id, {_CONTENT} from health.documents
         where identifier = %(identifier)s and person_id = %(person_id)s
    ), written as (
        insert into health.documents as kept ({", ".join(_GIVEN)})
        values ({", ".join(f"%({name})s" for name in _GIVEN)})
        on conflict (identifier, person_id) do update
           set ({_CONTENT}, stated_at, received_at)
             = ({", ".join(f"excluded.{name}" for name in _CONTENT.split(", "))}, excluded.stated_at, now())
         where coalesce(excluded.stated_at, 'infinity') >= coalesce(kept.stated_at, '-infinity')
        returning document_id, {_CONTENT}
    )
    select coalesce((select document_id from before), (select document_id from written)),
           case when not exists (select from before) then 'new'
                when exists (select {_CONTENT} from written except select {_CONTENT} from before) then 'changed'
                else 'unchanged' end
"""  # noqa: S608 - column names of our own dataclass
# It came by these links as well, whichever copy is the newest; who was held back is here again.
_CAME_BY = """
    update health.documents set links = array(select distinct unnest(links || %(links)s::uuid[])), held_for = null
     where document_id = %(row)s and (not links @> %(links)s::uuid[] or held_for is not null)
"""


def add(conn: psycopg.Connection, document: NewDocument) -> tuple[int, Outcome]:
    """Write a document, or bring the row of the same identifier up to date; its id and what happened."""
    row = conn.execute(_ADD, dict(zip(_GIVEN, astuple(document), strict=True))).fetchone()
    assert row is not None
    conn.execute(_CAME_BY, {"links": document.links, "row": row[0]})
    return row[0], row[1]


def source_of(conn: psycopg.Connection, facility_code: str, facility: str) -> tuple[int, str]:
    """The source row of a facility and its name, made on first sight.

    The name that came first stays; a facility that was first seen without one gets it when it is said. Without
    a code a facility is known by its name alone, and only a consent for every facility covers it.
    """
    code = facility_code or f"name:{facility}"
    unnamed = f"医療機関 {facility_code}".strip()
    conn.execute(
        "insert into health.sources as kept (kind, label, code) values ('record', %s, %s)"
        " on conflict (code) do update set label = excluded.label where kept.label = %s and excluded.label <> %s",
        (facility or unnamed, code, unnamed, unnamed),
    )
    row = conn.execute("select source_id, label from health.sources where code = %s", (code,)).fetchone()
    assert row is not None
    return row[0], row[1]
