"""Our words as FHIR R4 resources: what a person takes along to another system. Pure.

Every resource is checked against the R4B model before it is handed out. Numbers carry LOINC and UCUM where the metric
has them (``store.metrics``); a blood pressure is the panel 85354-9 with its two components, as JP Core has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from store.metrics import METRICS, Metric

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
_OURS = "urn:sakata-phr:metric"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_RESULT_KINDS = {"checkup_item": "exam", "lab": "laboratory", "vital": "vital-signs", "observation": "exam"}
_PRESSURE = ("bp_sys", "bp_dia")

Said = Mapping[str, Any]  # a row as the copy holds it: JSON values by column
Resource = dict[str, Any]


def patient(said: Said) -> Resource:
    """The person: public id, name, kana, birth date, sex, identifiers, telephone and mail address."""
    names = [{"use": "official", "text": said["name"]}] if said.get("name") else []
    if said.get("kana"):
        names.append({"use": "official", "text": said["kana"], "extension": [_SYLLABIC]})
    known = [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{said['public_id']}"}]
    telecom = [
        {"system": kind, "value": said[word]}
        for kind, word in (("phone", "phone"), ("email", "email"))
        if said.get(word)
    ]
    return _checked(
        {
            "resourceType": "Patient",
            "id": str(said["public_id"]),
            "identifier": known + [{"system": one["system"], "value": one["value"]} for one in said["identifiers"]],
            "name": names,
            "telecom": telecom,
            "address": [{"text": said["address"]}] if said.get("address") else [],
            "gender": said["sex"],
            "birthDate": said["birth_date"],
        }
    )


_SYLLABIC = {"url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", "valueCode": "SYL"}


def measurement(patient_id: str, rows: Sequence[Said]) -> Iterator[Resource]:
    """The readings of one source and moment as Observations, systolic and diastolic pressure as one.

    A row: ``id``, ``metric``, ``at`` (ISO with offset), ``until`` (None for an instant), ``value``, ``source``.
    """
    pressure = {row["metric"]: row for row in rows if row["metric"] in _PRESSURE}
    if len(pressure) == len(_PRESSURE):
        yield _panel(patient_id, pressure)
    for row in rows:
        if not (row["metric"] in _PRESSURE and len(pressure) == len(_PRESSURE)):
            metric = METRICS[row["metric"]]
            yield _checked(
                _observation(patient_id, row, _code(metric)) | {"valueQuantity": _quantity(metric, row["value"])}
            )


def _panel(patient_id: str, pressure: Mapping[str, Said]) -> Resource:
    code = {"coding": [{"system": LOINC, "code": "85354-9"}], "text": "家庭血圧"}
    parts = [
        {"code": _code(METRICS[word]), "valueQuantity": _quantity(METRICS[word], pressure[word]["value"])}
        for word in _PRESSURE
    ]
    return _checked(_observation(patient_id, pressure["bp_sys"], code) | {"component": parts})


def _observation(patient_id: str, row: Said, code: Resource) -> Resource:
    time = (
        {"effectivePeriod": {"start": row["at"], "end": row["until"]}}
        if row["until"]
        else {"effectiveDateTime": row["at"]}
    )
    return {
        "resourceType": "Observation",
        "id": row["id"],
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "vital-signs"}]}],
        "code": code,
        "subject": _to(patient_id),
        **time,
        "device": {"display": row["source"] or "不明"},
    }


def _code(metric: Metric) -> Resource:
    coding = [{"system": _OURS, "code": metric.id}]
    return {"coding": ([{"system": LOINC, "code": metric.loinc}] if metric.loinc else []) + coding, "text": metric.ja}


def _quantity(metric: Metric, value: float) -> Resource:
    return {"value": value, "unit": metric.ucum, "system": UCUM, "code": metric.ucum}


def record(patient_id: str, row: Said) -> Resource | None:
    """A record that is a result as an Observation; None for the other kinds (medicines, conditions, …)."""
    if row["kind"] not in _RESULT_KINDS:
        return None
    code: Resource = {"text": row["title"]}
    if row["code"]:
        code["coding"] = [{"code": row["code"]} | ({"system": row["code_system"]} if row["code_system"] else {})]
    return _checked(
        {
            "resourceType": "Observation",
            "id": f"record-{row['record_id']}",
            "status": "final",
            "category": [{"coding": [{"system": _CATEGORY, "code": _RESULT_KINDS[row["kind"]]}]}],
            "code": code,
            "subject": _to(patient_id),
            "effectiveDateTime": row["at"],
            "performer": [{"display": row["facility"]}] if row["facility"] else [],
            "referenceRange": [{"text": row["reference"]}] if row["reference"] else [],
            **_result(row),
        }
    )


def _result(row: Said) -> Resource:
    metric = METRICS.get(row["metric"] or "")
    if metric and row["value"] is not None:
        return {"valueQuantity": _quantity(metric, row["value"])}
    if row["value_text"]:
        return {"valueString": " ".join(filter(None, (row["value_text"], row["unit"])))}
    absent = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    return {"dataAbsentReason": {"coding": [{"system": absent, "code": "unknown"}]}}


def consent(patient_id: str, row: Said) -> Resource:
    """A consent, active or withdrawn; ``valid_from``, ``valid_to``, ``withdrawn_at`` are ISO or None."""
    period = {"start": row["valid_from"]} | (
        {"end": row["withdrawn_at"] or row["valid_to"]} if row["withdrawn_at"] or row["valid_to"] else {}
    )
    return _checked(
        {
            "resourceType": "Consent",
            "id": f"consent-{row['consent_id']}",
            "status": "inactive" if row["withdrawn_at"] else "active",
            "scope": {
                "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
            },
            "category": [{"coding": [{"system": LOINC, "code": "59284-0"}]}],
            "patient": _to(patient_id),
            "dateTime": row["given_at"],
            "policyRule": {"text": f"{row['purpose']} / {row['text_version']}"},
            "provision": {
                "type": "permit",
                "period": period,
                "actor": [{"role": {"text": "recipient"}, "reference": {"display": row["recipient"]}}],
                "purpose": [{"system": "urn:sakata-phr:purpose", "code": row["purpose"]}],
                "code": [{"text": item} for item in row["items"]],
            },
        }
    )


def document(patient_id: str, row: Said) -> Resource:
    """A document that a facility sent: what it was and from whom; its records stand on their own."""
    return _checked(
        {
            "resourceType": "DocumentReference",
            "id": f"document-{row['document_id']}",
            "status": "current",
            "type": {"text": row["kind"]},
            "subject": _to(patient_id),
            "date": row["received_at"],
            "author": [{"display": row["facility"]}] if row["facility"] else [],
            "description": row["title"],
            "content": [{"attachment": {"title": row["title"], "creation": row["at"]}}],
        }
    )


def entry(resource: Resource) -> Resource:
    """A Bundle's entry."""
    return {"fullUrl": f"urn:sakata-phr:{resource['resourceType']}:{resource['id']}", "resource": resource}


def _to(patient_id: str) -> Resource:
    return {"reference": f"urn:sakata-phr:Patient:{patient_id}"}


def _checked(resource: Resource) -> Resource:
    """The same, without what is empty. Raises ValueError when it is no valid R4 resource."""
    filled = {name: value for name, value in resource.items() if value not in ([], {}, "", None)}
    get_fhir_model_class(filled["resourceType"]).model_validate(filled)
    return filled
