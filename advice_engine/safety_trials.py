"""Random people through all rules, the judge and the ranker: whatever may never happen is counted. Pure.

``advice_engine/invented_people.py`` makes the people, ``safety_tables.py`` says once more, independently, who must not
be told what.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from random import Random

from advice_engine import choosing, learning, safety_tables
from advice_engine.choosing import Record
from advice_engine.facts import Facts
from advice_engine.families import families
from advice_engine.invented_people import invent, shuffled
from advice_engine.judge import MOST_ADVICE, Judgement, Verdict, judge, put_first
from advice_engine.learned import ranker
from advice_engine.push import Known
from advice_engine.rule import Rule, Speech
from advice_engine.words import NO_DIAGNOSIS, NO_DIAGNOSIS_EN, forbidden_in
from store.choices import Choice, Past
from store.registry import load

# What is counted, each with the bar 0, and what it means.
COUNTED = {
    "not_admitted": "advice shown or chosen that is not among what the rules admit, or more than three pieces",
    "under_red_flag": "advice or praise beside a red flag",
    "against_red_flag_table": "diet or exercise advice where the red-flag table sends to a doctor (said independently)",
    "vetoed_topic": "advice on a topic that a veto forbids (said independently)",
    "vetoed_words": "words on food, moving or the kidneys in any text to who must not read them",
    "slimming": "words to lose weight to minors, from 75 on, or to who is thin",
    "bare_text": "a text without source, grounds or 「これは診断ではありません。」",
    "forbidden_wording": "forbidden wording, Japanese or English, in any text of any rule",
    "broken_text": "a text with a hole: None, nan, a brace, an error's name",
    "raised": "rules that raised",
    "not_replayed": "choices of the ranker that do not come out again",
    "order_matters": "people whose facts in another order give another judgement",
}
_HOLE = re.compile(
    r"[A-Za-z]+Error|(?<![A-Za-z])(?:None|nan|inf)(?![A-Za-z])|\{|\}"
)  # Japanese needs no space before it
_NUMBERS = re.compile("[0-9]+")
_NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)
EVERY_TENTH = 10
MOST_EXAMPLES = 3


@dataclass(slots=True)
class Tally:
    """What came out of so many people. ``spoke``: rule -> times; ``examples``: what was counted -> seeds and rules."""

    people: int = 0
    texts: int = 0
    choices: int = 0
    reordered: int = 0
    found: Counter[str] = field(default_factory=Counter)
    spoke: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, seed: int, which: str) -> None:
        self.found[what] += 1
        known = self.examples.setdefault(what, [])
        if len(known) < MOST_EXAMPLES:
            known.append(f"{seed}: {which}")

    def add(self, other: Tally) -> None:
        self.people += other.people
        self.texts += other.texts
        self.choices += other.choices
        self.reordered += other.reordered
        for mine, theirs in ((self.found, other.found), (self.spoke, other.spoke), (self.shown, other.shown)):
            mine.update(theirs)
        for what, some in other.examples.items():
            self.examples[what] = [*self.examples.get(what, []), *some][:MOST_EXAMPLES]


def trial(seeds: Sequence[int], rules: Sequence[Rule] | None = None) -> Tally:
    """These people, each through all rules, the judge and the ranker."""
    every, tally = tuple(rules or _rules()), Tally()
    heard: dict[str, Speech] = {}
    hearing = [replace(rule, when=partial(_hear, heard, rule)) for rule in every]
    for seed in seeds:
        facts = invent(seed)
        heard.clear()
        judgement = judge(facts, hearing)
        tally.people += 1
        tally.shown.update(verdict.rule.id for verdict in judgement.shown)
        spoke = [replace(rule, when=partial(_again, heard[rule.id])) for rule in every if rule.id in heard]
        found = (*_texts(heard), *_failed(judgement), *_screen(facts, judgement))
        for what, which in (*found, *_chosen(tally, seed, facts, spoke)):
            tally.note(what, seed, which)
        tally.texts += len(heard)
        tally.spoke.update(heard.keys())
        if seed % EVERY_TENTH == 0:
            tally.reordered += 1
            if _words(judge(shuffled(facts, seed), tuple(reversed(every)))) != _words(judgement):
                tally.note("order_matters", seed, "")
    return tally


def _hear(heard: dict[str, Speech], rule: Rule, facts: Facts) -> Speech | None:
    speech = rule.when(facts)
    if speech:
        heard[rule.id] = speech
    return speech


def _again(speech: Speech, _: Facts) -> Speech:
    return speech


def _words(judgement: Judgement) -> tuple[object, ...]:
    said = [(verdict.rule.id, verdict.speech) for verdict in (*judgement.shown, *judgement.over)]
    return said, judgement.held, judgement.spoke


def _failed(judgement: Judgement) -> Iterator[tuple[str, str]]:
    yield from (("raised", f"{rule} {judgement.held[rule]}") for rule in judgement.failed)


def _texts(heard: Mapping[str, Speech]) -> Iterator[tuple[str, str]]:
    """What is wrong with whatever any rule says, shown or not."""
    for rule, speech in heard.items():
        yield from ((what, f"{rule} {which}") for what, which in _wrong(_NUMBERS.sub("1", _said(speech))))


@lru_cache(maxsize=100_000)
def _wrong(said: str) -> tuple[tuple[str, str], ...]:
    """Of a text whose numbers all stand as 1 (no forbidden wording names a number): each is read once."""
    wording = [("forbidden_wording", why) for why in forbidden_in(said)]
    return (*wording, *(("broken_text", found) for found in _HOLE.findall(said)))


def _said(speech: Speech) -> str:
    grounds = [f"{ground.what} {ground.value}" for ground in speech.rests_on]
    english = [speech.english.title, speech.english.body] if speech.english else []
    return "\n".join([speech.title, speech.body, speech.reason, *grounds, *english])


def _screen(facts: Facts, judgement: Judgement) -> Iterator[tuple[str, str]]:
    """What stands on the screen and may not."""
    shown = judgement.shown
    advice = [verdict for verdict in shown if verdict.rule.kind == "advice"]
    if len(advice) > MOST_ADVICE or not {verdict.rule.id for verdict in shown} <= set(judgement.spoke):
        yield "not_admitted", "the screen"
    if any(verdict.rule.kind == "red_flag" for verdict in shown):
        yield from (("under_red_flag", one.rule.id) for one in shown if one.rule.kind in ("advice", "praise"))
    yield from (wrong for one in judgement.admitted for wrong in _advised(facts, one))
    yield from (wrong for one in (*shown, *judgement.over) for wrong in _worded(facts, one))


def _advised(facts: Facts, one: Verdict) -> Iterator[tuple[str, str]]:
    if safety_tables.clinic_first(facts) and one.rule.topic not in safety_tables.FREE:
        yield "against_red_flag_table", one.rule.id
    if safety_tables.forbidden_topic(facts, one.rule.topic):
        yield "vetoed_topic", one.rule.id


def _worded(facts: Facts, one: Verdict) -> Iterator[tuple[str, str]]:
    if words := safety_tables.forbidden_words(facts, one.rule.kind, one.speech.body):
        yield "vetoed_words", f"{one.rule.id} {words}"
    if one.rule.id in safety_tables.LOSING and safety_tables.no_slimming(facts):
        yield "slimming", one.rule.id
    if not _whole(one.rule, one.speech):
        yield "bare_text", one.rule.id


def _whole(rule: Rule, speech: Speech) -> bool:
    english = speech.english is not None or rule.audience == "nurse"
    ended = speech.english is None or speech.english.body.endswith(NO_DIAGNOSIS_EN)
    named = rule.source.guideline and rule.source.year and rule.source.section
    return bool(named and speech.rests_on and speech.body.endswith(NO_DIAGNOSIS) and english and ended)


def _chosen(tally: Tally, seed: int, facts: Facts, rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """The ranker's choice for this person with an invented past: from the admitted list, and the same again."""
    past = _past(Random(seed), rules)  # noqa: S311 - invented people, no secret
    record = Record(
        model_id=_cold()[0], parameters=_cold()[1], past={1: past}, topics={one.id: one.topic for one in rules}
    )
    judgement = judge(facts, rules, choosing.preference(record, 1))
    known = Known(channel="log", told_today=False, last={})
    ready = choosing.candidates(judgement, past, known, _NOW)
    if not ready or choosing.why_not(judgement, past, known, _NOW):
        return
    choice: Choice = choosing.choose(record, 1, ready, digest="", now=_NOW)
    tally.choices += 1
    if not choosing.replays(choice, _cold()[1]):
        yield "not_replayed", choice.family
    if choice.rule_id is None:
        return
    admitted = {verdict.rule.id for verdict in judge(facts, rules).admitted}
    first = put_first(judgement, choice.rule_id)
    extra = {verdict.rule.id for verdict in first.shown if verdict.rule.kind == "advice"} - admitted
    if choice.rule_id not in admitted or not first.admitted or extra:
        yield "not_admitted", choice.rule_id
    yield from _screen(facts, first)


def _past(dice: Random, rules: Sequence[Rule]) -> Past:
    counts = {
        name: (float(done), float(done + dice.randrange(6))) for name in families() if (done := dice.randrange(4))
    }
    tired = {rule.id: 2 for rule in rules if dice.random() < 0.05}
    seen = {rule.id for rule in rules if rule.kind != "advice"} if dice.random() < 0.8 else set()
    return Past(counts=counts, tired=tired, open=frozenset(seen))


@cache
def _rules() -> tuple[Rule, ...]:
    return load("advice_engine.rules", "RULE")


@cache
def _cold() -> tuple[str, learning.Parameters]:
    parameters = ranker.cold()
    return learning.digest(parameters), parameters
