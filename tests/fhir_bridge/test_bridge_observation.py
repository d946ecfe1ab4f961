from datetime import date
from typing import Any

import pytest
from invented_bundles import CHECKUP_CODES, JLAC10, answer, lab, number, observation, raw

from fhir_bridge import items
from fhir_bridge.elements import Code
from fhir_bridge.mapping.observation import MAPPING
from fhir_bridge.parse import read
from fhir_bridge.row import Context, Row
from store.clock import civil_day

CORE_LABO = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS"


def rows(body: Any, document: str = "") -> tuple[Row, ...]:
    return MAPPING.rows(read(raw(body)).entries[0].resource, Context(document=document))


def one(body: Any, document: str = "") -> Row:
    (row,) = rows(body, document)
    return row


def test_a_checkup_number_gets_its_metric_unit_range_and_mark() -> None:
    bounds = {"low": {"value": 4.3, "unit": "%"}, "high": {"value": 5.8, "unit": "%"}}
    mark = {"coding": [{"code": "H"}]}
    row = one(number("3D046000001906202", 7, "%", referenceRange=[bounds], interpretation=[mark]), "checkup")
    assert (row.kind, row.title, row.metric, row.value) == ("checkup_item", "HbA1c(NGSP値)", "hba1c", 7.0)
    assert (row.value_text, row.unit, row.reference, row.interpretation) == ("7.0", "%", "4.3〜5.8", "H")
    assert row.at is not None and civil_day(row.at) == date(2026, 6, 1)


def test_a_coded_answer_becomes_our_words_and_its_code() -> None:
    row = one(answer("9N736000000000011", "2"), "checkup")
    assert (row.metric, row.value) == ("q_smoking", 2.0)
    assert row.value_text == "以前は吸っていたが最近1か月は吸っていない"


def test_an_answer_that_is_not_on_the_list_is_kept_as_text_and_named() -> None:
    row = one(answer("9N736000000000011", "9"), "checkup")
    assert (row.metric, row.value, row.value_text) == (None, None, "9")
    assert "answer" in row.remark


@pytest.mark.parametrize(
    ("code", "value", "unit", "metric", "canonical", "text"),
    [
        ("2A030000001930101", 176, "g/L", "hemoglobin", 17.6, "17.6"),
        ("2A990000001930953", 176, "g/L", "hemoglobin", 17.6, "17.6"),
        ("2A990000001930951", 5.9, "10*6/uL", "red_cells", 590.0, "590"),
        ("2A990000001930952", 6.2, "10*3/μL", "white_cells", 6200.0, "6200"),
        ("2A990000001930955", 22.5, "×10^4/μL", "platelets", 22.5, "22.5"),
        ("3B035000002327201", 24, "IU/L", "ast", 24.0, "24"),
        ("3F070000002327101", 55, "ｍｇ／ｄＬ", "hdl", 55.0, "55"),
        ("8A065000002391901", 75, "ml/min/1.73m2", "egfr", 75.0, "75.0"),
        ("3A015000001827101", 4.1, "g/dL", "albumin", 4.1, "4.1"),
        ("3A015000000106151", 30, "mg/gCr", "urine_acr", 30.0, "30"),
        ("3F015130002327101", 120, "mg/dL", "tg_fasting", 120.0, "120"),
        ("3F015129902327101", 180, "mg/dL", "tg_casual", 180.0, "180"),
        ("3D010129902227101", 140, "mg/dL", "glucose_casual", 140.0, "140"),
        ("3D046000001927101", 6.5, "%", "hba1c", 6.5, "6.5"),
    ],
)
def test_laboratory_codes_and_units_become_metrics(
    code: str, value: float, unit: str, metric: str, canonical: float, text: str
) -> None:
    row = one(lab(code, value, unit))
    assert (row.kind, row.metric, row.value, row.value_text) == ("lab", metric, canonical, text)


def test_the_reference_range_is_converted_with_the_value() -> None:
    bounds = {"low": {"value": 135, "unit": "g/L"}, "high": {"value": 180, "unit": "g/L"}}
    assert one(lab("2A030000001930101", 176, "g/L", referenceRange=[bounds])).reference == "13.5〜18.0"
    assert one(lab("2A030000001930101", 176, "g/L", referenceRange=[{"high": {"value": 180}}])).reference == "18.0以下"
    assert one(lab("2A030000001930101", 176, "g/L", referenceRange=[{"text": "男 13以上"}])).reference == "男 13以上"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("3F015000002327101", "空腹"),  # 中性脂肪 of a hospital: fasting or not is not said
        ("3D010000002227101", "空腹"),
        ("3D010130002227101", "空腹"),
    ],
)
def test_what_may_or_may_not_be_fasting_is_no_fasting_value(code: str, why: str) -> None:
    row = one(lab(code, 150, "mg/dL"))
    assert (row.metric, row.value_text, row.unit) == (None, "150", "mg/dL")
    assert why in row.remark


def test_the_same_code_in_a_checkup_is_fasting_by_definition() -> None:
    assert one(number("3F015000002327101", 150, "mg/dL"), "checkup").metric == "tg_fasting"
    assert one(number("3F015129902327101", 150, "mg/dL"), "checkup").metric == "tg_casual"


@pytest.mark.parametrize(
    "code",
    [
        "3A015000000106101",  # urine albumin has the first 9 digits of serum albumin
        "3C015000000127101",  # urine creatinine
        "3D010000000127101",  # urine glucose, quantitative
        "3D010000004127101",  # glucose of the spinal fluid
        "1A030000000190101",  # urine specific gravity: not protein
        "2A990000001930999",
        "3A015",
    ],
)
def test_a_code_that_only_looks_alike_has_no_metric(code: str) -> None:
    for system in (JLAC10, CORE_LABO, CHECKUP_CODES):
        assert items.meaning((Code(system, code, ""),)).metric == ""


def test_another_method_of_the_same_analyte_is_the_same_metric() -> None:
    assert items.meaning((Code(CHECKUP_CODES, "3F070000002329101", ""),)).metric == "hdl"
    assert items.meaning((Code(CORE_LABO, "3C015000002329101", ""),)).metric == "creatinine"


@pytest.mark.parametrize("unit", ["", "mmol/L", "mEq/L", "なにか"])
def test_a_unit_that_is_unknown_or_missing_leaves_text(unit: str) -> None:
    row = one(lab("3F070000002327101", 1.4, unit))
    assert (row.metric, row.value, row.value_text, row.unit) == (None, None, "1.4", unit)
    assert "unit" in row.remark


def test_a_value_that_no_living_person_has_in_its_unit_is_text() -> None:
    row = one(lab("3A015000001827101", 3.9, "mg/L"))
    assert (row.metric, row.value, row.value_text, row.unit) == (None, None, "3.9", "mg/L")
    assert "plausible" in row.remark


def test_a_bound_is_no_number() -> None:
    row = one(lab("3A015000000106151", 3, "mg/g") | {"valueQuantity": {"value": 3, "unit": "mg/g", "comparator": "<"}})
    assert (row.metric, row.value, row.value_text) == (None, None, "3未満")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"status": "cancelled"}, "未実施"),
        ({"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}, "未実施"),
        ({"dataAbsentReason": {"coding": [{"code": "error"}]}}, "測定不能"),
        ({"dataAbsentReason": {"text": "?"}}, "結果なし"),
        ({}, "結果なし"),
    ],
)
def test_what_was_not_done_says_so(more: dict[str, Any], text: str) -> None:
    row = one(observation("3D046000001906202", **more), "checkup")
    assert (row.metric, row.value, row.value_text) == (None, None, text)


def test_blood_pressure_by_components_is_two_rows() -> None:
    def part(code: str, value: int) -> dict[str, Any]:
        coding = [{"system": "http://loinc.org", "code": code}]
        return {"code": {"coding": coding}, "valueQuantity": {"value": value, "unit": "mmHg"}}

    body = observation("85354-9", system="http://loinc.org", component=[part("8480-6", 128), part("8462-4", 76)])
    assert [(row.metric, row.value) for row in rows(body)] == [("office_bp_sys", 128.0), ("office_bp_dia", 76.0)]


def test_a_triglyceride_loinc_says_nothing_of_fasting() -> None:
    assert items.meaning((Code(items.LOINC, "2571-8", ""),)).metric == ""
    assert items.meaning((Code(items.LOINC, "4548-4", ""),)).metric == "hba1c"


def test_partial_dates_and_other_value_types_are_read() -> None:
    row = one(observation("x", system="urn:x", effectiveDateTime="2019", valueInteger=3, text="回数"))
    assert row.at is not None and civil_day(row.at) == date(2019, 1, 1)
    assert (row.title, row.value_text) == ("回数", "3")
    assert one(observation("x", system="urn:x", valueBoolean=True)).value_text == "はい"
    assert "not read" in one(observation("x", system="urn:x", valueTime="10:00:00")).remark


def test_no_conversion_rounds() -> None:
    row = one(lab("2A030000001930101", 143.7, "g/L"))
    assert (row.value, row.value_text) == (14.37, "14.37")
