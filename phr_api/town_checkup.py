"""Writes the 健診結果報告書 (eCheckup FHIR document) of an invented person, as a checkup centre would send it. Pure.

The shape follows the eCheckup FHIR IG v1.3; item codes come from ``store/checkup_items.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from phr_api.town_resident import CHECKUP_CENTRE, Resident
from store.metrics import METRICS, CheckupItem, checkup_items

Json = dict[str, Any]
CENTRE = "庄内みなと健診センター(見本)"

_ITEM_SYSTEM = "urn:oid:1.2.392.200119.6.1005"
_ANSWERS = "urn:oid:1.2.392.200119.6"
_ANSWER_LISTS = {  # which code list an answer comes from; all other questions answer はい/いいえ (.2003)
    "q_smoking": "24060",
    "q_chewing": "18030",
    "q_eat_fast": "2004",
    "q_snack": "18040",
    "q_drink_frequency": "24040",
    "q_drink_amount": "24050",
    "q_will": "2007",
    "blood_draw": "2202",
    "urine_protein": "2102",
    "metabo": "1008",
    "guidance_level": "3001",
}
_USUAL = {  # what people answer unless their own answers say otherwise
    **dict.fromkeys(("q_med_bp", "q_med_glucose", "q_med_lipid", "q_stroke", "q_heart", "q_kidney", "q_anemia"), 2),
    **dict.fromkeys(("q_weight_gain", "q_exercise", "q_walking", "q_walk_speed", "q_eat_fast", "q_late_dinner"), 2),
    **dict.fromkeys(("q_snack", "q_skip_breakfast", "q_guidance_before", "q_will", "blood_draw"), 2),
    **{"q_smoking": 3, "q_chewing": 1, "q_drink_frequency": 8, "q_sleep_rest": 1, "urine_protein": 1},
}
_NORMAL: Mapping[
    str, tuple[float | None, float | None]
] = {  # 保健指導判定値 (標準的な健診・保健指導プログラム 令和6年度版 別紙5)
    "office_bp_sys": (None, 129),
    "office_bp_dia": (None, 84),
    "tg_fasting": (None, 149),
    "hdl": (40, None),
    "ldl": (None, 119),
    "fpg": (None, 99),
    "hba1c": (None, 5.5),
    "ast": (None, 30),
    "alt": (None, 30),
    "ggt": (None, 50),
    "egfr": (60, None),
}


def values_of(person: Resident) -> dict[str, float]:
    """Every measured item and answer of this person's checkup, by metric word."""
    plump = 85 + (person.bmi - 23.5) * 2.6 if person.sex == "male" else 84 + (person.bmi - 23) * 2.4
    answers = {**_USUAL, **person.answers}
    if answers["q_drink_frequency"] >= 7:  # stopped, or does not drink: no amount
        answers.pop("q_drink_amount", None)
    return {
        "height": person.height_cm,
        "checkup_weight": person.weight_kg,
        "bmi": round(person.bmi, 1),
        "waist": round(plump, 1),
        "office_bp_sys": person.pressure[0] + 4,
        "office_bp_dia": person.pressure[1] + 2,
        **answers,
        **person.labs,
    }


def report(person: Resident, examined_on: date, values: Mapping[str, float]) -> Json:
    """The document bundle; the same person and day give the same ids, so sending it again changes nothing."""
    key = f"{person.identifier[1]}-{examined_on}"
    patient, centre, author = (_urn(key, word) for word in ("patient", "centre", "doctor"))
    tests: list[Json] = []
    questions: list[Json] = []
    for metric, value in values.items():
        entry = _entry(_urn(key, metric), _observation(metric, value, patient=patient, day=examined_on))
        (questions if metric.startswith("q_") else tests).append(entry)
    people = [
        _entry(patient, _patient(person)),
        _entry(author, {"resourceType": "Practitioner", "name": [{"text": "見本 医師"}]}),
        _entry(centre, _centre()),
    ]
    sections = [
        _section("01011", "特定健診検査結果セクション", tests),
        _section("01012", "問診結果セクション", questions),
    ]
    composition = _composition(patient, (author, centre), examined_on, sections)
    return {
        "resourceType": "Bundle",
        "meta": {"profile": ["http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Bundle_eCheckupGeneral"]},
        "identifier": {"system": "http://jpfhir.jp/fhir/clins/bundle-identifier", "value": f"{CHECKUP_CENTRE}-{key}"},
        "type": "document",
        "timestamp": f"{examined_on}T15:00:00+09:00",
        "entry": [_entry(_urn(key, "composition"), composition), *people, *tests, *questions],
    }


def _urn(key: str, word: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'https://example.jp/town/{key}/{word}')}"


def _entry(url: str, resource: Json) -> Json:
    return {"fullUrl": url, "resource": {"id": url.removeprefix("urn:uuid:"), **resource}}


def _section(code: str, title: str, entries: list[Json]) -> Json:
    system = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/section-code"
    references = [{"reference": entry["fullUrl"]} for entry in entries]
    return {"title": title, "code": {"coding": [{"system": system, "code": code}]}, "entry": references}


def _composition(patient: str, authors: tuple[str, str], day: date, sections: list[Json]) -> Json:
    type_system = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes"
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": {"coding": [{"system": type_system, "code": "53576-5", "display": "検診・健診報告書"}]},
        "category": [{"coding": [{"system": "urn:oid:2.16.840.1.113883.2.2.1.6.1001", "code": "10"}]}],
        "subject": {"reference": patient},
        "date": f"{day}T15:00:00+09:00",
        "author": [{"reference": author} for author in authors],
        "custodian": {"reference": authors[1]},
        "title": "健康診断結果のお知らせ(見本)",
        "event": [{"period": {"start": str(day), "end": str(day)}}],
        "section": sections,
    }


def _patient(person: Resident) -> Json:
    system, value = person.identifier
    return {
        "resourceType": "Patient",
        "identifier": [{"system": system, "value": value}],
        "name": [{"text": person.name}],
        "gender": person.sex,
        "birthDate": str(person.birth_date),
    }


def _centre() -> Json:
    system = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no"
    return {
        "resourceType": "Organization",
        "identifier": [{"system": system, "value": CHECKUP_CENTRE}],
        "type": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}]}],
        "name": CENTRE,
    }


@cache
def _items() -> dict[str, CheckupItem]:
    """The first code of each metric word."""
    return {item.metric: item for item in reversed(checkup_items().values()) if item.metric}


def _observation(metric: str, value: float, *, patient: str, day: date) -> Json:
    item = _items()[metric]
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": _ITEM_SYSTEM, "code": item.code, "display": item.ja}]},
        "subject": {"reference": patient},
        "effectiveDateTime": str(day),
        **(_quantity(metric, value) if item.kind == "PQ" else _answer(item, int(value))),
    }


def _quantity(metric: str, value: float) -> Json:
    unit = METRICS[metric]
    measure = {"unit": unit.unit_ja, "system": "http://unitsofmeasure.org", "code": unit.ucum}
    return {"valueQuantity": {"value": value, **measure}, **dict(_judged(metric, value, measure))}


def _judged(metric: str, value: float, measure: Json) -> Iterator[tuple[str, Any]]:
    if metric not in _NORMAL:
        return
    low, high = _NORMAL[metric]
    mark = "L" if low is not None and value < low else "H" if high is not None and value > high else "N"
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    ends = {word: {"value": end, **measure} for word, end in (("low", low), ("high", high)) if end is not None}
    yield "interpretation", [{"coding": [{"system": system, "code": mark}]}]
    yield "referenceRange", [ends]


def _answer(item: CheckupItem, code: int) -> Json:
    system = f"{_ANSWERS}.{_ANSWER_LISTS.get(item.metric, '2003')}"
    return {
        "valueCodeableConcept": {
            "coding": [{"system": system, "code": str(code), "display": item.answers.get(str(code), str(code))}]
        }
    }
