"""Energy, intakes, dishes and swaps against their sources; and what no food rule may say to whom."""

from __future__ import annotations

import re
from csv import DictReader
from datetime import timedelta
from pathlib import Path

import pytest
from advice_person import Case, checkup, daily, examined, having, person
from hypothesis import HealthCheck, given, settings
from invented_facts import facts

from advice_engine import energy
from advice_engine.dishes import Gain, about, dishes, swap_of_week, swaps
from advice_engine.drinking import least_g
from advice_engine.facts import Facts
from advice_engine.history import bmi, diabetes_signs, kidney_signs
from advice_engine.intakes import intake, protein_g, salt_aim
from advice_engine.judge import judge
from advice_engine.rule import Rule
from advice_engine.vetoes import areas, left_to_doctor
from store.registry import load

RULES: tuple[Rule, ...] = load("advice_engine.rules", "RULE")
DIET = [rule for rule in RULES if rule.kind == "advice" and areas(rule.topic) == {"diet"}]
DEFICIT = [rule for rule in RULES if rule.id in ("energy_for_weight", "sweet_drinks")]
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("sex", "kg", "cm", "age", "kcal"),
    [("male", 60, 170, 40, 1407), ("female", 50, 158, 40, 1094), ("male", 85, 172, 55, 1656),
     ("female", 48, 150, 78, 901)],
)  # fmt: skip
def test_basal_metabolism_follows_ganpules_equation(sex: str, kg: float, cm: float, age: int, kcal: int) -> None:
    found = energy.basal_kcal(sex, weight_kg=kg, height_cm=cm, age=age)
    assert found is not None and round(found) == kcal


def test_basal_metabolism_of_an_unknown_sex_is_not_guessed() -> None:
    assert energy.basal_kcal("unknown", weight_kg=60, height_cm=170, age=40) is None


@pytest.mark.interop
def test_the_intakes_are_those_of_the_dietary_reference(shared: Path) -> None:
    rows = list(DictReader((shared / "domain/dri2025.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 10
    for row in rows:
        found = intake({"M": "male", "F": "female"}[row["sex"]], int(re.split(r"[-+]", row["age"])[0]))
        assert found is not None
        assert found.kcal_per_kg_low == float(row["kcal_per_kg_low"])
        assert found.kcal_per_kg_normal == float(row["kcal_per_kg_normal"])
        assert found.protein_g == float(row["protein_rda_g"])
        assert found.salt_g_below == float(row["salt_g_max_lt"])
        assert found.fibre_g == float(row["fibre_g_min"])
        assert found.bmi_from == float(row["target_bmi"].split("-")[0])
        eer = found.kcal_per_kg_normal * float(row["ref_weight_kg"])
        assert eer == pytest.approx(float(row["eer_normal"]), rel=0.03)


@pytest.mark.parametrize(("sex", "age"), [("male", 17), ("unknown", 40), ("other", 70)])
def test_who_has_no_row_of_the_table_gets_no_intake(sex: str, age: int) -> None:
    assert intake(sex, age) is None


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (examined(55, office_bp_sys=120), "1日7.5g未満"),
        (examined(55, sex="female", office_bp_sys=120), "1日6.5g未満"),
        (examined(55, q_med_bp=1), "1日6g未満"), (examined(55, egfr=50), "1日6g未満"),
        (examined(55, sex="unknown"), "男性1日7.5g未満、女性6.5g未満"),
    ],
)  # fmt: skip
def test_the_salt_aim_is_six_grams_with_pressure_or_kidneys_and_by_sex_otherwise(facts: Facts, said: str) -> None:
    assert salt_aim(facts)[0] == said


def test_protein_is_a_gram_a_kilogram_from_65_never_with_kidney_signs_and_not_more_for_the_heavy() -> None:
    old, young = person(70), person(64)
    assert protein_g(young, 80, 1.7) == 65
    assert protein_g(old, 55, 1.6) == 60
    assert protein_g(old, 63, 1.6) == 63
    assert protein_g(old, 90, 1.6) == pytest.approx(64)
    assert protein_g(old, None, None) == 60
    assert protein_g(examined(70, egfr=50), 63, 1.6) is None


def test_a_days_energy_is_the_gentler_of_two_estimates() -> None:
    facts = examined(45, height=170, bmi=28.4, q_walking=2)
    heavy, light = (energy.losing_kcal(facts, weight_kg=kg, height_m=1.7) for kg in (82, 60))
    assert heavy is not None and heavy == pytest.approx(1617.3 * 1.5 - 95.7, abs=40)
    assert light is not None and light == pytest.approx(33.8 * 22 * 1.7**2, abs=1)
    assert energy.losing_kcal(examined(45, bmi=28), weight_kg=82, height_m=1.7) is None
    assert energy.pace_kcal(82) == pytest.approx(0.03 * 82 * 7000 / 180)


NOBODY_LOSES = (
    Case("BMI 24.9", examined(45, bmi=24.9), False),
    Case("at 75", examined(75, bmi=28), False),
    Case("at 17", examined(17, bmi=28), False),
    Case("pregnant", having(examined(30, bmi=28), conditions=frozenset({"O09"})), False),
    Case("dialysis", having(examined(50, bmi=28), conditions=frozenset({"Z992"})), False),
    Case("cancer", having(examined(50, bmi=28), conditions=frozenset({"C18"})), False),
    Case("eating disorder", having(examined(30, bmi=28), conditions=frozenset({"F500"})), False),
    Case("glucose-lowering medicine", examined(50, bmi=28, q_med_glucose=1), False),
    Case("BMI 35", examined(45, bmi=35), False),
    Case("BMI not known", person(45), False),
    Case("losing by itself", having(
        person(45, days={"weight": daily([90] * 106 + [89] * 14)}), checkups=(checkup(height=170),)), False),
    Case("BMI 25, nothing against it", examined(45, bmi=25), True),
)  # fmt: skip


@pytest.mark.parametrize("case", NOBODY_LOSES, ids=lambda case: case.what)
def test_no_deficit_for_whom_the_guideline_names(case: Case) -> None:
    assert (energy.may_lose(case.facts) is not None) is case.speaks


def test_every_dish_is_made_of_foods_of_the_table_and_plausible() -> None:
    for dish in dishes().values():
        assert 0 <= dish.holds("kcal") < 700, dish.id
        assert 0 <= dish.holds("salt_g") < 7, dish.id
        assert dish.ja and dish.en.isascii(), dish.id
    assert dishes()["soy_1"].holds("salt_g") == pytest.approx(0.87)
    assert dishes()["salted_salmon"].holds("salt_g") == pytest.approx(1.68)
    assert dishes()["milk"].holds("calcium_mg") == pytest.approx(226.6)
    assert round(dishes()["cola"].holds("kcal")) == 230


def test_local_dishes_and_recipes_are_marked_as_unverified() -> None:
    local = {
        "aona_pickle",
        "aubergine_4",
        "salted_salmon",
        "cod_soup",
        "bamboo_soup",
        "taro_soup_2",
        "edamame",
        "benkei",
    }
    assert not [name for name in local if dishes()[name].verified]
    assert all(len(dish.made_of) == 1 for dish in dishes().values() if dish.verified and dish.id != "barley_rice")


@pytest.mark.parametrize("swap", swaps(), ids=lambda swap: swap.id)
def test_a_swap_saves_something_worth_saying(swap: object) -> None:
    found = next(one for one in swaps() if one is swap)
    assert found.saves >= {"salt": 0.3, "energy": 50}[found.gain]
    assert found.months <= set(range(1, 13)) and found.not_for <= {"kidney"}
    assert found.ja.endswith(("する", "える", "る", "す")) and found.en.isascii()


@pytest.mark.parametrize("gain", ["salt", "energy"])
def test_every_swap_has_its_week_and_a_week_has_one_swap(gain: Gain) -> None:
    someone = examined(45, bmi=28)
    told = [swap_of_week(having(someone, today=someone.today + timedelta(days=day)), gain) for day in range(3 * 366)]
    assert {swap.id for swap in told} == {swap.id for swap in swaps() if swap.gain == gain}
    first = (7 - someone.today.weekday()) % 7
    for week in range(first, len(told) - 7, 7):
        assert len({swap.id for swap in told[week : week + 7]}) == 1


def test_a_swap_of_a_season_is_told_in_its_months_alone() -> None:
    someone = examined(45)
    for day in range(730):
        on = someone.today + timedelta(days=day)
        swap = swap_of_week(having(someone, today=on), "salt")
        thursday = on + timedelta(days=4 - on.isoweekday())
        assert not swap.months or thursday.month in swap.months
        if thursday.month == 5 and on.isocalendar().week % 2:
            assert swap.id == "bamboo"


def test_kidney_signs_leave_out_what_brings_potassium_or_protein() -> None:
    someone = examined(45, egfr=50)
    for day in range(730):
        assert not swap_of_week(having(someone, today=someone.today + timedelta(days=day)), "salt").not_for


def test_a_swap_is_no_larger_than_asked_for() -> None:
    someone = examined(45)
    for day in range(0, 730, 7):
        found = swap_of_week(having(someone, today=someone.today + timedelta(days=day)), "energy", at_most=160)
        assert found.saves <= 160


def test_numbers_are_said_as_about_and_no_closer_than_the_table() -> None:
    assert about(1.68, "g") == "約1.7 g"
    assert about(6.8, "g", digits=0) == "約7 g"
    assert about(226.6, "mg") == "約230 mg"
    assert about(8, "kcal") == "約8 kcal"


def test_cups_of_sake_are_grams_of_alcohol() -> None:
    assert [round(least_g(code)) for code in (1, 2, 3, 4, 5)] == [0, 22, 43, 65, 108]


@often
@given(facts())
def test_nobody_is_told_to_eat_less_who_should_not(found: Facts) -> None:
    for rule in DEFICIT:
        if rule.when(found):
            mass = bmi(found)
            assert 18 <= found.age < 75 and mass is not None and 25 <= mass.value < 35, rule.id
            assert not left_to_doctor(found, "diet"), rule.id


@often
@given(facts())
def test_food_rules_keep_protein_and_potassium_from_kidneys_and_sweets_from_glucose(found: Facts) -> None:
    kidneys = kidney_signs(found)
    rich = (
        "野菜を|具だくさん|果物|バナナ|卵|豆腐|牛乳|ヨーグルト|チーズ|たんぱく質|みかん|トマト|カリウム|押麦|だだちゃ豆"
    )
    for verdict in judge(found, RULES).admitted:
        body = verdict.speech.body
        assert not (kidneys and verdict.rule in DIET and re.search(rich, body)), (verdict.rule.id, body)
        assert not (diabetes_signs(found) and "プリン" in body), verdict.rule.id


@often
@given(facts())
def test_no_rule_recommends_what_common_medicines_forbid(found: Facts) -> None:
    for rule in RULES:
        speech = rule.when(found)
        assert speech is None or not re.search("納豆|青汁|グレープフルーツ", speech.body), rule.id


@often
@given(facts())
def test_every_piece_of_advice_on_food_names_an_amount_or_a_dish(found: Facts) -> None:
    for rule in DIET:
        speech = rule.when(found)
        assert speech is None or re.search("約[0-9]|[0-9]+ ?(個|杯|品|g|本|枚|日|分|つ)", speech.body), rule.id
        assert speech is None or speech.english, rule.id
