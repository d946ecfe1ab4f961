"""What prescriptions and dispensings share: which medicine, how to take it, how much. Pure."""

from __future__ import annotations

from typing import Any

from fhir_bridge.elements import Code, codes, find, words
from fhir_bridge.row import Context, Resource

# The code that says most comes first: YJ (one product), then HOT, then the general name.
_SYSTEMS = (
    "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
    "urn:oid:1.2.392.100495.20.1.73",
    "http://medis.or.jp/CodeSystem/master-HOT9",
    "urn:oid:1.2.392.200119.4.403.1",
    "http://medis.or.jp/CodeSystem/master-HOT13",
    "http://medis.or.jp/CodeSystem/master-HOT7",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode",
)
_NO_CODE = "http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS"
_RP_NUMBERS = (
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex",
    "urn:oid:1.2.392.100495.20.3.81",
    "urn:oid:1.2.392.100495.20.3.82",
)


def medicine(resource: Resource, context: Context) -> tuple[str, Code]:
    """The medicine's name and its most telling code; mixtures name every ingredient."""
    concepts = _concepts(resource, context)
    name = "、".join(filter(None, map(words, concepts))) or "(薬の名前の記載なし)"
    found = [one for concept in concepts[:1] for one in codes(concept) if one.system != _NO_CODE]
    known = [one for system in _SYSTEMS for one in found if one.system == system]
    return name, (known or found or [Code("", "", "")])[0]


def _concepts(resource: Resource, context: Context) -> list[Any]:
    if resource.medicationCodeableConcept is not None:
        return [resource.medicationCodeableConcept]
    inside = find(resource.medicationReference, resource, context)
    if inside is None:
        return []
    if inside.code is not None:
        return [inside.code]
    return [one.itemCodeableConcept for one in inside.ingredient or () if one.itemCodeableConcept is not None]


def part(resource: Resource, code: Code, name: str) -> str:
    """RP number, number within the RP, medicine: one prescription's identifier may stand for several medicines."""
    numbers = [one.value or "" for system in _RP_NUMBERS for one in resource.identifier or () if one.system == system]
    return "|".join((*numbers, code.system, code.code or name))


def how_to_take(resource: Resource) -> str:
    """The dosage instructions as the facility words them, one after another."""
    found = [one.text or (words(one.timing.code) if one.timing else "") for one in resource.dosageInstruction or ()]
    return " / ".join(one.strip() for one in found if one and one.strip())


def amount(quantity: Any, days: Any) -> str:
    """How much was ordered or handed over: 21錠 7日分."""
    return " ".join(filter(None, (_amount(quantity), _amount(days) and f"{_amount(days)}分")))


def _amount(one: Any) -> str:
    if one is None or one.value is None:
        return ""
    unit = one.unit or one.code or ""
    return f"{one.value.normalize():f}{'日' if unit == 'd' else unit}"
