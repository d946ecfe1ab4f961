"""Properties that hold for every rule, also for those that someone adds later."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from advice_person import TODAY, person
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented_facts import facts, invent

import advice_engine.rules
from advice_engine.facts import Facts
from advice_engine.frailty import strength_first
from advice_engine.invented_people import shuffled
from advice_engine.judge import judge, render
from advice_engine.rule import Rule, Speech
from advice_engine.snow_clearing import reasons
from advice_engine.words import NO_DIAGNOSIS, forbidden_in
from store.registry import load

RULES: tuple[Rule, ...] = load("advice_engine.rules", "RULE")
EVERY = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
often = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONGEST = {"title": 30, "body": 320, "reason": 130}
LONGEST_SENTENCE = 75


def _texts(speech: Speech) -> dict[str, str]:
    return {name: getattr(speech, name) for name in LONGEST}


def _all(speech: Speech) -> str:
    said = [f"{ground.what} {ground.value}" for ground in speech.rests_on]
    return "\n".join([*_texts(speech).values(), *said])


def test_a_rules_id_is_its_files_name() -> None:
    files = {path.stem for path in Path(advice_engine.rules.__path__[0]).glob("*.py")} - {"__init__"}
    assert {rule.id for rule in RULES} == files
    assert len(RULES) == len(files)


@EVERY
def test_a_rule_says_where_it_comes_from_and_when_it_may_be_wrong(rule: Rule) -> None:
    assert rule.source.guideline and rule.source.section
    assert 2015 <= rule.source.year <= TODAY.year
    assert len(rule.false_alarms) >= 10
    assert rule.title and rule.topic and rule.rest_days >= 1 and 0 <= rule.urgency <= 4
    known = {field.name for field in fields(Facts)}
    assert rule.needs and {need.split(":")[0] for need in rule.needs} <= known


@EVERY
def test_a_red_flag_reaches_the_nurse_and_is_never_of_no_hurry(rule: Rule) -> None:
    if rule.kind == "red_flag":
        assert rule.audience == "both"
        assert rule.urgency >= 2
    elif rule.kind in ("praise", "information"):
        assert rule.urgency <= 1


@EVERY
@pytest.mark.parametrize("age", [0, 17, 18, 39, 40, 64, 65, 74, 75, 105])
def test_a_rule_is_silent_about_a_person_of_whom_nothing_is_known(rule: Rule, age: int) -> None:
    assert rule.when(person(age)) is None


def test_the_invented_people_make_every_rule_speak() -> None:
    silent = {rule.id for rule in RULES}
    for seed in range(4000):
        found = invent(seed)
        silent -= {rule.id for rule in RULES if rule.id in silent and rule.when(found)}
        if not silent:
            break
    assert silent == set()


@often
@given(facts())
def test_no_rule_raises_and_every_text_keeps_to_the_wording_rules(found: Facts) -> None:
    for rule in RULES:
        speech = rule.when(found)
        if speech is None:
            continue
        assert forbidden_in(_all(speech)) == (), (rule.id, _all(speech))
        assert speech.rests_on, rule.id
        for name, text in _texts(speech).items():
            assert 0 < len(text) <= LONGEST[name], (rule.id, len(text), text)
        assert not re.search(r"[A-Za-z]+Error|None|\bnan\b|\{|\}|  ", _all(speech)), (rule.id, _all(speech))


@often
@given(facts())
def test_the_english_words_keep_to_the_wording_rules_too(found: Facts) -> None:
    for rule in RULES:
        speech = rule.when(found)
        english = speech.english if speech else None
        if english is None:
            assert speech is None or rule.audience == "nurse", rule.id
            continue
        said = f"{english.title}\n{english.body}"
        assert forbidden_in(said) == (), (rule.id, said)
        assert not re.search(r"[\u3041-\u30ff\u4e00-\u9fff、。]|None|\bnan\b|\{|\}|  |\.[A-Z]", said), (rule.id, said)
        assert 0 < len(english.title) <= 70 and 0 < len(english.body) <= 650, (rule.id, len(english.body), said)
        assert english.body.endswith("."), (rule.id, said)
        sentences = re.split(r"(?<=[.?!]) ", english.body)
        assert [one for one in sentences if len(one.split()) > 32] == [], rule.id


@often
@given(facts())
def test_sentences_are_short_and_end_politely(found: Facts) -> None:
    for rule in RULES:
        speech = rule.when(found)
        sentences = re.split(r"(?<=。)", speech.body) if speech else []
        assert [one for one in sentences if len(one) > LONGEST_SENTENCE] == [], rule.id
        assert speech is None or speech.body.endswith("。"), rule.id


@often
@given(facts())
def test_every_ground_names_a_day_that_was(found: Facts) -> None:
    for rule in RULES:
        speech = rule.when(found)
        for ground in speech.rests_on if speech else ():
            assert ground.what and ground.value
            for day in ground.at.split("/"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\d", day) and day <= found.today.isoformat(), rule.id


@often
@given(facts(), st.integers(0, 1000))
def test_facts_in_another_order_give_the_same_words(found: Facts, seed: int) -> None:
    other = shuffled(found, seed)
    for rule in RULES:
        assert rule.when(other) == rule.when(found), rule.id
    assert judge(other, tuple(reversed(RULES))) == judge(found, RULES)


@often
@given(facts())
def test_every_text_that_is_shown_says_that_it_is_no_diagnosis(found: Facts) -> None:
    judgement = judge(found, RULES)
    for verdict in judgement.shown:
        assert verdict.speech.body.endswith(NO_DIAGNOSIS)
        said = verdict.rule.when(found)
        assert said is not None and render(said) == verdict.speech
    assert not [why for why in judgement.held.values() if why.startswith("rule failed")]


@often
@given(facts())
def test_nobody_who_should_not_lose_weight_is_told_to(found: Facts) -> None:
    losing = [rule for rule in RULES if rule.id in ("weight_trend_up", "weight_goal", "energy_for_weight")]
    if any(rule.when(found) for rule in losing):
        assert 18 <= found.age < 75 and not strength_first(found) and len(losing) == 3


@often
@given(facts())
def test_nobody_for_whom_it_is_too_much_is_told_to_clear_snow(found: Facts) -> None:
    told = [rule for rule in RULES if rule.kind in ("advice", "praise")]
    said = [rule.id for rule in told if (speech := rule.when(found)) and re.search("雪かき|雪下ろし", speech.body)]
    assert not reasons(found) or said == []


@often
@given(facts())
def test_people_with_kidney_signs_are_never_told_of_vegetables_fruit_protein_or_water(found: Facts) -> None:
    from advice_engine.history import kidney_signs

    if not kidney_signs(found):
        return
    for verdict in judge(found, RULES).shown:
        if verdict.rule.kind == "advice":
            assert not re.search("野菜を|具だくさん|果物|バナナ|卵|豆腐|水分をとり", verdict.speech.body), (
                verdict.rule.id
            )


@often
@given(facts())
def test_where_a_doctor_decides_no_text_of_any_kind_speaks_of_what_to_eat_or_how_to_exercise(found: Facts) -> None:
    from advice_engine.vetoes import left_to_doctor

    food, exercise = "みそ汁|塩分|揚げ物|卵|おかず|おやつ|甘い飲み物", "歩いてみ|歩くのも|いすから|足踏み"
    for verdict in judge(found, RULES).shown:
        body = verdict.speech.body
        assert not (left_to_doctor(found, "diet") and re.search(food, body)), (verdict.rule.id, body)
        assert not (left_to_doctor(found, "exercise") and re.search(exercise, body)), (verdict.rule.id, body)


@often
@given(facts())
def test_nobody_is_invited_to_drink(found: Facts) -> None:
    for rule in RULES:
        speech = rule.when(found)
        assert speech is None or not re.search("飲酒しま|お酒を飲みま|適量|百薬", speech.body), rule.id
        assert rule.id != "alcohol" or speech is None or found.age >= 20
