"""The guidelines' own lines, value by value, as the whole house judges them."""

from __future__ import annotations

from datetime import date

import pytest
from advice_person import HEALTHY, checkup, examined, having, person, sugar, week

from advice_engine.facts import Facts
from advice_engine.judge import judge
from advice_engine.rule import Rule
from advice_engine.vetoes import vetoes
from store.registry import load

RULES: tuple[Rule, ...] = load("advice_engine.rules", "RULE")
INSULIN, SU, METFORMIN = (frozenset({code}) for code in ("2492415A1020", "3961008F1020", "3962002F1012"))


def _spoke(facts: Facts, beginning: str) -> set[str]:
    return {rule for rule in judge(facts, RULES).spoke if rule.startswith(beginning)}


@pytest.mark.parametrize(
    ("sys", "dia", "expected"),
    [
        (134, 84, set()), (135, 80, {"home_pressure_high"}), (120, 85, {"home_pressure_high"}),
        (144, 89, {"home_pressure_high"}), (145, 80, {"home_pressure_high_soon"}),
        (120, 90, {"home_pressure_high_soon"}), (159, 99, {"home_pressure_high_soon"}),
        (160, 80, {"home_pressure_high_now"}), (120, 100, {"home_pressure_high_now"}),
    ],
)  # fmt: skip
def test_home_pressure_is_graded_as_in_jsh2025(sys: float, dia: float, expected: set[str]) -> None:
    assert _spoke(person(pressures=week(sys, dia)), "home_pressure_high") == expected


def test_four_days_of_home_pressure_are_not_enough_and_five_are() -> None:
    assert _spoke(person(pressures=week(150, 95, days=4)), "home_pressure_high") == set()
    assert _spoke(person(pressures=week(150, 95, days=5)), "home_pressure_high") == {"home_pressure_high_soon"}


@pytest.mark.parametrize(
    ("age", "sys", "expected"),
    [(74, 124, set()), (74, 125, {"home_pressure_goal"}), (75, 125, {"home_pressure_goal_older"}), (75, 135, set())],
)
def test_the_goal_under_treatment_is_125_over_75_and_the_doctors_from_75_on(
    age: int, sys: float, expected: set[str]
) -> None:
    assert _spoke(having(examined(age, q_med_bp=1), pressures=week(sys, 70)), "home_pressure_goal") == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"fpg": 99}, set()), ({"fpg": 100}, {"feedback_glucose"}), ({"fpg": 109}, {"feedback_glucose"}),
        ({"fpg": 110}, {"feedback_glucose", "checkup_glucose_border"}),
        ({"fpg": 125}, {"feedback_glucose", "checkup_glucose_border"}), ({"fpg": 126}, {"checkup_glucose"}),
        ({"hba1c": 5.5}, set()), ({"hba1c": 5.6}, {"feedback_glucose"}), ({"hba1c": 5.9}, {"feedback_glucose"}),
        ({"hba1c": 6.0}, {"feedback_glucose", "checkup_glucose_border"}),
        ({"hba1c": 6.4}, {"feedback_glucose", "checkup_glucose_border"}), ({"hba1c": 6.5}, {"checkup_glucose"}),
    ],
)  # fmt: skip
def test_checkup_glucose_falls_into_the_guidelines_bands(values: dict[str, float], expected: set[str]) -> None:
    spoke = judge(examined(**values), RULES).spoke
    assert {rule for rule in spoke if "glucose" in rule} == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(53, {"self_glucose_low"}), (69, {"self_glucose_low"}), (70, set()), (199, set()), (200, {"self_glucose_clinic"}),
     (299, {"self_glucose_clinic"}), (300, {"self_glucose_clinic", "self_glucose_high"})],
)  # fmt: skip
def test_self_measured_glucose_follows_the_action_lines(value: float, expected: set[str]) -> None:
    assert _spoke(person(glucoses=(sugar(value),)), "self_glucose") == expected


@pytest.mark.parametrize(
    ("age", "hba1c", "drugs", "low"),
    [(65, 6.4, INSULIN, True), (65, 6.5, INSULIN, False), (74, 6.4, SU, True), (75, 6.9, SU, True),
     (75, 7.0, SU, False), (75, 6.0, METFORMIN, False), (64, 5.5, INSULIN, False)],
)  # fmt: skip
def test_the_floor_of_the_elderly_targets_sends_to_the_doctor(
    age: int, hba1c: float, drugs: frozenset[str], low: bool
) -> None:
    assert ("hba1c_low_on_treatment" in judge(having(examined(age, hba1c=hba1c), drugs=drugs), RULES).spoke) is low


@pytest.mark.parametrize(("drugs", "vetoed"), [(INSULIN, True), (SU, True), (METFORMIN, False), (frozenset(), False)])
def test_a_medicine_that_can_lower_glucose_too_far_is_a_veto_of_its_own(drugs: frozenset[str], vetoed: bool) -> None:
    found = {veto.id: veto.holds for veto in vetoes(person(drugs=drugs))}
    assert ("hypoglycaemic_drug" in found) is vetoed
    assert ("glucose_lowering_drug" in found) is bool(drugs)


def test_no_target_of_an_older_person_is_said_as_a_number() -> None:
    facts = having(examined(80, hba1c=7.4, q_med_glucose=1, q_med_bp=1), pressures=week(130, 80))
    said = [rule.when(facts) for rule in RULES if rule.id in ("hba1c_goal_older", "home_pressure_goal_older")]
    assert len(said) == 2
    for speech in said:
        assert speech and speech.english
        assert not any(goal in speech.body + speech.english.body for goal in ("125/75", "7.0", "7.5", "8.0", "8.5"))


@pytest.mark.parametrize(
    ("on", "level", "programme"),
    [(date(2024, 3, 31), "動機付け支援", "平成30年度版"), (date(2024, 4, 1), "なし", "令和6年度版")],
)
def test_a_verdict_names_the_programme_of_the_year_in_which_the_person_was_examined(
    on: date, level: str, programme: str
) -> None:
    values = {key: value for key, value in HEALTHY.items() if key != "tg_fasting"} | {"waist": 90, "tg_casual": 160}
    speech = next(rule for rule in RULES if rule.id == "guidance_level").when(
        person(50, checkups=(checkup(on, **values),))
    )
    assert speech and level in speech.body and programme in speech.reason


def test_nobody_but_the_nurse_reads_points_and_nobody_a_per_cent() -> None:
    values = {"office_bp_sys": 134, "ldl": 150, "hdl": 45, "fpg": 95, "q_smoking": 1}
    rules = {rule.id: rule for rule in RULES if rule.id.startswith("hisayama")}
    said = {name: rule.when(examined(52, **values)) for name, rule in rules.items()}
    assert rules["hisayama_points"].audience == "nurse" and rules["hisayama_class"].audience == "citizen"
    bodies = {name: speech.body for name, speech in said.items() if speech}
    assert "14点" in bodies["hisayama_points"] and "点" not in bodies["hisayama_class"]
    for body in bodies.values():
        assert "%" not in body and "5.2" not in body
