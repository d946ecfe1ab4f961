"""階層化 and メタボ判定 against the worked cases, and what the worked cases do not reach."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from advice_person import HEALTHY, checkup
from hypothesis import given, settings
from hypothesis import strategies as st

from advice_engine.stratify import Inputs, compare, from_checkup, from_row, stratify, to_row

LARGE = Inputs(
    age_fy_end=50, sex="M", waist_cm=90, bmi=22, sbp=118, dbp=72, tg_fasting=90, hdl=58, fpg=90, blood_draw_code=2,
    smoking_code=3, med_bp=False, med_glucose=False, med_lipid=False,
)  # fmt: skip


@pytest.mark.interop
def test_all_worked_cases_come_out_as_written(shared: Path) -> None:
    rows = list(csv.DictReader((shared / "domain" / "stratification_cases.csv").read_text("utf-8").splitlines()))
    expected = {
        row["case_id"]: {name[4:]: value for name, value in row.items() if name.startswith("exp_")} for row in rows
    }
    assert {row["case_id"]: to_row(stratify(from_row(row))) for row in rows} == expected
    assert len(rows) == 63


@pytest.mark.parametrize(
    ("age", "level"), [(39, None), (40, 1), (64, 1), (65, 2), (74, 2), (75, None)], ids=lambda value: str(value)
)
def test_the_age_at_the_end_of_the_fiscal_year_decides(age: int, level: int | None) -> None:
    outcome = stratify(replace(LARGE, age_fy_end=age, sbp=130, fpg=110))
    assert outcome.level_code == level
    assert outcome.metabo_code == 1


def test_the_age_of_a_checkup_is_counted_at_the_end_of_its_fiscal_year() -> None:
    born = date(1961, 3, 31)
    april = from_checkup(checkup(date(2025, 4, 1), **HEALTHY), "male", born)
    march = from_checkup(checkup(date(2025, 3, 31), **HEALTHY), "male", born)
    assert (march.age_fy_end, april.age_fy_end) == (64, 65)


def test_a_checkup_document_gives_the_same_inputs_as_its_row() -> None:
    row = {
        "age_fy_end": "50", "sex": "M", "waist_cm": "78", "bmi": "22.0", "sbp": "118", "dbp": "72", "tg_fasting": "90",
        "hdl": "58", "fpg": "92", "hba1c_ngsp": "5.3", "blood_draw_code": "2", "smoking_code": "3",
        "med_bp": "2", "med_glucose": "2", "med_lipid": "2",
    }  # fmt: skip
    assert from_checkup(checkup(date(2026, 5, 1), **HEALTHY), "male", date(1977, 3, 31)) == from_row(row)


@pytest.mark.parametrize("sex", ["other", "unknown"])
def test_an_unknown_sex_matters_only_between_the_two_waist_lines(sex: str) -> None:
    def step1(waist: float) -> str:
        return stratify(from_checkup(checkup(**{**HEALTHY, "waist": waist}), sex, date(1976, 5, 1))).step1

    assert [step1(84.9), step1(85), step1(89.9), step1(90)] == ["該当なし", "不明", "不明", "(1)"]


def test_a_drug_that_the_insurer_found_ends_the_guidance_and_only_one_taken_then_counts_for_metabo() -> None:
    values = {**HEALTHY, "waist": 90.0, "fpg": 115.0}
    outcome = {
        code: stratify(from_checkup(checkup(**values, recheck_med_bp=code), "male", date(1976, 5, 1)))
        for code in (0, 1, 2)
    }
    assert [outcome[code].level_code for code in (0, 1, 2)] == [2, 3, 3]
    assert [outcome[code].metabo_code for code in (0, 1, 2)] == [2, 1, 2]


def test_an_unanswered_drug_question_is_undecidable_only_where_it_matters() -> None:
    assert stratify(replace(LARGE, sbp=130, med_bp=None)).level_code == 4
    assert stratify(replace(LARGE, med_bp=None)).level_code == 3
    assert stratify(replace(LARGE, sbp=130, fpg=110, med_bp=None)).metabo_code == 1


def test_an_already_certain_motivational_level_stands_from_65() -> None:
    unanswered = replace(LARGE, sbp=130, smoking_code=None)
    assert stratify(unanswered).level_code == 4
    assert stratify(replace(unanswered, age_fy_end=65)).level_code == 2


@pytest.mark.parametrize(
    ("column", "text"), [("waist_cm", "wide"), ("sbp", "nan"), ("age_fy_end", ""), ("sex", "male")]
)
def test_a_row_that_cannot_be_read_names_its_column(column: str, text: str) -> None:
    row = {"age_fy_end": "50", "sex": "M"} | {column: text}
    with pytest.raises(ValueError, match=column):
        from_row(row)


def test_our_verdict_is_compared_with_the_documents_own() -> None:
    outcome = stratify(LARGE)
    same, other = (compare(outcome, checkup(guidance_level=level, metabo=level)) for level in (3, 1))
    assert (same.level, same.metabo) == (True, True)
    assert (other.level, other.metabo) == (False, False)
    assert compare(outcome, checkup()).level is None
    assert compare(stratify(replace(LARGE, age_fy_end=80)), checkup(guidance_level=3)).level is None


ORDER = {1: 2, 2: 1, 3: 0}


@settings(max_examples=200, deadline=None)
@given(
    st.tuples(st.sampled_from([84.9, 90.0]), st.sampled_from([24.9, 25.0]), *[st.booleans()] * 4, st.integers(40, 74))
)
def test_one_more_risk_never_lowers_the_level(drawn: tuple[float, float, bool, bool, bool, bool, int]) -> None:
    waist, bmi, pressure, lipids, glucose, smokes, age = drawn
    base = replace(
        LARGE, waist_cm=waist, bmi=bmi, age_fy_end=age, sbp=130 if pressure else 120, hdl=39 if lipids else 40,
        fpg=100 if glucose else 99, smoking_code=1 if smokes else 3,
    )  # fmt: skip
    level = ORDER[stratify(base).level_code or 0]
    worse = (
        replace(base, dbp=85),
        replace(base, tg_fasting=150),
        replace(base, fpg=100),
        replace(base, smoking_code=1),
    )
    assert all(ORDER[stratify(one).level_code or 0] >= level for one in worse)


def test_a_missing_value_is_never_judged_other_than_all_its_possible_values_would_be() -> None:
    possible = {"sbp": (120, 130), "fpg": (99, 100, 110), "smoking_code": (1, 3), "waist_cm": (80, 90), "bmi": (24, 25)}
    for name, sbp, fpg in product(possible, (120, 130), (99, 110)):
        known = replace(LARGE, sbp=sbp, fpg=fpg)
        missing = stratify(replace(known, **{name: None})).level_code
        levels = {stratify(replace(known, **{name: value})).level_code for value in possible[name]}
        assert missing == 4 or levels == {missing}, name
