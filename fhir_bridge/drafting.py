"""From a parcel to the records it would become, and the names of what it would not. Pure: no person, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fhir_bridge import facilities, keep
from fhir_bridge.choice import one_value_a_metric
from fhir_bridge.draft import Draft
from fhir_bridge.elements import moment, type_of
from fhir_bridge.expectations import unmet
from fhir_bridge.identity import Subject, is_about
from fhir_bridge.parcel import Parcel
from fhir_bridge.parse import Entry
from fhir_bridge.row import Resource, ResourceMapping, Row
from store import registry
from store.clock import day_start
from store.model import NotUnderstood

Named = tuple[str, str]  # (what, why)

_INSTANCE = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier"
_NUMBERS = (  # these number medicines within one prescription, not resources
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex",
    "urn:oid:1.2.392.100495.20.3.81",
    "urn:oid:1.2.392.100495.20.3.82",
)


@dataclass(frozen=True, slots=True)
class Drafted:
    """All drafts in the order of the file, and everything that is not kept or not kept as it came."""

    drafts: tuple[Draft, ...]
    named: tuple[Named, ...]


def draft(parcel: Parcel, subject: Subject | None, now: datetime) -> Drafted:
    """Read every resource of the parcel; without a subject (dry run) nobody is compared."""
    drafts: list[Draft] = []
    named: list[Named] = []
    for entry in parcel.entries:
        kind = type_of(entry.resource)
        try:
            drafts += _of_entry(entry, parcel, subject)
            named += [(kind, why) for why in (unmet(entry.resource),) if why]
        except NotUnderstood as fault:
            named.append((kind, fault.detail or fault.reason))
    in_time = [_not_of_the_future(one, now) for one in _told_apart(drafts)]
    chosen = one_value_a_metric(in_time, of_document=parcel.kind == "checkup")
    return Drafted(tuple(chosen), counted([*_remarks(chosen), *named]))


def counted(named: Sequence[Named]) -> tuple[Named, ...]:
    """Each (what, why) once, with how often it came."""
    return tuple((what if n == 1 else f"{what} ×{n}", why) for (what, why), n in Counter(named).items())


def _of_entry(entry: Entry, parcel: Parcel, subject: Subject | None) -> Iterator[Draft]:
    resource = entry.resource
    why = keep.why_not(type_of(resource))
    if why:
        raise NotUnderstood("not_kept", why)
    if subject is not None and not is_about(resource, subject, parcel.context):
        raise NotUnderstood("other_person", "it is not about the person of this file")
    rows = _mappings()[type_of(resource)].rows(resource, parcel.context)
    return (_draft(row, resource, parcel) for row in rows)


def _mappings() -> dict[str, ResourceMapping]:
    return {one.type: one for one in registry.load("fhir_bridge.mapping", "MAPPING")}


def _draft(row: Row, resource: Resource, parcel: Parcel) -> Draft:
    own = facilities.of_resource(resource)
    facility = own if own is not None and own.code != parcel.facility.code else parcel.facility
    stated = [at for at in (parcel.stated_at, moment(resource.meta.lastUpdated) if resource.meta else None) if at]
    at = row.at or (day_start(parcel.day) if parcel.day else None) or max(stated, default=None)
    if at is None:
        raise NotUnderstood("no_date", "neither the resource nor its document says a day")
    seen = keep.kept(row, resource, parcel)
    return Draft(
        key="|".join((facility.code, type_of(resource), _own_name(resource, parcel), row.part)),
        at=at,
        row=seen.row,
        facility=facility,
        stated_at=max(stated, default=None),
        withheld=seen.withheld,
        withdrawn=seen.withdrawn,
    )


def _own_name(resource: Resource, parcel: Parcel) -> str:
    """What stays the same when the facility sends the resource again: its identifier, else its document's."""
    given = [one for one in getattr(resource, "identifier", None) or () if one.value and one.system not in _NUMBERS]
    best = sorted(given, key=lambda one: one.system != _INSTANCE)
    if best:
        # a letter's copy is not shown: it must not take the shown one from the screen
        return f"{f'{parcel.kind}|' if keep.is_letter(parcel) else ''}{best[0].system or ''}|{best[0].value}"
    if parcel.bundle is None and resource.id:
        return f"id|{resource.id}"
    return f"in|{parcel.identifier}"


def _told_apart(drafts: Sequence[Draft]) -> list[Draft]:
    # the same key twice in one file: both are kept, numbered in the order of the file
    seen: Counter[str] = Counter()
    found = []
    for one in drafts:
        seen[one.key] += 1
        found.append(one if seen[one.key] == 1 else replace(one, key=f"{one.key}|{seen[one.key]}"))
    return found


def _not_of_the_future(one: Draft, now: datetime) -> Draft:
    # a wrong year would stay the newest value for years: the record keeps its words, no rule sees its number
    if one.at <= now + timedelta(days=1) or one.row.metric is None:
        return one
    return replace(one, row=replace(one.row, metric=None, remark="dated in the future: not used as a value"))


def _remarks(drafts: Sequence[Draft]) -> Iterator[Named]:
    for one in drafts:
        if one.withdrawn:
            yield one.row.kind, "taken back by the facility: kept, not shown"
        elif one.withheld:
            yield one.row.kind, f"kept, not shown: {one.withheld}"
        elif one.row.remark:
            yield one.row.title, one.row.remark
