"""Activities in METs, seasons, goals of one's own steps, strength before weight, fever."""

from __future__ import annotations

from csv import DictReader
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from advice_person import daily, examined, having, person
from small_town import Town

from advice_engine.activities import (
    Portion,
    above_rest_kcal,
    activities,
    energy_kcal,
    from_steps,
    in_a_week,
    menu,
    menus,
    week_goal,
)
from advice_engine.frailty import DIFFICULT, strength_first
from advice_engine.gather import gather
from advice_engine.judge import judge
from advice_engine.run import rules
from advice_engine.season import began, season
from advice_engine.steps_guide import own_goal
from store.metrics import checkup_items

NOVEMBER = date(2026, 11, 20)


def test_energy_is_mets_times_kilograms_times_hours_times_1_05() -> None:
    assert energy_kcal(3.0, 60, 1) == pytest.approx(189)
    assert above_rest_kcal(3.0, 60, 1) == pytest.approx(126)


def test_the_guides_own_equation_of_steps_and_mets_hours_holds() -> None:
    assert (week_goal(64), week_goal(65)) == (23, 15)
    assert from_steps(8000, 64) == 23 and from_steps(6000, 65) == 15 and from_steps(4000, 40) == 11.5


def test_below_three_mets_nothing_counts() -> None:
    sitting, standing = activities()["radio_exercise_seated"], activities()["radio_exercise_1"]
    assert in_a_week([Portion(sitting, 5, 30)]) == 0
    assert in_a_week([Portion(standing, 5, 30)]) == pytest.approx(10)


@pytest.mark.interop
def test_every_activity_has_the_mets_of_the_table_of_2012(shared: Path) -> None:
    rows = list(DictReader((shared / "domain" / "mets.csv").read_text("utf-8").splitlines()))
    known = {(float(row["mets"]), row["status_s_sourced_v_verify"] == "s") for row in rows}
    assert {(one.mets, one.verified) for one in activities().values()} <= known
    snow = {row["activity_en"]: float(row["mets"]) for row in rows}
    assert activities()["snow_shovelling"].mets == snow["shovelling snow by hand"]
    assert activities()["snow_from_roof"].mets == snow["clearing snow from a roof"]
    assert activities()["radio_exercise_1"].mets == snow["radio-taiso no.1"]
    assert activities()["walk_normal"].mets == snow["normal walk 67 m/min"]


def test_every_age_season_and_level_has_a_menu_of_three_and_none_clears_snow() -> None:
    for age in (18, 64, 65, 74, 75, 100):
        for now in ("mild", "snow", "heat"):
            first, more = menu(age, now, "first"), menu(age, now, "more")  # type: ignore[arg-type]
            assert len(first) == len(more) == 3 and in_a_week(first) < in_a_week(more) < week_goal(age)
    assert len(menus()) == 18
    named = {portion.activity.id for portions in menus().values() for portion in portions}
    assert not named & {"snow_shovelling", "snow_from_roof"}
    assert all(portion.activity.verified for portions in menus().values() for portion in portions)


def test_in_the_snow_nobody_is_sent_for_a_walk_outside() -> None:
    outside = {"walk_normal", "walk_stride", "walk_cool_hours", "cycling_easy", "weeding"}
    for (_, now, _), portions in menus().items():
        assert now != "snow" or not outside & {portion.activity.id for portion in portions}


def test_portions_grow_smaller_with_age() -> None:
    for now in ("mild", "snow", "heat"):
        for level in ("first", "more"):
            adult, older, oldest = (in_a_week(menu(age, now, level)) for age in (50, 70, 80))  # type: ignore[arg-type]
            assert adult > older > oldest


@pytest.mark.parametrize(
    ("day", "now", "first"),
    [
        (date(2026, 11, 30), "mild", None),
        (date(2026, 12, 1), "snow", date(2026, 12, 1)),
        (date(2027, 3, 31), "snow", date(2026, 12, 1)),
        (date(2027, 4, 1), "mild", None),
        (date(2027, 5, 31), "mild", None),
        (date(2027, 6, 1), "heat", date(2027, 6, 1)),
        (date(2027, 9, 30), "heat", date(2027, 6, 1)),
        (date(2027, 10, 1), "mild", None),
    ],
)
def test_seasons_begin_and_end_with_their_months(day: date, now: str, first: date | None) -> None:
    assert season(day) == now and began(day) == first


@pytest.mark.parametrize(
    ("steps", "age", "goal"),
    [
        ([3000, 4000, 5000, 6000], 55, 5000),
        ([5000, 6000, 9000, 9000], 55, 8000),  # the percentile is 9,000: no more than the guide is asked
        ([7000, 9000, 12000, 15000], 55, 12000),  # there already: the own percentile
        ([5000], 55, None),
        ([4000, 4200], 55, None),
    ],
)
def test_a_goal_of_ones_own_is_the_60th_percentile_and_not_above_the_guide(
    steps: list[float], age: int, goal: int | None
) -> None:
    known = (steps * 28)[:28]
    assert own_goal(person(age, days={"steps": daily(known, newest=1)})) == goal


def test_with_fever_advice_on_exercise_waits_and_the_rest_does_not() -> None:
    walks = daily([4000] * 14, newest=1)
    for degrees, held in ((37.5, True), (37.4, False)):
        found = having(examined(55, q_smoking=1), days={"steps": walks, "temperature": daily([degrees])})
        judgement = judge(found, rules())
        assert (judgement.held.get("steps_more") == "veto: fever") is held
        assert "smoking" in {verdict.rule.id for verdict in judgement.shown}


def test_whose_answers_put_strength_first_reads_nothing_of_losing_weight() -> None:
    heavy = {"bmi": 29.0, "checkup_weight": 72.0, "height": 157.6}
    slow = examined(70, q75_slower=1, q75_exercise=2, **heavy)
    shown = {verdict.rule.id for verdict in judge(slow, rules()).shown}
    assert strength_first(slow) and "strength_before_weight" in shown
    assert not shown & {"weight_goal", "weight_trend_up", "energy_for_weight"}
    quick = {verdict.rule.id for verdict in judge(examined(70, q75_slower=2, q75_exercise=2, **heavy), rules()).shown}
    assert "weight_goal" in quick


@pytest.mark.interop
def test_the_questionnaire_of_the_over_75s_is_understood_as_it_is_written(shared: Path) -> None:
    items = checkup_items()
    for row in DictReader((shared / "domain" / "kouki15.csv").read_text("utf-8").splitlines()):
        item = items[row["code17"]]
        assert item.metric.startswith("q75_")
        side = row["risk_side"]
        if side.startswith("risk on"):
            assert DIFFICULT[item.metric] == (int(side[8]),), item
        if "=" in row["answers"]:
            assert item.answers == dict(pair.split("=") for pair in row["answers"].split(";"))
    assert len(DIFFICULT) == 13 + 2  # all fifteen; for the two graded ones the line is ours


def test_the_temperature_of_a_day_is_a_fact(conn: psycopg.Connection, town: Town) -> None:
    someone = town.person()
    town.day(someone, NOVEMBER - timedelta(days=1), "temperature", 38.2)
    assert gather(conn, [someone], NOVEMBER)[someone].days["temperature"][0].value == 38.2
