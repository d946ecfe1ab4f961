"""What the judge shows, holds, and in which order; with invented rules and a few real people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from advice_person import HEALTHY, checkup, daily, examined, having, person, week

from advice_engine.facts import Facts
from advice_engine.judge import AT_MOST, AT_MOST_ONE, MOST_ADVICE, judge, put_first
from advice_engine.rule import Ground, Kind, Rule, Source, Speech
from advice_engine.vetoes import vetoes
from store.registry import load

REAL: tuple[Rule, ...] = load("advice_engine.rules", "RULE")
NOBODY = person()


def _says(name: str) -> Speech:
    return Speech(name, f"{name}です。", "理由です。", (Ground("steps", "歩数", "100歩", "2026-11-20"),))


def _rule(name: str, kind: Kind, urgency: int = 1, topic: str = "") -> Rule:
    return Rule(
        id=name, title=name, kind=kind, urgency=urgency, audience="both", topic=topic or name, needs=("days",),
        when=lambda _: _says(name), rest_days=1, source=Source("目安", 2024, "1"), false_alarms="-",
    )  # fmt: skip


def _clinic(name: str, at: str) -> Rule:
    said = replace(_says(name), rests_on=(Ground("fpg", "空腹時血糖", "130 mg/dL", at),))
    return replace(_rule(name, "referral", 3), when=lambda _: said, clinic_first=True)


def _broken(name: str) -> Rule:
    def fail(_: Facts) -> Speech | None:
        raise ZeroDivisionError

    return replace(_rule(name, "advice"), when=fail)


def _shown(facts: Facts, *rules: Rule) -> list[str]:
    return [verdict.rule.id for verdict in judge(facts, rules).shown]


def test_the_screen_begins_with_the_gravest() -> None:
    rules = [
        _rule("info", "information", 1), _rule("praise", "praise", 0), _rule("later", "advice", 0, "smoking"),
        _rule("sooner", "advice", 2, "sleep"), _rule("referral", "referral", 2), _rule("promptly", "referral", 3),
    ]  # fmt: skip
    assert _shown(NOBODY, *rules) == ["promptly", "referral", "sooner", "later", "praise", "info"]


def test_a_red_flag_ends_advice_and_praise_and_leaves_referrals_and_information() -> None:
    rules = [_rule("a", "advice"), _rule("p", "praise"), _rule("r", "referral"), _rule("i", "information")]
    flag = _rule("f", "red_flag", 4)
    judgement = judge(NOBODY, [*rules, flag])
    assert [verdict.rule.id for verdict in judgement.shown] == ["f", "r", "i"]
    assert judgement.held == {"a": "red flag first: f", "p": "red flag first: f"}
    assert judgement.spoke == ("a", "f", "i", "p", "r")


def test_one_topic_is_said_once_by_the_most_urgent_rule() -> None:
    judgement = judge(NOBODY, [_rule("a", "advice", 1, "steps"), _rule("b", "advice", 2, "steps")])
    assert [verdict.rule.id for verdict in judgement.shown] == ["b"]
    assert judgement.held == {"a": "same topic: b"}


def test_three_pieces_of_advice_are_enough() -> None:
    rules = [_rule(name, "advice", urgency) for urgency, name in enumerate("abcde")]
    judgement = judge(NOBODY, [*rules, _rule("praise", "praise")])
    assert [verdict.rule.id for verdict in judgement.shown] == ["e", "d", "c", "praise"]
    assert judgement.held == dict.fromkeys("ab", f"at most {MOST_ADVICE} pieces of advice")


def test_two_pieces_on_meals_leave_room_for_walking_and_alcohol() -> None:
    rules = [
        _rule("a", "advice", 2, "meals"),
        _rule("b", "advice", 2, "between_meals"),
        _rule("c", "advice", 1, "steps"),
        _rule("d", "advice", 0, "alcohol"),
    ]
    judgement = judge(NOBODY, rules)
    assert [verdict.rule.id for verdict in judgement.shown] == ["a", "c", "d"]
    assert [verdict.rule.id for verdict in judgement.over] == ["b"]


def test_who_does_not_mean_to_change_is_shown_one_piece_of_advice_and_everything_that_is_urgent() -> None:
    rules = [_rule("a", "advice", 2, "salt"), _rule("b", "advice", 1, "steps"), _rule("r", "referral")]
    judgement = judge(examined(q_will=1), rules)
    assert [verdict.rule.id for verdict in judgement.shown] == ["r", "a"]
    assert judgement.held == {"b": AT_MOST_ONE}
    assert put_first(judgement, "b").held == {"a": AT_MOST_ONE}
    assert [verdict.rule.id for verdict in judge(examined(q_will=2), rules).shown] == ["r", "a", "b"]


def test_what_a_person_does_not_want_is_held_and_makes_room_for_the_next_of_its_topic() -> None:
    facts = having(NOBODY, unwanted=frozenset({"b", "p", "i"}))
    rules = [
        _rule("a", "advice", 1, "steps"),
        _rule("b", "advice", 2, "steps"),
        _rule("p", "praise"),
        _rule("i", "information"),
    ]
    judgement = judge(facts, rules)
    assert [verdict.rule.id for verdict in judgement.shown] == ["a"]
    assert judgement.held == dict.fromkeys("bpi", "not wanted")


@pytest.mark.parametrize("kind", ["red_flag", "referral"])
def test_a_red_flag_or_a_referral_cannot_be_declined(kind: Kind) -> None:
    assert _shown(having(NOBODY, unwanted=frozenset({"x"})), _rule("x", kind, 3)) == ["x"]


def test_a_broken_rule_silences_no_other_and_is_written_down() -> None:
    judgement = judge(NOBODY, [_broken("x"), _rule("f", "red_flag", 4)])
    assert [verdict.rule.id for verdict in judgement.shown] == ["f"]
    assert judgement.held == {"x": "rule failed: ZeroDivisionError"}
    assert judgement.spoke == ("f",)


def test_a_red_flag_or_referral_whose_rule_failed_holds_advice_as_if_it_had_spoken() -> None:
    flag = replace(_broken("f"), kind="red_flag")
    judgement = judge(NOBODY, [_rule("a", "advice"), _rule("p", "praise"), _rule("r", "referral"), flag])
    assert [verdict.rule.id for verdict in judgement.shown] == ["r"]
    assert judgement.held == dict.fromkeys("ap", "red flag first: f") | {"f": "rule failed: ZeroDivisionError"}
    clinic = replace(_broken("c"), kind="referral", clinic_first=True)
    rules = [_rule("eat", "advice", topic="salt"), _rule("sleep", "advice", topic="sleep"), clinic]
    assert judge(NOBODY, rules).held["eat"] == "clinic first: c"
    assert _shown(NOBODY, *rules) == ["sleep"]


VETOED = [
    ("under_18", person(17)),
    ("pregnancy", person(30, conditions=frozenset({"Z34.9"}))),
    ("pregnancy", person(30, conditions=frozenset({"O244"}))),
    ("kidney_or_dialysis", examined(q_kidney=1)),
    ("kidney_or_dialysis", person(conditions=frozenset({"Z99.2"}))),
    ("glucose_lowering_drug", examined(q_med_glucose=1)),
    ("glucose_lowering_drug", person(drugs=frozenset({"2492416G1028"}))),
    ("dementia", person(conditions=frozenset({"G30.9"}))),
    ("cancer_care", person(conditions=frozenset({"c18.7"}))),
    ("bmi_for_a_clinician", examined(bmi=35.0)),
    ("bmi_for_a_clinician", examined(bmi=16.9)),
]


@pytest.mark.parametrize(("veto", "facts"), VETOED, ids=[f"{veto} {number}" for number, (veto, _) in enumerate(VETOED)])
def test_a_veto_holds_advice_on_diet_and_exercise_and_nothing_else(veto: str, facts: Facts) -> None:
    rules = [
        _rule("eat", "advice", topic="breakfast"), _rule("walk", "advice", topic="steps"), _rule("new", "advice"),
        _rule("measure", "advice", topic="weigh_in"), _rule("see a doctor", "referral"), _rule("well done", "praise"),
    ]  # fmt: skip
    judgement = judge(facts, rules)
    assert judgement.held == dict.fromkeys(("eat", "walk", "new"), f"veto: {veto}")
    assert [verdict.rule.id for verdict in judgement.shown] == ["see a doctor", "measure", "well done"]


def test_an_eating_disorder_holds_the_call_to_the_scale_too() -> None:
    weigh, sleep = _rule("weigh", "advice", topic="weigh_in"), _rule("sleep", "advice", topic="sleep")
    assert _shown(person(30, conditions=frozenset({"F50.0"})), weigh, sleep) == ["sleep"]


def test_a_referral_that_comes_first_does_not_hold_the_call_to_the_scale() -> None:
    assert _shown(NOBODY, _clinic("c", "2026-11-01"), _rule("weigh", "advice", topic="weigh_in")) == ["c", "weigh"]


@pytest.mark.parametrize("facts", [examined(q_heart=1), person(30, conditions=frozenset({"Z34.9"}))])
def test_praise_for_steps_adds_no_exercise_where_a_doctor_decides(facts: Facts) -> None:
    walking = having(facts, days={"steps": daily([9000] * 7, newest=1)})
    shown = {verdict.rule.id: verdict.speech.body for verdict in judge(walking, REAL).shown}
    assert "stand_up_from_chair" not in shown and "praise_steps" in shown
    assert "いす" not in "".join(shown.values())


def test_a_heart_condition_holds_exercise_and_low_kidney_values_hold_diet() -> None:
    eat, walk = _rule("eat", "advice", topic="salt"), _rule("walk", "advice", topic="steps")
    assert _shown(person(conditions=frozenset({"I50.0"})), eat, walk) == ["eat"]
    assert _shown(examined(egfr=44.9), eat, walk) == ["walk"]
    assert _shown(examined(egfr=45.0, urine_protein=2), eat, walk) == ["eat", "walk"]


@pytest.mark.parametrize(
    "facts", [person(18), examined(bmi=34.9), examined(bmi=17.0), examined(q_kidney=2), person(75)]
)
def test_no_veto_at_the_edges(facts: Facts) -> None:
    assert vetoes(facts) == ()


def test_a_checkup_of_149_over_90_with_hba1c_7_gives_both_referrals_in_the_prompt_form() -> None:
    facts = examined(
        76, date(2020, 4, 4), **{**HEALTHY, "office_bp_sys": 149, "office_bp_dia": 90, "hba1c": 7.0, "fpg": 118}
    )
    shown = {verdict.rule.id: verdict for verdict in judge(facts, REAL).shown}
    assert list(shown)[:2] == ["checkup_glucose", "checkup_pressure"]
    assert all(shown[name].rule.urgency == 3 and shown[name].rule.audience == "both" for name in list(shown)[:2])


def test_home_readings_that_call_for_a_doctor_leave_no_room_for_walking_advice() -> None:
    facts = person(70, days={"steps": daily([3000] * 14, newest=1)}, pressures=week(165, 95))
    judgement = judge(facts, REAL)
    assert [verdict.rule.id for verdict in judgement.shown] == ["home_pressure_high_now"]
    assert judgement.held["steps_more"] == "red flag first: home_pressure_high_now"


def test_a_consulting_home_pressure_holds_diet_and_exercise_but_not_measuring() -> None:
    facts = person(70, days={"steps": daily([3000] * 14, newest=1)}, pressures=week(138, 82))
    judgement = judge(facts, REAL)
    assert judgement.shown[0].rule.id == "home_pressure_high"
    assert judgement.held["steps_more"] == "clinic first: home_pressure_high"
    sleep, walk, high = _rule("s", "advice", 1, "sleep"), _rule("w", "advice", 1, "steps"), _clinic("c", "2026-11-20")
    assert _shown(NOBODY, sleep, walk, high) == ["c", "s"]


@pytest.mark.parametrize(("days_ago", "held"), [(365, True), (366, False)])
def test_a_referral_on_values_older_than_a_year_speaks_but_advice_no_longer_waits(days_ago: int, held: bool) -> None:
    at = (NOBODY.today - timedelta(days=days_ago)).isoformat()
    judgement = judge(NOBODY, [_rule("walk", "advice", 1, "steps"), _clinic("c", at)])
    assert judgement.shown[0].rule.id == "c"
    assert judgement.held == ({"walk": "clinic first: c"} if held else {})


def test_every_row_of_the_red_flag_table_ends_diet_and_exercise_advice() -> None:
    mild = {"checkup_pressure_month", "checkup_lipids_month", "checkup_liver_family_doctor", "checkup_on_treatment"}
    mild |= {"kidney_two_values", "lipids_after_heart", "hba1c_high_on_treatment", "hba1c_low_on_treatment"}
    mild |= {"chokes_on_soup"}
    assert {rule.id for rule in REAL if rule.kind == "referral" and not rule.clinic_first} == mild


def test_a_healthy_person_who_walks_and_measures_is_praised() -> None:
    facts = person(
        70,
        days={"steps": daily([7000] * 14, newest=1), "weight": daily([60.0] * 14)},
        checkups=(checkup(**HEALTHY),),
    )
    shown = [(verdict.rule.kind, verdict.rule.id) for verdict in judge(facts, REAL).shown]
    assert shown == [
        ("advice", "stand_up_from_chair"),
        ("praise", "praise_checkup"),
        ("praise", "praise_measuring"),
        ("praise", "praise_steps"),
        ("information", "guidance_level"),
        ("information", "hisayama_class"),
        ("information", "hisayama_points"),
        ("information", "metabo_verdict"),
    ]


def test_advice_that_the_limit_kept_away_is_shown_once_when_it_is_put_first_and_the_last_one_makes_room() -> None:
    rules = [_rule(name, "advice") for name in ("a", "b", "c", "d", "e")] + [_rule("p", "praise")]
    judgement = put_first(judge(NOBODY, rules), "e")
    assert [verdict.rule.id for verdict in judgement.shown] == ["e", "a", "b", "p"]
    assert [verdict.rule.id for verdict in judgement.over] == ["c", "d"]
    assert judgement.held == {"c": AT_MOST, "d": AT_MOST}
    assert put_first(judgement, "e") == judgement
