"""What a person is told: every rule heard, red flags first, vetoes and limits applied. Pure.

The result depends on the facts alone, never on the order of rules or of facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from advice_engine.facts import Facts
from advice_engine.rule import Kind, Rule, Speech
from advice_engine.vetoes import BOTH, Veto, areas, vetoes
from advice_engine.words import NO_DIAGNOSIS, NO_DIAGNOSIS_EN

FAILED = "rule failed: "  # how ``held`` begins for a rule that raised
MOST_ADVICE = 3  # pieces of advice at one time
CLINIC_FIRST_DAYS = 365  # a referral on older values still speaks, but advice no longer waits for it
SCREEN_ORDER: tuple[Kind, ...] = ("red_flag", "referral", "advice", "praise", "information")
DECLINABLE = ("advice", "praise", "information")  # "not for me" never silences a red flag or a referral


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's speech as the person reads it."""

    rule: Rule
    speech: Speech


@dataclass(frozen=True, slots=True)
class Judgement:
    """``shown`` in screen order; ``held``: rule id -> why not shown; ``spoke``: every rule with something to say."""

    shown: tuple[Verdict, ...]
    held: dict[str, str]
    spoke: tuple[str, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Rules that raised: nobody knows whether they would have spoken."""
        return tuple(sorted(rule for rule, why in self.held.items() if why.startswith(FAILED)))


def judge(facts: Facts, rules: Sequence[Rule]) -> Judgement:
    """Hears all rules and decides what is shown. Never raises: a rule that fails is held with its error's name."""
    held: dict[str, str] = {}
    heard = sorted(_heard(facts, rules, held), key=_place)
    shown: list[Verdict] = []
    limits = _limits(facts, heard, [rule for rule in rules if rule.id in held])
    for verdict in heard:
        why = _why_not(verdict.rule, limits, shown)
        if why:
            held[verdict.rule.id] = why
        else:
            shown.append(replace(verdict, speech=render(verdict.speech)))
    return Judgement(tuple(shown), held, tuple(sorted(verdict.rule.id for verdict in heard)))


def render(speech: Speech) -> Speech:
    """The speech as a person reads it: the one place through which every text passes."""
    english = speech.english and replace(speech.english, body=f"{speech.english.body}\n{NO_DIAGNOSIS_EN}")
    return replace(speech, body=f"{speech.body}\n{NO_DIAGNOSIS}", english=english)


def _place(verdict: Verdict) -> tuple[int, int, str]:
    return SCREEN_ORDER.index(verdict.rule.kind), -verdict.rule.urgency, verdict.rule.id


def _heard(facts: Facts, rules: Sequence[Rule], held: dict[str, str]) -> Iterator[Verdict]:
    for rule in rules:
        try:
            speech = rule.when(facts)
        except Exception as fault:  # one broken rule must not silence a red flag of another
            held[rule.id] = f"{FAILED}{type(fault).__name__}"
            continue
        if speech:
            yield Verdict(rule, speech)


@dataclass(frozen=True, slots=True)
class _Limits:
    """What stands against showing, the same for all rules of one person."""

    unwanted: frozenset[str]
    red_flag: str | None
    clinic_first: str | None
    vetoes: tuple[Veto, ...]


def _limits(facts: Facts, heard: Sequence[Verdict], failed: Sequence[Rule]) -> _Limits:
    """A red flag or referral whose rule failed might have spoken: it holds advice back as if it had."""
    red_flags = [verdict.rule.id for verdict in heard if verdict.rule.kind == "red_flag"]
    red_flags += sorted(rule.id for rule in failed if rule.kind == "red_flag")
    clinics = [verdict.rule.id for verdict in heard if _clinic_first(verdict, facts.today)]
    clinics += sorted(rule.id for rule in failed if rule.clinic_first)
    return _Limits(facts.unwanted, next(iter(red_flags), None), next(iter(clinics), None), vetoes(facts))


def _clinic_first(verdict: Verdict, today: date) -> bool:
    """Whether a referral of the red-flag table speaks on fresh values. ``Ground.at`` ends in an ISO date."""
    newest = max((ground.at[-10:] for ground in verdict.speech.rests_on), default="")
    return verdict.rule.clinic_first and newest >= (today - timedelta(days=CLINIC_FIRST_DAYS)).isoformat()


def _why_not(rule: Rule, limits: _Limits, shown: Sequence[Verdict]) -> str | None:
    return _unsafe(rule, limits) or _too_much(rule, limits, shown)


def _unsafe(rule: Rule, limits: _Limits) -> str | None:
    if limits.red_flag and rule.kind in ("advice", "praise"):
        return f"red flag first: {limits.red_flag}"
    if rule.kind != "advice":
        return None
    touched = areas(rule.topic)
    if limits.clinic_first and touched & BOTH:
        return f"clinic first: {limits.clinic_first}"
    return next((f"veto: {veto.id}" for veto in limits.vetoes if touched & veto.holds), None)


def _too_much(rule: Rule, limits: _Limits, shown: Sequence[Verdict]) -> str | None:
    if rule.id in limits.unwanted and rule.kind in DECLINABLE:
        return "not wanted"
    same = next((verdict.rule.id for verdict in shown if verdict.rule.topic == rule.topic), None)
    if same:
        return f"same topic: {same}"
    if rule.kind == "advice" and sum(verdict.rule.kind == "advice" for verdict in shown) >= MOST_ADVICE:
        return f"at most {MOST_ADVICE} pieces of advice"
    return None
