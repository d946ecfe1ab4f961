"""Writes what a file became: its document, its records, their readings and the mark that advice is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg

from fhir_bridge.draft import Draft
from fhir_bridge.facilities import Facility
from fhir_bridge.identity import Found
from fhir_bridge.parcel import Parcel
from store import documents, due, record_readings, records
from store.clock import civil_day

Sources = Mapping[Facility, tuple[int, str]]  # the facility's source row and the name it goes by


@dataclass(frozen=True, slots=True)
class Allowed:
    """One draft with the consent that allows it."""

    draft: Draft
    consent_id: int


@dataclass(frozen=True, slots=True)
class Writing:
    """What is to be written: ``drafts`` is everything the file says, ``allowed`` (not empty) what may be kept."""

    whose: Found
    parcel: Parcel
    drafts: tuple[Draft, ...]
    allowed: tuple[Allowed, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows are new or changed, and how many records were known already."""

    documents: int
    records: int
    readings: int
    unchanged: int


def write(conn: psycopg.Connection, job: Writing) -> Written:
    """Write it all in the caller's transaction; the same job again changes nothing."""
    sources = _sources(conn, job)
    document_id, changed = _document(conn, job, sources)
    outcomes = Counter(_record(conn, job, one, (document_id, sources)) for one in job.allowed)
    gone = _gone(conn, job, document_id)
    written = Written(
        documents=changed,
        records=outcomes["new"] + outcomes["changed"] + gone,
        readings=record_readings.settle(conn, job.whose.person_id, job.now),
        unchanged=outcomes["unchanged"],
    )
    if written.documents or written.records or written.readings:
        due.mark(conn, "advice", [(job.whose.person_id, civil_day(job.now))])
    return written


def _sources(conn: psycopg.Connection, job: Writing) -> Sources:
    named = {job.parcel.facility, *(one.draft.facility for one in job.allowed)}
    return {one: documents.source_of(conn, one.code, one.name) for one in sorted(named, key=lambda one: one.code)}


def _document(conn: psycopg.Connection, job: Writing, sources: Sources) -> tuple[int | None, int]:
    """The document's row (none for a resource alone) and whether it is new or changed (1) or known (0)."""
    found, first = job.parcel, job.allowed[0]
    if found.bundle is None:
        return None, 0
    source_id, facility = sources[found.facility]
    document = documents.NewDocument(
        person_id=job.whose.person_id,
        source_id=source_id,
        consent_id=first.consent_id,
        kind=found.kind,
        identifier=f"{found.facility.code}|{found.identifier}",
        title=found.title,
        facility=facility,
        at=found.day or civil_day(first.draft.at),
        stated_at=found.stated_at,
        born=job.whose.born,
        links=list(job.whose.links),
    )
    document_id, outcome = documents.add(conn, document)
    return document_id, int(outcome != "unchanged")


def _gone(conn: psycopg.Connection, job: Writing, document_id: int | None) -> int:
    # a broken entry may be the very record that seems to be missing
    if document_id is None or job.parcel.broken:
        return 0
    return records.withdraw_missing(conn, document_id, [one.key for one in job.drafts], job.parcel.stated_at)


def _record(conn: psycopg.Connection, job: Writing, one: Allowed, place: tuple[int | None, Sources]) -> records.Outcome:
    row, (document_id, sources) = one.draft.row, place
    source_id, facility = sources[one.draft.facility]
    return records.add(
        conn,
        records.NewRecord(
            person_id=job.whose.person_id,
            document_id=document_id,
            source_id=source_id,
            consent_id=one.consent_id,
            key=one.draft.key,
            kind=row.kind,
            at=one.draft.at,
            title=row.title,
            code_system=row.code_system,
            code=row.code,
            metric=row.metric,
            value=row.value,
            value_text=row.value_text,
            unit=row.unit,
            reference=row.reference,
            interpretation=row.interpretation,
            facility=facility,
            released=one.draft.released,
            withdrawn=one.draft.withdrawn,
            stated_at=one.draft.stated_at,
            links=list(job.whose.links),
        ),
    )
