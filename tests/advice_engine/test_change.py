"""How values move from checkup to checkup, and the lines of their day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from advice_person import HEALTHY, LAST_SPRING, checkup, person

from advice_engine.change import moved, noise
from advice_engine.checkup_lines import LINES, lines_on
from advice_engine.history import Found
from advice_engine.stratify import from_checkup, stratify


def _moved(metric: str, before: float, now: float, on: date = date(2025, 5, 20)) -> Any:
    facts = person(checkups=(checkup(LAST_SPRING, 2, **{metric: now}), checkup(on, 1, **{metric: before})))
    return moved(facts, Found(metric, now, LAST_SPRING))


@pytest.mark.parametrize(
    ("metric", "before", "now", "real"),
    [("hba1c", 5.6, 5.9, False), ("hba1c", 5.6, 6.0, True), ("ldl", 130, 150, False), ("ldl", 130, 170, True),
     ("tg_fasting", 150, 230, False), ("tg_fasting", 150, 280, True), ("office_bp_sys", 120, 141, False),
     ("office_bp_sys", 120, 143, True), ("waist", 88, 84, False), ("waist", 88, 83, True)],
)  # fmt: skip
def test_only_a_move_beyond_the_noise_is_real(metric: str, before: float, now: float, real: bool) -> None:
    assert (_moved(metric, before, now) is not None) is real


def test_a_move_is_told_with_the_value_and_the_day_before_in_both_languages() -> None:
    move = _moved("ldl", 170, 130)
    assert move.words == "前回(2025年5月20日)の170 mg/dLから下がっています。"
    assert move.english == "It went down from 170 mg/dL on 20 May 2025. "


@pytest.mark.parametrize("on", [date(2026, 2, 1), date(2023, 5, 20)])
def test_a_checkup_too_near_or_too_old_is_not_compared(on: date) -> None:
    assert _moved("ldl", 170, 130, on) is None


def test_every_numeric_line_has_a_noise_and_what_is_coded_has_none() -> None:
    assert {metric for metric in LINES if noise(metric, 100) is None} == {"urine_protein"}


def test_a_checkup_of_2023_is_graded_by_the_third_terms_lines_and_one_of_2024_by_the_fourths() -> None:
    third, fourth = lines_on(date(2024, 3, 31)), lines_on(date(2024, 4, 1))
    assert third["hdl"].grade(34, "male") == "referral" and fourth["hdl"].grade(34, "male") == "guidance"
    assert third["hdl"].grade(35, "male") == "guidance"
    assert third["tg_casual"].grade(160, "male") == "guidance" and fourth["tg_casual"].grade(160, "male") == "within"
    assert third["ldl"] is fourth["ldl"] and third.keys() == fourth.keys()


def test_stratification_is_by_the_term_of_the_examination() -> None:
    values = {key: value for key, value in HEALTHY.items() if key != "tg_fasting"} | {"waist": 90, "tg_casual": 160}
    levels = [
        stratify(from_checkup(checkup(on, **values), "male", date(1976, 1, 1))).level_code
        for on in (date(2024, 3, 31), date(2024, 4, 1))
    ]
    assert levels == [2, 3]
