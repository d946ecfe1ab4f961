"""Which goals may be set, how far they have come, and what may be said of an order: all of it pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from advice_person import HEALTHY, TODAY, back, daily, examined, having, person, week

from advice_engine import because as told
from advice_engine.facts import Facts, Goal, GoalKind
from advice_engine.goal_setting import REFUSED, Wanted, fitting, made, refused
from advice_engine.goal_words import came, said
from advice_engine.goals import KINDS, progress
from advice_engine.judge import held_back
from advice_engine.learned import ranker
from advice_engine.reflection import last_monday, reflect
from advice_engine.run import rules
from advice_engine.words import forbidden_in

SIX_WEEKS, SIX_MONTHS = TODAY + timedelta(weeks=6), TODAY + timedelta(weeks=26)
MONDAY = TODAY - timedelta(days=TODAY.weekday())
WALKER = person(days={"steps": daily([4000.0, 5000.0, 6000.0, 7000.0] * 7)})
HEAVY = having(
    examined(**{**HEALTHY, "height": 170, "bmi": 29.0, "waist": 95}),
    days={"weight": daily([84.0] * 10)},
)
WEAK = having(  # two answers of 後期高齢者の質問票 that put strength first
    examined(70, **{**HEALTHY, "height": 170, "bmi": 29.0, "waist": 95, "q75_slower": 1, "q75_exercise": 2}),
    days={"weight": daily([84.0] * 10)},
)


def wants(kind: GoalKind, target: float, until: date = SIX_WEEKS) -> Wanted:
    return Wanted(kind, target, until)


@pytest.mark.parametrize(
    "facts, wanted, reason",
    [
        (WALKER, wants("steps", 6000), None),
        (WALKER, wants("steps", 12_000), "too_fast"),
        (WALKER, wants("steps", 500), "not_fitting"),
        (WALKER, wants("steps", 6000, TODAY + timedelta(days=6)), "ended"),
        (WALKER, wants("steps", 6000, TODAY + timedelta(days=187)), "ended"),
        (WALKER, wants("pressure", 7), None),
        (WALKER, wants("pressure", 8), "not_fitting"),
        (WALKER, wants("pressure", 2.5), "not_fitting"),
        (HEAVY, wants("weight", 81.5, SIX_MONTHS), None),
        (HEAVY, wants("weight", 81.5, TODAY + timedelta(days=83)), "too_fast"),
        (HEAVY, wants("weight", 77.9, SIX_MONTHS), "too_fast"),
        (HEAVY, wants("weight", 84.0, SIX_MONTHS), "not_fitting"),
        (WALKER, wants("weight", 50.0, SIX_MONTHS), "no_weight"),
        (having(HEAVY, days={"weight": daily([60.0] * 10)}), wants("weight", 58.0, SIX_MONTHS), "not_lose"),
        (replace(HEAVY, birth_date=date(1950, 1, 1)), wants("weight", 81.5, SIX_MONTHS), "not_lose"),
        (WEAK, wants("weight", 81.5, SIX_MONTHS), "not_lose"),
        (WEAK, wants("weigh_in", 5), None),
        (having(WALKER, conditions=frozenset({"I50.0"})), wants("steps", 6000), "doctor"),
        (having(HEAVY, drugs=frozenset({"3961008F1012"})), wants("weight", 81.5, SIX_MONTHS), "doctor"),
        (having(HEAVY, conditions=frozenset({"F50.0"})), wants("weigh_in", 5), "doctor"),
        (having(HEAVY, conditions=frozenset({"F50.0"})), wants("pressure", 5), None),
        (having(WALKER, pressures=week(172, 104)), wants("steps", 6000), "first_see"),
        (examined(q_drink_frequency=1, q_drink_amount=5), wants("dry_days", 2), "doctor"),
        (examined(q_drink_frequency=1, q_drink_amount=3), wants("dry_days", 2), None),
        (person(age=17), wants("breakfast", 5), "doctor"),
        (person(age=19), wants("dry_days", 2), "grown_up"),
    ],
)
def test_a_goal_is_set_unless_it_is_a_doctors_or_too_fast(facts: Facts, wanted: Wanted, reason: str | None) -> None:
    assert refused(facts, wanted, rules()) == reason


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_proposed_may_be_set_and_is_said_within_the_wording_rules(kind: GoalKind) -> None:
    facts = replace(HEAVY, days={**HEAVY.days, "steps": WALKER.days["steps"]})
    proposed = fitting(facts, kind)
    assert proposed is not None and refused(facts, proposed, rules()) is None
    goal = made(facts, proposed)
    text = f"{said(goal)[0]}\n{said(goal)[1]}\n{came(progress(facts, goal))}"
    assert forbidden_in(text) == ()


def test_the_proposed_steps_are_met_on_two_days_of_five_and_the_weight_is_three_per_cent_less() -> None:
    steps, weight = fitting(WALKER, "steps"), fitting(HEAVY, "weight")
    assert steps is not None and steps.target == 6000
    assert weight is not None and weight.target == 81.5
    assert fitting(person(days={"steps": daily([4000.0] * 13)}), "steps") is None


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refusal_is_kind_and_keeps_to_the_wording_rules(reason: Any) -> None:
    ja, en = REFUSED[reason]
    assert ja.endswith("。") and en.endswith(".")
    assert forbidden_in(f"{ja}\n{en}") == ()


def test_a_week_counts_its_own_days_alone_and_only_within_the_goal() -> None:
    goal = Goal(kind="pressure", target=5, since=MONDAY - timedelta(days=7), until=SIX_WEEKS)
    found = progress(person(goals=(goal,), pressures=week(120, 70, days=14)), goal)
    assert (found.last_week, found.this_week, found.needed) == (7, TODAY.weekday() + 1, 5)
    later = replace(goal, since=MONDAY - timedelta(days=6))
    assert progress(person(pressures=week(120, 70, days=14)), later).last_week is None


def test_today_alone_never_takes_a_goal_away() -> None:
    goal = Goal(kind="dry_days", target=7, since=back(60), until=SIX_WEEKS)
    found = progress(person(), goal)
    assert found.this_week == 0 and not found.reached
    assert "これから" in came(found) and not any(word in came(found) for word in ("失敗", "できませんでした", "不足"))


@pytest.mark.parametrize("now, way, words", [
    (84.0, 0.0, "始めた"), (83.0, 0.5, "少しずつ"), (82.5, 0.75, "あと少し"),
    (82.0, 1.0, "届きました"), (85.0, 0.0, "始めた"),
])  # fmt: skip
def test_a_weight_goal_says_how_far_it_has_come_and_never_that_it_went_back(now: float, way: float, words: str) -> None:
    goal = Goal(kind="weight", target=82.0, start=84.0, since=back(30), until=SIX_MONTHS)
    found = progress(person(days={"weight": daily([now] * 7)}), goal)
    assert found.moved == pytest.approx(way)
    assert words in came(found)


def test_a_goal_rests_when_a_doctor_comes_first_and_says_so() -> None:
    goal = Goal(kind="steps", target=6000, since=back(30), until=SIX_WEEKS)
    found = progress(having(WALKER, conditions=frozenset({"I50.0"})), goal)
    assert found.rests and "主治医" in came(found)


def test_what_holds_advice_holds_the_topic_and_nothing_else_does() -> None:
    assert held_back(WALKER, rules(), "steps") is None
    assert str(held_back(having(WALKER, pressures=week(172, 104)), rules(), "steps")).startswith("red flag first")
    assert held_back(having(WALKER, conditions=frozenset({"I50.0"})), rules(), "steps") == "veto: heart_or_stroke"
    assert held_back(having(WALKER, conditions=frozenset({"I50.0"})), rules(), "measure_pressure") is None


def weeks(*means: float, metric: str = "steps") -> Facts:
    """One mean a week, the last of them last week."""
    values = [mean for mean in means for _ in range(7)]
    return person(days={metric: daily(values, newest=TODAY.weekday() + 1)})


def test_last_week_is_compared_to_the_persons_own_weeks() -> None:
    found = reflect(weeks(5000, 5200, 4800, 6000))
    assert found.monday == last_monday(TODAY) and found.sunday.weekday() == 6
    [line] = found.lines
    assert (line.days, line.mean, line.usual, line.weeks) == (7, 6000, 5000, 3)
    assert "これまでの3週" in line.said and "多め" in line.said


@pytest.mark.parametrize("last, words", [(5400, "同じくらい"), (5600, "多め"), (4400, "少なめ")])
def test_a_small_difference_is_none(last: float, words: str) -> None:
    [line] = reflect(weeks(5000, 5000, last)).lines
    assert words in line.said


def test_too_little_is_compared_to_nothing() -> None:
    [one] = reflect(weeks(5000, 6000)).lines
    assert one.usual is None and "比べて" not in one.said
    [two] = reflect(person(days={"steps": daily([5000.0] * 2, newest=TODAY.weekday() + 1)})).lines
    assert two.mean is None and two.said == "歩数は、2日測りました。"
    assert reflect(person()).lines == ()


def test_the_scale_is_not_spoken_of_where_it_is_part_of_the_illness() -> None:
    assert reflect(weeks(50, 51, 52, metric="weight")).lines
    assert reflect(having(weeks(50, 51, 52, metric="weight"), conditions=frozenset({"F50.0"}))).lines == ()


TOWN = {
    "families": ["walking", "salt", "alcohol"],
    "rates": [0.6, 0.4, 0.3],
    "tried": [500.0, 400.0, 300.0],
    "kappa": 8.0,
}
VALUES = {"none": 0.15, "walking": 0.6, "salt": 0.4}


def test_why_one_came_first_is_said_only_where_that_weighed_more_than_half() -> None:
    assert told.because(TOWN, {}, VALUES, "walking") == "town"
    assert told.because(TOWN, {"walking": (7.0, 9.0)}, VALUES, "walking") == "own"
    assert told.because(TOWN, {"walking": (6.0, 8.0)}, VALUES, "walking") == "town"  # as much as the town: not more
    assert told.because(TOWN, {"walking": (4.0, 9.0)}, VALUES, "walking") == ""  # tried often, followed seldom


def test_nothing_is_said_of_a_draw_a_prior_or_the_only_one() -> None:
    assert told.because(TOWN, {}, VALUES, "salt") == ""  # it came by chance
    assert told.because(TOWN, {}, VALUES, "none") == ""
    assert told.because(TOWN, {}, {"none": 0.15, "walking": 0.6}, "walking") == ""
    assert told.because(TOWN | {"tried": [49.0, 400.0, 300.0]}, {}, VALUES, "walking") == ""
    assert told.because(TOWN | {"tried": [500.0, 49.0, 300.0]}, {}, VALUES, "walking") == ""
    cold = ranker.cold()
    assert told.because(cold, {}, dict(zip(cold["families"], cold["rates"], strict=True)), "walking") == ""
