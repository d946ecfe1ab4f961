"""What JP-CLINS demands of a resource and can be seen without a code master. Pure.

Unmet demands are named in the report and hinder nothing: the record is what the facility sent. Whether a code is the
right one for its display (a wrong 一般名コード) needs the drug master and is not checked.
"""

from __future__ import annotations

from fhir_bridge.elements import codes, type_of
from fhir_bridge.row import Resource

_LAB_PROFILE = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS"
_LOCAL_CODE = (
    "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS",
    "http://jpfhir.jp/fhir/clins/ValueSet/JP_ObservationLabResultLocalUncoded_CS",
)
_MEDICINE_PROFILE = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_MedicationRequest_eCS"
_MEDICINE_CODE = (
    "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode",
    "http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS",
)


def unmet(resource: Resource) -> str:
    """The demand of its own profile that a resource does not meet, or ''."""
    demanded = {"Observation": _local_code, "MedicationRequest": _medicine_code}.get(type_of(resource))
    return demanded(resource) if demanded else ""


def _local_code(resource: Resource) -> str:
    if _LAB_PROFILE in _profiles(resource) and not _coded(resource.code, _LOCAL_CODE):
        return "JP-CLINS asks for the facility's local code, which is missing"
    return ""


def _medicine_code(resource: Resource) -> str:
    if _MEDICINE_PROFILE in _profiles(resource) and not _coded(resource.medicationCodeableConcept, _MEDICINE_CODE):
        return "JP-CLINS asks for a YJ or general-name code, which is missing"
    return ""


def _profiles(resource: Resource) -> set[str]:
    named = (resource.meta.profile if resource.meta is not None else None) or ()
    return {str(one).partition("|")[0] for one in named}


def _coded(concept: object, systems: tuple[str, ...]) -> bool:
    return any(one.system in systems for one in codes(concept))
