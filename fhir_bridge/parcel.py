"""One file seen as what it is: a document (checkup report, letter, bundle of results) or a resource alone. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from fhir_bridge import facilities
from fhir_bridge.elements import has, moment, type_of
from fhir_bridge.facilities import Facility
from fhir_bridge.parse import Broken, Entry, File
from fhir_bridge.row import Context, Resource
from store.clock import civil_day
from store.model import NotUnderstood

# LOINC of the document types (JP-CLINS doc-typecodes) -> our kind and the title that stands in for a missing one
_KINDS = {
    "53576-5": ("checkup", "健診結果報告書"),
    "57133-1": ("referral", "診療情報提供書"),
    "18842-5": ("discharge", "退院時サマリー"),
    "56447-6": ("care_plan", "療養計画書"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """``kind`` '' is a resource alone. ``identifier`` is ``system|value``; its hash is what may be told of it."""

    kind: str
    identifier: str
    title: str
    day: date | None  # of the examination
    facility: Facility
    stated_at: datetime | None
    bundle: Resource | None
    composition: Resource | None
    entries: tuple[Entry, ...]
    broken: tuple[Broken, ...]
    context: Context

    @property
    def hash(self) -> str:
        """Names the document without telling anything: the start of its identifier's sha256."""
        return sha256(self.identifier.encode()).hexdigest()[:16]

    def of_type(self, name: str) -> list[Resource]:
        return [one.resource for one in self.entries if type_of(one.resource) == name]


def parcel(file: File, raw: bytes) -> Parcel:
    """What a file is, whose facility's, of which day."""
    resources = [one.resource for one in file.entries]
    composition = next((one for one in resources if type_of(one) == "Composition"), None)
    kind, title = _kind(file, composition)
    neighbours = _neighbours(file.entries)
    return Parcel(
        kind=kind,
        identifier=_identifier(file, raw),
        title=(composition.title if composition is not None else "") or title,
        day=_day(kind, resources, composition),
        facility=facilities.of_document(composition, resources, neighbours),
        stated_at=_stated(file.bundle) if file.bundle is not None else _stated(resources[0]),
        bundle=file.bundle,
        composition=composition,
        entries=file.entries,
        broken=file.broken,
        context=Context(document=kind, others=neighbours),
    )


def _kind(file: File, composition: Resource | None) -> tuple[str, str]:
    if file.bundle is None:
        return "", ""
    if composition is None and file.bundle.type != "document" and not _compositions(file):
        return "bundle", "診療の記録"
    # a document whose Composition is missing, unreadable or not the only one may be a letter: its kind is unknown
    known = [
        found
        for code, found in _KINDS.items()
        if _compositions(file) == 1 and has(getattr(composition, "type", None), code)
    ]
    return known[0] if known else ("document", "文書")


def _compositions(file: File) -> int:
    types = (*(type_of(one.resource) for one in file.entries), *(one.type for one in file.broken))
    return sum(one == "Composition" for one in types)


def _identifier(file: File, raw: bytes) -> str:
    given = getattr(file.bundle, "identifier", None)
    if given is not None and given.value:
        return f"{given.system or ''}|{given.value}"
    return f"sha256|{sha256(_canonical(raw)).hexdigest()}"


def _canonical(raw: bytes) -> bytes:
    # the same content, spaced or ordered otherwise, is the same document
    return json.dumps(json.loads(raw.decode("utf-8-sig"), parse_float=str), sort_keys=True).encode()


def _day(kind: str, resources: Sequence[Resource], composition: Resource | None) -> date | None:
    """The day a document is about. A checkup's is the examination's: what most items say, else the visit, else what
    the document says of itself. Any other document's is its own date, else the visit, else its items'.

    The published sample of 健診結果報告書 dates its items and its Encounter 2020-04-04 and its Composition
    2024-04-05. The items are what was measured, so they decide; advice must not take old values for new ones.
    """
    items, visits, written = _of_items(resources), _of_visits(resources), _of_itself(composition)
    order = (items, visits, written) if kind == "checkup" else (written, visits, items)
    return next((day for day in order if day is not None), None)


def _of_items(resources: Iterable[Resource]) -> date | None:
    moments = (_known(one.effectiveDateTime) for one in resources if type_of(one) == "Observation")
    days = Counter(civil_day(at) for at in moments if at is not None)
    return max(days, key=lambda day: (days[day], day), default=None)


def _of_visits(resources: Iterable[Resource]) -> date | None:
    visits = (one for one in resources if type_of(one) == "Encounter" and one.period is not None)
    return _first(one.period.start for one in visits)


def _of_itself(composition: Resource | None) -> date | None:
    if composition is None:
        return None
    events = (one.period.start for one in composition.event or () if one.period is not None)
    return _first((*events, composition.date))


def _first(said: Iterable[Any]) -> date | None:
    return next((civil_day(at) for at in map(_known, said) if at is not None), None)


def _stated(one: Any) -> datetime | None:
    meta = one.meta.lastUpdated if one.meta is not None else None
    return _known(meta or getattr(one, "timestamp", None))


def _known(value: Any) -> datetime | None:
    # a date that nobody lived on says nothing about the document; the resource that says it is named in its turn
    try:
        return moment(value)
    except NotUnderstood:
        return None


def _neighbours(entries: Iterable[Entry]) -> Mapping[str, Resource]:
    found: dict[str, Resource] = {}
    for one in entries:
        found[f"{type_of(one.resource)}/{one.resource.id or ''}"] = one.resource
    return found | {one.url: one.resource for one in entries}
