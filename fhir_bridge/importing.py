"""One file of a facility into the database: found, allowed, read, kept - or refused, with its name. One transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg_pool import ConnectionPool

from fhir_bridge import identity, parse, writing
from fhir_bridge.draft import Draft
from fhir_bridge.drafting import Named, counted, draft
from fhir_bridge.parcel import Parcel, parcel
from fhir_bridge.source import name_of
from fhir_bridge.writing import Allowed, Writing
from store import audit, record_readings, records, rejections
from store.model import NotUnderstood, Rejection

_NO_CONSENT = "no_consent: no consent in force for this facility and kind; nothing was kept"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one file. ``records`` counts new and changed ones, ``unchanged`` those that were known already.

    ``not_kept`` and ``refused`` are (what, why); a why begins with a reason slug where the whole file is refused.
    """

    file: str
    person_found: bool = False
    documents: int = 0
    records: int = 0
    readings: int = 0
    unchanged: int = 0
    not_kept: tuple[Named, ...] = ()
    refused: tuple[Named, ...] = ()


def import_file(pool: ConnectionPool, path: Path, now: datetime) -> Report:
    """Import one file. Raises OSError when it can't be opened; what it holds never raises."""
    with path.open("rb") as file:
        raw = file.read(parse.MOST_BYTES + 1)
    with pool.connection() as conn:
        return import_bytes(conn, raw, name_of(path), now)


def import_bytes(conn: psycopg.Connection, raw: bytes, name: str, now: datetime) -> Report:
    """Import one file's content in the caller's transaction."""
    try:
        file = parse.read(raw)
    except NotUnderstood as fault:
        kept = raw if fault.reason != "too_large" else b""
        keep_rejection(conn, Rejection(name, fault.reason, fault.detail, kept, now))
        return Report(name, refused=((name, str(fault)),))
    found = parcel(file, raw)
    try:
        subject = identity.subject_of(found)
        known = _held(conn, subject, found)
    except NotUnderstood as fault:
        return _nothing_kept(conn, found, None, Report(name, refused=((_nameless(found), str(fault)),)))
    person_id, drafted = known.person_id, draft(found, subject, now)
    now = max(now, datetime.now(UTC))  # a consent may have been withdrawn since the round began, or while it waited
    allowed, denied = _allowed(conn, person_id, drafted.drafts, now)
    report = Report(name, person_found=True, not_kept=counted(denied) + drafted.named)
    if not allowed:
        refused = [(_nameless(found), _NO_CONSENT)] if denied else []
        refused += [(one.what, one.why) for one in found.broken]
        return _nothing_kept(conn, found, person_id, replace(report, refused=tuple(refused)))
    broken = _broken(conn, person_id, found, Rejection(name, "", "", b"", now))
    written = writing.write(conn, Writing(known, found, drafted.drafts, tuple(allowed), now))
    _note(conn, found, person_id, kinds=[one.draft.row.kind for one in allowed])
    return replace(
        report,
        refused=broken,
        documents=written.documents,
        records=written.records,
        readings=written.readings,
        unchanged=written.unchanged,
    )


def _held(conn: psycopg.Connection, subject: identity.Subject, found: Parcel) -> identity.Found:
    """The person, of whom nobody else writes records now; looked up again while they are held: the link may just have
    been undone. Raises NotUnderstood."""
    first = identity.person(conn, subject, found.day)
    record_readings.hold(conn, first.person_id)
    known = identity.person(conn, subject, found.day)
    if known.person_id != first.person_id:
        raise NotUnderstood("no_person", "its identifier has just been tied to another")
    return known


def keep_rejection(conn: psycopg.Connection, rejection: Rejection) -> None:
    """Keep what can't be read, once: the same bytes of the same name are one open rejection."""
    known = conn.execute(
        "select 1 from health.rejections where origin = %s and reason = %s and raw = %s and resolved_at is null",
        (rejection.origin, rejection.reason, rejection.raw),
    ).fetchone()
    if not known:
        rejections.add(conn, [rejection])


def _nameless(found: Parcel) -> str:
    return f"document {found.hash}"


def _nothing_kept(conn: psycopg.Connection, found: Parcel, person_id: int | None, report: Report) -> Report:
    # Deny by default: of a record without person or consent nothing stays but that it was refused, under a hash
    _note(conn, found, person_id)
    return report


def _allowed(
    conn: psycopg.Connection, person_id: int, drafts: Sequence[Draft], now: datetime
) -> tuple[list[Allowed], list[Named]]:
    asked = {(one.facility.code, one.row.kind) for one in drafts}
    given = {
        (facility, kind): identity.consent(conn, person_id, facility=facility, kind=kind, now=now)
        for facility, kind in sorted(asked)
    }
    allowed, denied = [], []
    for one in drafts:
        consent_id = given[one.facility.code, one.row.kind]
        if consent_id is None:
            denied.append((one.row.kind, _NO_CONSENT))
        else:
            allowed.append(Allowed(one, consent_id))
    return allowed, denied


def _broken(conn: psycopg.Connection, person_id: int, found: Parcel, like: Rejection) -> tuple[Named, ...]:
    """Name the entries that are no valid resources; keep them whole only under a consent for every kind."""
    every_kind = identity.consent(conn, person_id, facility=found.facility.code, kind="*", now=like.received_at)
    for one in found.broken:
        if every_kind is not None:
            keep_rejection(conn, replace(like, reason="invalid_resource", detail=f"{one.what}: {one.why}", raw=one.raw))
    return tuple((one.what, one.why) for one in found.broken)


def _note(conn: psycopg.Connection, found: Parcel, person_id: int | None, *, kinds: Sequence[str] = ()) -> None:
    """Audit the import of these kinds; none: a refusal."""
    audit.note(
        conn,
        actor="worker:bridge",
        role="worker",
        person_id=person_id,
        action="import" if kinds else "deny",
        items=", ".join(sorted(set(kinds))) or "record",
        purpose=records.PURPOSE,
        allowed=bool(kinds),
        origin=_nameless(found),
    )
