"""Random people through the real rules find nothing; and each thing that is counted is found when it happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from advice_engine import judge as judging
from advice_engine import safety_tables
from advice_engine.facts import Facts
from advice_engine.judge import Judgement
from advice_engine.rule import English, Ground, Kind, Rule, Source, Speech
from advice_engine.safety_trials import COUNTED, Tally, trial
from advice_engine.vetoes import Veto

FEW = range(7000, 7150)
FINE = Speech(
    "見出し", "本文です。", "理由です。", (Ground("steps", "歩数", "1歩", "2026-07-01"),), English("Title", "Text.")
)


def _rule(
    name: str = "a_new_rule", kind: Kind = "advice", topic: str = "sleep", said: Speech = FINE, **more: object
) -> Rule:
    plain = Rule(
        id=name, title=name, kind=kind, urgency=1, audience="citizen", topic=topic, needs=("days",),
        when=lambda _: said, rest_days=1, source=Source("目安", 2024, "1"), false_alarms="-",
    )  # fmt: skip
    return replace(plain, **more)


def _breaks(facts: Facts) -> Speech | None:
    raise ZeroDivisionError


def _by_order(facts: Facts) -> Speech | None:
    return replace(FINE, title=str(facts.checkups[0].document_id)) if len(facts.checkups) > 2 else None


def test_random_people_find_nothing() -> None:
    tally = trial(FEW)
    assert (tally.people, dict(tally.found), tally.examples) == (150, {}, {})
    assert tally.texts > 1000 and tally.choices > 20 and tally.reordered == 15 and len(tally.spoke) > 90


WRONG = [
    ("forbidden_wording", _rule(said=replace(FINE, body="あなたは高血圧症です。"))),
    ("forbidden_wording", _rule(said=replace(FINE, english=English("T", "Stop taking your medicine.")))),
    ("broken_text", _rule(said=replace(FINE, body="歩数はNone歩です。"))),
    ("bare_text", _rule(said=replace(FINE, rests_on=()))),
    ("bare_text", _rule(source=Source("", 2024, "1"))),
    ("bare_text", _rule(said=replace(FINE, english=None))),
    ("vetoed_words", _rule(kind="praise", topic="praised", said=replace(FINE, body="おやつをへらしましたね。"))),
    ("raised", _rule(when=_breaks)),
    ("order_matters", _rule(kind="information", topic="order", when=_by_order)),
    ("slimming", _rule("weight_goal")),
]


@pytest.mark.parametrize(("what", "rule"), WRONG, ids=[f"{what} {n}" for n, (what, _) in enumerate(WRONG)])
def test_what_may_never_happen_is_counted_when_it_does(what: str, rule: Rule) -> None:
    tally = trial(range(7000, 7110, 10), [rule])
    assert tally.found[what] > 0 and len(tally.examples[what]) <= 3


def _without_vetoes(monkeypatch: pytest.MonkeyPatch) -> Sequence[Rule]:
    no_vetoes: Callable[[Facts], tuple[Veto, ...]] = lambda _: ()  # noqa: E731
    monkeypatch.setattr(judging, "vetoes", no_vetoes)
    return [_rule(topic="salt")]


def _without_referrals(monkeypatch: pytest.MonkeyPatch) -> Sequence[Rule]:
    monkeypatch.setattr(judging, "vetoes", lambda _: ())
    return [_rule(topic="salt")]


def _without_red_flags(monkeypatch: pytest.MonkeyPatch) -> Sequence[Rule]:
    monkeypatch.setattr(judging, "_unsafe", lambda kind, topic, limits: None)
    return [_rule("f", "red_flag", "f"), _rule()]


def _with_more(monkeypatch: pytest.MonkeyPatch) -> Sequence[Rule]:
    monkeypatch.setattr(judging, "MOST_ADVICE", 9)
    monkeypatch.setattr(judging, "_limited", lambda judgement, first: judgement)
    return [_rule(f"r{n}", topic=topic) for n, topic in enumerate(("sleep", "smoking", "falls", "weigh_in"))]


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("vetoed_topic", _without_vetoes),
        ("against_red_flag_table", _without_referrals),
        ("under_red_flag", _without_red_flags),
        ("not_admitted", _with_more),
    ],
)
def test_a_protection_that_is_taken_out_is_missed(
    what: str, broken: Callable[[pytest.MonkeyPatch], Sequence[Rule]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trial(range(7000, 7060), broken(monkeypatch)).found[what] > 0


def test_everything_that_is_counted_has_a_meaning_and_tallies_add_up() -> None:
    one, other = Tally(people=2), Tally(people=3)
    other.note("raised", 5, "x")
    one.add(other)
    assert (one.people, one.found["raised"], one.examples) == (5, 1, {"raised": ["5: x"]})
    assert {what for what, _ in WRONG} <= set(COUNTED) and all(COUNTED.values())


def test_the_second_table_shares_no_code_with_the_first() -> None:
    source = Path(safety_tables.__file__).read_text("utf-8")
    imported = [line for line in source.splitlines() if line.startswith("from advice_engine")]
    assert imported == ["from advice_engine.facts import Checkup, Facts"]
    assert Judgement.__name__ not in source
