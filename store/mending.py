"""After a link was undone, or its end noted late: what it brought wrongly goes to whom its identifier means, or goes.

It is brought to its person as if it came in now: by the link that stands, under their consent, the newest copy
counting. Where nobody is known, or nobody agreed, nothing stays; the facility has the original and sends it again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store import audit, consents, documents, due, record_readings, records, sealing
from store.clock import civil_day
from store.documents import NewDocument
from store.identifiers import place
from store.records import NewRecord


@dataclass(frozen=True, slots=True)
class Wrong:
    """A link that was undone and not mended yet, or one that ended and brought what is dated later."""

    identifier_id: UUID
    person_id: int
    system: str
    value_hash: bytes
    undone: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom the identifier means on some days, by which link."""

    person_id: int
    identifier_id: UUID
    birth_date: date
    since: date | None
    until: date | None


_NEXT = """
    select identifier_id, person_id, system, value_hash, undone_at is not null as undone from identity.identifiers
     where identifier_id in (select identifier_id from identity.identifiers
                              where undone_at is not null and mended_at is null
                             union select held_for from health.documents where held_for is not null
                             union select held_for from health.records where held_for is not null)
     order by undone_at, identifier_id limit 1 for update skip locked
"""
_OWNERS = """
    select person_id, identifier_id, birth_date, lower(valid) as since, upper(valid) as until
      from identity.identifiers join health.people using (person_id)
     where system = %s and value_hash = %s and undone_at is null order by person_id
"""
_DOCUMENTS = """
    select document_id, source_id, consent_id, kind, identifier, title, facility, at, stated_at, born
      from health.documents where held_for = %s order by stated_at nulls last, document_id
"""
_GIVEN = ", ".join(
    f"record.{one.name}"
    for one in fields(NewRecord)
    if one.name not in ("person_id", "document_id", "consent_id", "links")
)
_RECORDS = f"""
    select record_id, record.document_id, coalesce(source.code, '') as source_code, {_GIVEN}
      from health.records as record join health.sources as source using (source_id)
     where held_for = %s order by record_id
"""  # noqa: S608 - our own words
_ASKED = """
    update health.correction_requests set record_id = null, answered_at = coalesce(answered_at, now()),
           answer = case when answer = '' then %s else answer end
     where record_id in (select record_id from health.records where held_for = %s)
"""
_ANSWER = "別の方の記録が、まちがって届いていました。取り除きました。"

Row = dict[str, object]


def mend(conn: psycopg.Connection, now: datetime) -> Wrong | None:
    """Mend after one such link, in the caller's transaction; None when there is none left."""
    with conn.cursor(row_factory=class_row(Wrong)) as cursor:
        link = cursor.execute(_NEXT).fetchone()
    if link is None:
        return None
    people = sorted({link.person_id, *(one.person_id for one in _owners(conn, link))})
    for person_id in people:  # in one order: two that mend do not wait for each other
        record_readings.hold(conn, person_id)
    # looked up again while they are held: one of these links may just have been undone
    _bring(conn, link, [one for one in _owners(conn, link) if one.person_id in people], now)
    _forget(conn, link)
    for person_id in people:
        record_readings.settle(conn, person_id, now)
        due.mark(conn, "advice", [(person_id, civil_day(now))])
        _note(conn, person_id)
    return link


def _owners(conn: psycopg.Connection, link: Wrong) -> list[Owner]:
    with conn.cursor(row_factory=class_row(Owner)) as cursor:
        return cursor.execute(_OWNERS, (link.system, link.value_hash)).fetchall()


def _bring(conn: psycopg.Connection, link: Wrong, owners: list[Owner], now: datetime) -> None:
    held = _rows(conn, _RECORDS, link.identifier_id)
    papers = _rows(conn, _DOCUMENTS, link.identifier_id)
    for paper in papers:
        owner = _owner(owners, paper["at"], paper["born"])
        inside = [one for one in held if one["document_id"] == paper["document_id"]]
        if owner is not None:
            _give(conn, owner, _agreed(conn, owner, inside, now), paper)
    known = {paper["document_id"] for paper in papers}
    for one in held:
        at = one["at"]
        assert isinstance(at, datetime)
        owner = _owner(owners, civil_day(at), None)
        if one["document_id"] not in known and owner is not None:
            _give(conn, owner, _agreed(conn, owner, [one], now), None)


def _rows(conn: psycopg.Connection, query: str, link_id: UUID) -> list[Row]:
    with conn.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query.encode(), (link_id,)).fetchall()


def _owner(owners: list[Owner], day: object, born: object) -> Owner | None:
    """Whom it means on this day; nobody when the file said another birthday."""
    assert isinstance(day, date)
    found = next(
        (one for one in owners if (one.since or date.min) <= day and (one.until is None or day < one.until)), None
    )
    return found if found is not None and born in (None, found.birth_date) else None


def _agreed(conn: psycopg.Connection, owner: Owner, held: list[Row], now: datetime) -> list[tuple[Row, int]]:
    """Those that their person agreed to, each with the consent."""
    found = []
    for one in held:
        consent_id = consents.in_force(
            conn,
            owner.person_id,
            purpose=records.PURPOSE,
            recipient=str(one["source_code"]),
            item=str(one["kind"]),
            at=now,
        )
        if consent_id is not None:
            found.append((one, consent_id))
    return found


def _give(conn: psycopg.Connection, owner: Owner, agreed: list[tuple[Row, int]], paper: Row | None) -> None:
    if not agreed:
        return
    document_id, links = None, [owner.identifier_id]
    if paper is not None:
        said = {name: value for name, value in paper.items() if name not in ("document_id", "consent_id")}
        new = NewDocument(**said | {"person_id": owner.person_id, "consent_id": agreed[0][1], "links": links})  # type: ignore[arg-type]
        document_id, _ = documents.add(conn, new)
    for one, consent_id in agreed:
        said = {name: value for name, value in one.items() if name not in ("record_id", "source_code")}
        mine = {"person_id": owner.person_id, "document_id": document_id, "consent_id": consent_id, "links": links}
        records.add(conn, NewRecord(**said | mine))  # type: ignore[arg-type]


def _forget(conn: psycopg.Connection, link: Wrong) -> None:
    """Nothing of it is left with whom it was wrongly given to: not the rows, nor the number if it never was theirs."""
    one = link.identifier_id
    conn.execute(_ASKED, (_ANSWER, one))
    conn.execute("delete from health.records where held_for = %s", (one,))
    conn.execute(
        "update health.records set document_id = null where document_id in"
        " (select document_id from health.documents where held_for = %s)",
        (one,),
    )
    conn.execute("delete from health.documents where held_for = %s", (one,))
    if not link.undone:
        return
    conn.execute(
        "update identity.identifiers set mended_at = now(), value = %s where identifier_id = %s",
        (sealing.seal(conn, "undone", place(link.person_id, one)), one),
    )


def _note(conn: psycopg.Connection, person_id: int) -> None:
    audit.note(
        conn,
        actor="worker:bridge",
        role="worker",
        person_id=person_id,
        action="write",
        items="records",
        purpose="mending",
    )
