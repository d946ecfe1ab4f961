"""Builders of small invented FHIR documents, written here after the profiles; no sample is copied."""

from __future__ import annotations

import json
from typing import Any

CHECKUP_CODES = "urn:oid:1.2.392.200119.6.1005"
JLAC10 = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits"
INDICATION = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication"
MEMBER_ID = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
INSTITUTION = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no"
FACILITY = "0611234567"
CARD = ("urn:oid:1.2.392.100495.20.3.51.10611234567", "000123")

Body = dict[str, Any]


def patient(*identifiers: tuple[str, str], birth: str = "1960-02-03") -> Body:
    named = [{"system": system, "value": value} for system, value in identifiers or (CARD,)]
    return {"resourceType": "Patient", "id": "p", "identifier": named, "birthDate": birth, "name": [{"text": "浜 花"}]}


def organization(code: str = FACILITY, name: str = "浜辺クリニック") -> Body:
    return {
        "resourceType": "Organization",
        "id": "o",
        "identifier": [{"system": INSTITUTION, "value": code}],
        "name": name,
    }


def composition(kind: str = "53576-5", **more: Any) -> Body:
    return {
        "resourceType": "Composition",
        "id": "c",
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": kind}]},
        "subject": {"reference": "Patient/p"},
        "date": "2026-06-20T09:00:00+09:00",
        "author": [{"reference": "Organization/o"}],
        "title": "健診の結果",
    } | more


def number(code: str, value: Any, unit: str, *, system: str = CHECKUP_CODES, **more: Any) -> Body:
    quantity = {"value": value} | ({"unit": unit} if unit else {})
    return observation(code, system=system, valueQuantity=quantity, **more)


def answer(code: str, choice: str, **more: Any) -> Body:
    return observation(code, valueCodeableConcept={"coding": [{"system": "urn:oid:1", "code": choice}]}, **more)


def observation(code: str, *, system: str = CHECKUP_CODES, **more: Any) -> Body:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": system, "code": code}], "text": more.pop("text", "検査")},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-06-01",
    } | more


def lab(code: str, value: Any, unit: str, **more: Any) -> Body:
    category = [{"coding": [{"system": "urn:x", "code": "laboratory"}]}]
    return number(code, value, unit, system=JLAC10, category=category, **more)


def tagged(resource: Body, code: str, system: str = INDICATION) -> Body:
    return resource | {"meta": {"tag": [{"system": system, "code": code}]}}


def condition(name: str = "高血圧症", verification: str = "confirmed", **more: Any) -> Body:
    return {
        "resourceType": "Condition",
        "code": {"text": name},
        "subject": {"reference": "Patient/p"},
        "verificationStatus": {"coding": [{"code": verification}]},
        "recordedDate": "2026-05-01",
    } | more


def document(*resources: Body, kind: str = "53576-5", number: str = "77", stated: str = "2026-06-20") -> Body:
    """A document bundle of this facility with these items."""
    given = {one["resourceType"] for one in resources}
    frame = [one for one in (composition(kind), patient(), organization()) if one["resourceType"] not in given]
    return bundle(*frame, *resources, kind="document", number=number, stated=stated)


def bundle(*resources: Body, kind: str = "collection", number: str = "77", stated: str = "2026-06-20") -> Body:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "meta": {"lastUpdated": f"{stated}T10:00:00+09:00"},
        "identifier": {"system": "http://jpfhir.jp/fhir/clins/bundle-identifier", "value": number},
        "entry": [{"resource": one} for one in resources],
    }


def raw(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
