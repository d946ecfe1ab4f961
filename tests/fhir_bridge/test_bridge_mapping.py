from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_bundles import condition, observation, raw

from fhir_bridge import keep
from fhir_bridge.mapping.observation import MAPPING as OBSERVATION
from fhir_bridge.parse import read
from fhir_bridge.row import Context, ResourceMapping, Row
from store import registry
from store.model import NotUnderstood
from store.records import KINDS

MAPPINGS: dict[str, ResourceMapping] = {one.type: one for one in registry.load("fhir_bridge.mapping", "MAPPING")}
PATIENT = {"reference": "Patient/p"}
YJ = {"system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code", "code": "1234567F1020", "display": "あさ錠"}

SMALLEST: dict[str, dict[str, Any]] = {
    "Observation": observation("x", system="urn:x"),
    "MedicationRequest": {
        "status": "active", "intent": "order", "subject": PATIENT, "medicationCodeableConcept": {"text": "あさ錠"},
    },
    "MedicationDispense": {"status": "completed", "medicationCodeableConcept": {"text": "あさ錠"}},
    "Condition": {"subject": PATIENT},
    "AllergyIntolerance": {"patient": PATIENT},
    "Immunization": {"status": "completed", "patient": PATIENT, "vaccineCode": {"text": "肺炎球菌"},
                     "occurrenceString": "去年"},
    "Procedure": {"status": "completed", "subject": PATIENT},
    "CarePlan": {"status": "active", "intent": "plan", "subject": PATIENT},
    "DiagnosticReport": {"status": "final", "code": {"coding": [{"code": "11502-2"}]},
                         "contained": [observation("x", system="urn:x") | {"id": "o"}]},
}  # fmt: skip


def rows(kind: str, body: dict[str, Any]) -> tuple[Row, ...]:
    resource = read(raw({"resourceType": kind} | body)).entries[0].resource
    return MAPPINGS[kind].rows(resource, Context())


def one(kind: str, **more: Any) -> Row:
    (row,) = rows(kind, SMALLEST[kind] | more)
    return row


def test_every_mapped_type_has_a_rule_and_every_rule_a_mapping() -> None:
    assert set(MAPPINGS) == set(keep.rules()["types"]) == set(SMALLEST)
    assert not set(MAPPINGS) & set(keep.rules()["not_kept"])


@pytest.mark.parametrize("kind", sorted(SMALLEST))
def test_the_smallest_resource_of_each_type_becomes_a_titled_row_of_a_known_kind(kind: str) -> None:
    row = one(kind)
    assert row.title and row.kind in KINDS


def test_a_prescription_says_which_medicine_how_and_how_much() -> None:
    row = one(
        "MedicationRequest",
        status="stopped",
        authoredOn="2026-04-01",
        medicationCodeableConcept={"coding": [{"system": "urn:local", "code": "9"}, YJ]},
        dosageInstruction=[{"text": "1日1回 朝食後 "}],
        dispenseRequest={
            "quantity": {"value": 28.0, "unit": "錠"},
            "expectedSupplyDuration": {"value": 28, "code": "d"},
        },
    )
    assert (row.title, row.code, row.value_text) == ("あさ錠", YJ["code"], "中止 1日1回 朝食後 28錠 28日分")
    assert row.metric is None and row.value is None


def test_two_medicines_of_one_prescription_are_told_apart() -> None:
    number = {"system": "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex"}
    first, second = (one("MedicationRequest", identifier=[number | {"value": value}]) for value in "12")
    assert first.part != second.part


def test_a_mixture_names_its_ingredients() -> None:
    drip = {"resourceType": "Medication", "id": "m",
            "ingredient": [{"itemCodeableConcept": {"text": name}} for name in ("水", "塩")]}  # fmt: skip
    body = {"status": "active", "intent": "order", "subject": PATIENT, "medicationReference": {"reference": "#m"}}
    (row,) = rows("MedicationRequest", body | {"contained": [drip]})
    assert row.title == "水、塩"


def test_a_diagnosis_prefers_icd10_and_tells_its_course() -> None:
    icd = {"system": "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full", "code": "I10"}
    (row,) = rows(
        "Condition",
        condition(
            code={"coding": [{"system": "urn:x", "code": "1", "display": "高血圧"}, icd]},
            onsetDateTime="2018-05",
            abatementDateTime="2020",
            clinicalStatus={"coding": [{"code": "resolved"}]},
        ),
    )
    assert (row.code, row.title, row.status) == ("I10", "高血圧", "confirmed")
    assert row.value_text == "治った・落ち着いた はじまり 2018年5月 おわり 2020年"


def test_an_allergy_tells_category_and_reactions() -> None:
    reaction = {"manifestation": [{"text": "じんましん"}], "severity": "moderate"}
    row = one("AllergyIntolerance", code={"text": "そば"}, category=["food"], reaction=[reaction])
    assert (row.title, row.value_text) == ("そば", "食べ物 じんましん(中くらい)")


def test_a_vaccination_that_was_not_given_says_so() -> None:
    assert one("Immunization", status="not-done").value_text == "接種していません"
    dose = {"targetDisease": [{"text": "肺炎"}], "doseNumberPositiveInt": 2}
    assert one("Immunization", protocolApplied=[dose]).value_text == "肺炎 2回目"


@pytest.mark.parametrize("code", ["18748-4", "18725-2", "18751-8"])
def test_reports_of_findings_wait_for_the_doctor(code: str) -> None:
    with pytest.raises(NotUnderstood, match="doctor"):
        rows("DiagnosticReport", SMALLEST["DiagnosticReport"] | {"code": {"coding": [{"code": code}]}})


def test_a_laboratory_report_without_results_says_where_they_are() -> None:
    with pytest.raises(NotUnderstood, match="own"):
        rows("DiagnosticReport", {"status": "final", "code": {"coding": [{"code": "11502-2"}]}})


values = st.one_of(
    st.builds(
        lambda n, u: {"valueQuantity": {"value": n, "unit": u}},
        st.floats(-1e9, 1e9).map(lambda n: round(n, 6)),
        st.text("mgdL/%", min_size=1),
    ),
    st.builds(lambda t: {"valueString": t}, st.text("あ a1", min_size=1).filter(str.strip)),
    st.builds(lambda c: {"valueCodeableConcept": {"coding": [{"code": c}]}}, st.sampled_from(["1", "2", "9", "x"])),
    st.just({}),
)
item_codes = st.sampled_from(
    ["9N001000000000001", "9N736000000000011", "3F015000002327101", "1A010000000191111", "9N511000000000049", "zzz"]
)


@given(item_codes, values, st.sampled_from(["", "checkup"]))
def test_any_value_of_any_item_becomes_one_row_and_a_metric_only_with_a_number(
    code: str, value: dict[str, Any], document: str
) -> None:
    resource = read(raw(observation(code) | value)).entries[0].resource
    (row,) = OBSERVATION.rows(resource, Context(document=document))
    assert row.title and row.value_text
    assert (row.metric is None) == (row.value is None)
