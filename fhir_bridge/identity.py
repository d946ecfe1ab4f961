"""Whose record it is: by identifier alone, and only under a consent in force. Never by name, never by guess."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import normalize
from uuid import UUID

import psycopg

from fhir_bridge.elements import contained, extension, find, type_of
from fhir_bridge.parcel import Parcel
from fhir_bridge.row import Context, Resource
from store import consents, identifiers
from store.model import NotUnderstood
from store.records import PURPOSE

MEMBER_ID = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
_COVERAGE = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
_ELDERLY = "39"  # 後期高齢者医療: the number is a person's own and has no branch

Identifier = tuple[str, str]  # (FHIR identifier.system, value), exactly as written


@dataclass(frozen=True, slots=True)
class Subject:
    """The one person that a file is about: its Patient, if it has one, and every identifier that may name them."""

    patient: Resource | None
    claims: tuple[Identifier, ...]


def subject_of(parcel: Parcel) -> Subject:
    """Who the file is about. Raises NotUnderstood when it speaks of several people, or of nobody by an identifier.

    The claims are the Patient's own identifiers and the one built from the Coverage; where there is no Patient, the
    identifiers that the resources give as their subject, which must all be the same then.
    """
    patient = _patient(parcel)
    if patient is not None:
        covered = [_member_id(one, parcel) for one in parcel.of_type("Coverage") if _covers(one, patient, parcel)]
        found = [*_pairs(patient), *covered]
    else:
        found = sorted({pair for entry in parcel.entries for pair in _subject_pairs(entry.resource)})
        _only_one(found)
    claims = _usable(found)
    if not claims:
        raise NotUnderstood("no_patient", "the file names no person by an identifier that is one person's own")
    return Subject(patient, claims)


def is_about(resource: Resource, subject: Subject, context: Context) -> bool:
    """Whether a resource and all that it contains are about the file's person.

    That is: no subject, the Patient, or one of the person's identifiers.
    """
    said = (_subject(one) for one in (resource, *contained(resource)))
    return all(_names(one, resource, subject, context=context) for one in said if one is not None)


def _names(named: Any, resource: Resource, subject: Subject, *, context: Context) -> bool:
    target = find(named, resource, context) if named.reference else None
    if target is not None:
        return target is subject.patient or (type_of(target) == "Patient" and _same(_pairs(target), subject))
    return named.identifier is not None and _same([_pair(named.identifier)], subject)


@dataclass(frozen=True, slots=True)
class Found:
    """The person, the links of identifiers that say so, and the birthday that the file said (None: it said none)."""

    person_id: int
    links: tuple[UUID, ...]
    born: date | None


def person(conn: psycopg.Connection, subject: Subject, day: date | None) -> Found:
    """The person with these identifiers on the day that the file is about (None: today).

    Raises NotUnderstood: no_person, ambiguous, birth_date_differs.
    """
    found = identifiers.matches(conn, subject.claims, day)
    people = {one.person_id for one in found}
    if len(people) > 1:
        raise NotUnderstood("ambiguous", "its identifiers belong to different people")
    if not people:
        raise NotUnderstood("no_person", "nobody here has this identifier")
    known, born = people.pop(), _birthday(subject.patient)
    _same_birthday(conn, known, born)
    return Found(known, tuple(sorted(one.link_id for one in found)), born)


def consent(conn: psycopg.Connection, person_id: int, *, facility: str, kind: str, now: datetime) -> int | None:
    """The consent under which this facility's records of this kind may be kept now, or None."""
    return consents.in_force(conn, person_id, purpose=PURPOSE, recipient=facility, item=kind, at=now)


def _birthday(patient: Resource | None) -> date | None:
    said = patient.birthDate if patient is not None else None
    return said if isinstance(said, date) else None


def _same_birthday(conn: psycopg.Connection, person_id: int, born: date | None) -> None:
    # a mistyped identifier gives somebody else's record; the birthday is the cheapest second look
    row = conn.execute("select birth_date from health.people where person_id = %s", (person_id,)).fetchone()
    if born is not None and row and row[0] != born:
        raise NotUnderstood("birth_date_differs", "the identifier is known, the birthday is another")


def _patient(parcel: Parcel) -> Resource | None:
    patients = parcel.of_type("Patient")
    _only_one([*patients, *(one for one in parcel.broken if one.type == "Patient")])
    if patients:
        return patients[0]
    inside = [one for entry in parcel.entries for one in contained(entry.resource) if type_of(one) == "Patient"]
    _only_one(sorted({tuple(_pairs(one)) for one in inside}))
    return inside[0] if inside else None


def _only_one(found: Sequence[object]) -> None:
    if len(found) > 1:
        raise NotUnderstood("several_patients", "a file must be about one person")


def _same(pairs: Sequence[Identifier], subject: Subject) -> bool:
    return bool(pairs) and set(pairs) <= set(subject.claims)


def _pairs(patient: Resource) -> list[Identifier]:
    return [_pair(one) for one in patient.identifier or () if one.use != "old"]


def _pair(identifier: Any) -> Identifier:
    return identifier.system or "", identifier.value or ""


def _usable(found: list[Identifier]) -> tuple[Identifier, ...]:
    return tuple(dict.fromkeys(one for one in found if all(one) and not _is_family(one)))


def _is_family(identifier: Identifier) -> bool:
    # symbol and number of an insurance card are the household's; only the branch (枝番) makes them one person's
    system, value = identifier
    parts = value.split(":")
    return system == MEMBER_ID and (len(parts) != 4 or not parts[3]) and not value.startswith(_ELDERLY)


def _covers(coverage: Resource, patient: Resource, parcel: Parcel) -> bool:
    return find(coverage.beneficiary, coverage, parcel.context) is patient


def _member_id(coverage: Resource, parcel: Parcel) -> Identifier:
    """被保険者個人識別子 of a Coverage: insurer 8 digits, symbol, number as written, branch in 2 half-width digits."""
    payors = [find(one, coverage, parcel.context) for one in coverage.payor or ()]
    numbers = [one.value for payor in payors if payor is not None for one in payor.identifier or ()]
    insurer = next((value for value in numbers if value and re.fullmatch(r"\d{8}", value, re.ASCII)), "")
    said = [extension(coverage, _COVERAGE + part) for part in ("Symbol", "Number", "SubNumber")]
    symbol, number, branch = ((one.valueString or "") if one is not None else "" for one in said)
    if not insurer or not number:
        return "", ""
    return MEMBER_ID, f"{insurer}:{symbol}:{number}:{normalize('NFKC', branch)}"


def _subject(resource: Resource) -> Any:
    return getattr(resource, "subject", None) or getattr(resource, "patient", None)


def _subject_pairs(resource: Resource) -> Iterator[Identifier]:
    subject = _subject(resource)
    if subject is not None and subject.identifier is not None:
        yield _pair(subject.identifier)
