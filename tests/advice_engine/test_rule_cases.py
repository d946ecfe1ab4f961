"""Each rule's own cases: one that speaks, one that is silent, one at the edge (``cases/<rule id>.py``)."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from advice_person import Case

from advice_engine.judge import judge
from advice_engine.rule import Rule
from store.registry import load

RULES: dict[str, Rule] = {rule.id: rule for rule in load("advice_engine.rules", "RULE")}
FOLDER = Path(__file__).parent / "cases"


def _cases(rule_id: str) -> tuple[Case, ...]:
    spec = spec_from_file_location(f"case_of_{rule_id}", FOLDER / f"{rule_id}.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(module.CASES)


CASES = [(path.stem, case) for path in sorted(FOLDER.glob("*.py")) for case in _cases(path.stem)]


def test_every_rule_has_a_case_that_speaks_one_that_is_silent_and_no_case_lacks_its_rule() -> None:
    heard = {speaks: {rule_id for rule_id, case in CASES if case.speaks is speaks} for speaks in (True, False)}
    assert heard[True] == heard[False] == set(RULES)


@pytest.mark.parametrize(("rule_id", "case"), CASES, ids=[f"{rule_id}: {case.what}" for rule_id, case in CASES])
def test_a_rule_speaks_as_its_cases_say(rule_id: str, case: Case) -> None:
    speech = RULES[rule_id].when(case.facts)
    assert (speech is not None) is case.speaks
    if speech:
        text = f"{speech.title}{speech.body}{speech.reason}"
        assert [words for words in case.says if words not in text] == [], text
        assert [words for words in case.never if words in text] == [], text


@pytest.mark.parametrize(("rule_id", "case"), CASES, ids=[f"{rule_id}: {case.what}" for rule_id, case in CASES])
def test_the_judge_hears_what_the_rule_says(rule_id: str, case: Case) -> None:
    judgement = judge(case.facts, list(RULES.values()))
    assert (rule_id in judgement.spoke) is case.speaks
    shown = {verdict.rule.id for verdict in judgement.shown}
    assert shown | set(judgement.held) == set(judgement.spoke)
    assert not shown & set(judgement.held)
