"""Which facility says it: the 10-digit 医療機関コード that consents name, and the name that people read. Pure.

JP-CLINS and 健診結果報告書 write 1 + prefecture 2 + table 1 + number 7 digits, or the parts in extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_bridge.elements import extension, type_of
from fhir_bridge.row import Resource

_TEN_DIGITS = (
    "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicalOrganizationID",
    "urn:oid:1.2.392.100495.20.3.23",
    "urn:oid:1.2.392.200119.6.102",
)
_OF_RESOURCE = "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber"
_PARTS = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Organization_"


@dataclass(frozen=True, slots=True)
class Facility:
    """``code`` '' when the file does not say it: only a consent for every facility covers that."""

    code: str = ""
    name: str = ""


def of_document(
    composition: Resource | None, resources: Iterable[Resource], neighbours: Mapping[str, Resource]
) -> Facility:
    """Who is responsible for the document: custodian, author, provider of the visit, else the first that is named."""
    said = list(resources)
    for reference in _responsible(composition, said):
        found = neighbours.get(getattr(reference, "reference", None) or "")
        if found is not None and type_of(found) == "Organization":
            return Facility(_code(found), found.name or "")
    return next((own for one in said if (own := of_resource(one)) is not None), Facility())


def of_resource(resource: Resource) -> Facility | None:
    """The facility that a resource names by itself (JP_eCS_InstitutionNumber), or None."""
    own = extension(resource, _OF_RESOURCE)
    code = _ten(own.valueIdentifier) if own is not None and own.valueIdentifier is not None else ""
    return Facility(code) if code else None


def _responsible(composition: Resource | None, resources: list[Resource]) -> Iterator[Any]:
    if composition is not None:
        yield composition.custodian
        yield from composition.author or ()
    yield from (one.serviceProvider for one in resources if type_of(one) == "Encounter")


def _code(organization: Resource) -> str:
    whole = [_ten(one) for one in organization.identifier or ()]
    return next((code for code in whole if code), "") or _from_parts(organization)


def _ten(identifier: Any) -> str:
    fits = identifier.system in _TEN_DIGITS and re.fullmatch(r"\d{10}", identifier.value or "", re.ASCII)
    return str(identifier.value) if fits else ""


def _from_parts(organization: Resource) -> str:
    prefecture = extension(organization, _PARTS + "PrefectureNo")
    table = extension(organization, _PARTS + "InsuranceOrganizationCategory")
    number = extension(organization, _PARTS + "InsuranceOrganizationNo")
    if prefecture is None or table is None or number is None:
        return ""
    pieces = (prefecture.valueCoding, table.valueCoding, number.valueIdentifier)
    code = "".join((one.code if hasattr(one, "code") else one.value) or "" for one in pieces if one is not None)
    return code if re.fullmatch(r"\d{10}", code, re.ASCII) else ""
