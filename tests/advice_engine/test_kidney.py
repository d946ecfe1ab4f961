"""Kidney: the published vectors, the referral map, the course over years."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from advice_person import TODAY, back, checkup, examined, person

from advice_engine import kidney
from advice_engine.history import Found


@pytest.mark.parametrize(
    ("female", "age", "creatinine", "expected"),
    [(False, 60, 0.9, 67.2), (True, 60, 0.7, 65.4), (False, 45, 1.2, 53.3), (True, 72, 1.0, 42.0),
     (False, 70, 2.0, 26.8), (True, 30, 0.8, 68.9)],
)  # fmt: skip
def test_egfr_is_that_of_the_published_equation(female: bool, age: int, creatinine: float, expected: float) -> None:
    assert round(kidney.egfr(creatinine, age=age, female=female), 1) == expected


def test_egfr_is_not_given_for_a_child() -> None:
    with pytest.raises(ValueError, match="18 years"):
        kidney.egfr(0.5, age=17, female=False)


@pytest.mark.parametrize(
    ("value", "stage"),
    [(90, "G1"), (89.9, "G2"), (60, "G2"), (59.9, "G3a"), (45, "G3a"), (44.9, "G3b"), (30, "G3b"), (29.9, "G4"),
     (15, "G4"), (14.9, "G5"), (0.5, "G5")],
)  # fmt: skip
def test_the_filtration_stage_changes_at_its_line(value: float, stage: str) -> None:
    assert kidney.g_stage(value) == stage


@pytest.mark.parametrize(
    ("known", "stage"),
    [({"protein": 1}, "A1"), ({"protein": 2}, "A2"), ({"protein": 3}, "A3"), ({"protein": 5}, "A3"), ({}, None),
     ({"acr": 29.9}, "A1"), ({"acr": 30}, "A2"), ({"acr": 299}, "A2"), ({"acr": 300, "protein": 1}, "A3")],
)  # fmt: skip
def test_the_urine_stage_is_of_albumin_before_the_strip(known: dict[str, float], stage: str | None) -> None:
    assert kidney.a_stage(**known) == stage


@pytest.mark.interop
def test_the_map_is_the_guidelines_map_in_all_eighteen_fields(shared: Path) -> None:
    rows = list(csv.DictReader((shared / "domain" / "ckd_heatmap.csv").read_text("utf-8").splitlines()))
    words = {
        "refer if haematuria, else lifestyle guidance": "haematuria",
        "refer if age<40, else lifestyle guidance": "under_40",
    }
    for row in rows:
        said = row["nephrology_referral"]
        assert kidney.cell(row["g_stage"], row["a_stage"]) == kidney.Cell(row["colour"], words.get(said, said))
        from_egfr = next((one["from_egfr"] for one in kidney._ROWS if one["g"] == row["g_stage"]), "")
        assert row["egfr"].strip("<>=").split("-")[0] in (from_egfr, "15") or row["g_stage"] == "G5"
    assert len(rows) == 18


@pytest.mark.parametrize(
    ("age", "values", "refers"),
    [
        (55, {"egfr": 95, "urine_protein": 1}, False),
        (55, {"egfr": 95, "urine_protein": 2}, False),
        (55, {"egfr": 95, "urine_protein": 2, "urine_blood": 3}, True),
        (55, {"egfr": 70, "urine_protein": 3}, True),
        (55, {"egfr": 50, "urine_protein": 1}, False),
        (39, {"egfr": 50, "urine_protein": 1}, True),
        (40, {"egfr": 50}, False),
        (55, {"egfr": 50, "urine_protein": 2}, True),
        (80, {"egfr": 44.9}, True),
        (17, {"egfr": 40}, False),
    ],
)
def test_who_is_referred_follows_the_map(age: int, values: dict[str, float], refers: bool) -> None:
    assert (kidney.to_specialist(examined(age, **values)) is not None) is refers


def _values(*given: tuple[int, float]) -> tuple[Found, ...]:
    return tuple(Found("egfr", value, back(days)) for days, value in given)


def test_the_slope_needs_three_values_over_a_year() -> None:
    assert kidney.slope_per_year(_values((730, 70), (0, 60))) is None
    assert kidney.slope_per_year(_values((300, 70), (100, 66), (0, 60))) is None
    slope = kidney.slope_per_year(_values((731, 70), (365, 65), (0, 60)))
    assert slope is not None and round(slope, 2) == -5.0


def test_thirty_per_cent_within_three_months_is_a_quick_fall() -> None:
    assert kidney.quick_fall(_values((90, 80), (0, 56))) is not None
    assert kidney.quick_fall(_values((90, 80), (0, 56.1))) is None
    assert kidney.quick_fall(_values((101, 80), (0, 40))) is None
    assert kidney.quick_fall(()) is None


def test_low_means_two_values_three_months_apart_with_none_above_between() -> None:
    assert kidney.stays_low(_values((365, 58), (0, 57))) is not None
    assert kidney.stays_low(_values((89, 58), (0, 57))) is None
    assert kidney.stays_low(_values((120, 58), (60, 58.5), (0, 57))) == _values((120, 58), (0, 57))
    assert kidney.stays_low(_values((365, 58), (180, 62), (0, 57))) is None
    assert kidney.stays_low(_values((365, 60), (0, 57))) is None


def test_the_course_is_the_same_in_whatever_order_checkups_come() -> None:
    both = (checkup(date(2025, 5, 1), 1, egfr=70), checkup(date(2026, 5, 1), 2, egfr=66), checkup(number=3, bmi=22))
    course = kidney.course(person(checkups=both))
    assert [one.value for one in course] == [70, 66]
    assert course == kidney.course(person(checkups=tuple(reversed(both))))
    assert kidney.course(person(checkups=(checkup(date(TODAY.year - 7, 1, 1), egfr=70),))) == ()
