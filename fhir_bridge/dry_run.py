"""What a file would become, for people who bring records: touches no database, keeps nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fhir_bridge import identity, parse
from fhir_bridge.draft import Draft
from fhir_bridge.drafting import draft
from fhir_bridge.identity import Subject
from fhir_bridge.parcel import Parcel, parcel
from store.metrics import METRICS
from store.model import NotUnderstood


def what_it_would_become(raw: bytes, name: str) -> dict[str, Any]:
    """JSON-able: document, the identifiers it would be matched by, records, readings, what is not kept and why.

    Raises NotUnderstood when the file can't be read. Whether a person and a consent exist is not looked at.
    """
    file = parse.read(raw)
    found = parcel(file, raw)
    refused = [[one.what, one.why] for one in found.broken]
    subject: Subject | None = None
    try:
        subject = identity.subject_of(found)
    except NotUnderstood as fault:
        refused.append([name, str(fault)])
    drafted = draft(found, subject, datetime.now(UTC))
    return {
        "file": name,
        "document": _document(found),
        "matched_by": [{"system": system, "value": value} for system, value in (subject.claims if subject else ())],
        "records": [_record(one) for one in drafted.drafts],
        "readings": [_reading(one) for one in drafted.drafts if one.released and one.row.metric in METRICS],
        "not_kept": [list(one) for one in drafted.named],
        "refused": refused,
    }


def _document(found: Parcel) -> dict[str, Any] | None:
    if found.bundle is None:
        return None
    return {
        "kind": found.kind,
        "identifier": found.identifier,
        "title": found.title,
        "day": found.day.isoformat() if found.day else None,
        "facility_code": found.facility.code,
        "facility": found.facility.name,
    }


def _record(one: Draft) -> dict[str, Any]:
    row = one.row
    return {
        "kind": row.kind,
        "at": one.at.isoformat(),
        "title": row.title,
        "code_system": row.code_system,
        "code": row.code,
        "metric": row.metric,
        "value": row.value,
        "value_text": row.value_text,
        "unit": row.unit,
        "reference": row.reference,
        "interpretation": row.interpretation,
        "facility_code": one.facility.code,
        "shown": one.released,
        "withheld": one.withheld,
    }


def _reading(one: Draft) -> dict[str, Any]:
    assert one.row.metric is not None
    return {
        "metric": one.row.metric,
        "at": one.at.isoformat(),
        "value": one.row.value,
        "unit": METRICS[one.row.metric].ucum,
    }
