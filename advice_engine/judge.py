"""What a person is told: every rule heard, red flags first, vetoes and limits applied. Pure.

The result depends on the facts and the person's preference alone, never on the order of rules or of facts. The
preference only orders pieces of advice among themselves and mutes; it can add nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from advice_engine import care
from advice_engine.facts import Facts
from advice_engine.families import family_of
from advice_engine.history import answered
from advice_engine.rule import English, Kind, Rule, Speech
from advice_engine.vetoes import BOTH, Veto, areas, vetoes
from advice_engine.words import NO_DIAGNOSIS, NO_DIAGNOSIS_EN

FAILED = "rule failed: "  # how ``held`` begins for a rule that raised
MOST_ADVICE = 3  # pieces of advice at one time
MOST_UNWILLING = 1  # for who told the checkup that they do not mean to change (question 22; our choice): few, not none
CLINIC_FIRST_DAYS = 365  # a referral on older values still speaks, but advice no longer waits for it
SCREEN_ORDER: tuple[Kind, ...] = ("red_flag", "referral", "advice", "praise", "information")
AT_MOST = f"at most {MOST_ADVICE} pieces of advice"
AT_MOST_ONE = f"at most {MOST_UNWILLING} piece of advice"
DECLINABLE = ("advice", "praise", "information")  # "not for me" never silences a red flag or a referral


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's speech as the person reads it."""

    rule: Rule
    speech: Speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """How a person's advice is ordered: ``values``: family -> how likely it is followed, the likelier first.

    ``first``: rules told in the last days, which stay before all others. ``muted``: families they are tired of.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    muted: frozenset[str] = frozenset()


BY_URGENCY = Preference()


@dataclass(frozen=True, slots=True)
class Judgement:
    """``shown`` in screen order; ``held``: rule id -> why not shown; ``spoke``: every rule with something to say.

    ``over``: the advice that only the limit of so many pieces keeps off the screen, the next one first.
    """

    shown: tuple[Verdict, ...]
    held: dict[str, str]
    spoke: tuple[str, ...]
    over: tuple[Verdict, ...] = ()
    most: int = MOST_ADVICE

    @property
    def admitted(self) -> tuple[Verdict, ...]:
        """Every piece of advice that nothing stands against, in its order."""
        return (*(verdict for verdict in self.shown if verdict.rule.kind == "advice"), *self.over)

    @property
    def failed(self) -> tuple[str, ...]:
        """Rules that raised: nobody knows whether they would have spoken."""
        return tuple(sorted(rule for rule, why in self.held.items() if why.startswith(FAILED)))


def judge(facts: Facts, rules: Sequence[Rule], preference: Preference = BY_URGENCY) -> Judgement:
    """Hears all rules and decides what is shown. Never raises: a rule that fails is held with its error's name."""
    held: dict[str, str] = {}
    heard = sorted(_heard(facts, rules, held), key=lambda verdict: _place(verdict, preference))
    free: list[Verdict] = []
    rested: list[Verdict] = []
    limits, by_id = (
        _limits(facts, heard, [rule for rule in rules if rule.id in held]),
        {rule.id: rule for rule in rules},
    )
    for verdict in heard:
        rests = care.rests(verdict.rule, verdict.speech, facts, by_id)
        # what rests keeps its topic: an answer takes one message away and lets nothing else in
        why = _why_not(verdict.rule, limits, preference.muted, [*free, *rested]) or rests
        if why:
            held[verdict.rule.id] = why
        else:
            free.append(Verdict(verdict.rule, render(verdict.speech)))
        if rests:
            rested.append(verdict)
    spoke = tuple(sorted(verdict.rule.id for verdict in heard))
    most = MOST_UNWILLING if answered(facts, "q_will", 1) else MOST_ADVICE
    return _limited(Judgement(tuple(free), held, spoke, most=most), preference.first)


def held_back(facts: Facts, rules: Sequence[Rule], topic: str) -> str | None:
    """Why no advice on this topic may be given now, whatever it says; None when it may."""
    held: dict[str, str] = {}
    heard = sorted(_heard(facts, rules, held), key=lambda verdict: _place(verdict, BY_URGENCY))
    limits = _limits(facts, heard, [rule for rule in rules if rule.id in held])
    return _unsafe("advice", topic, limits)


def put_first(judgement: Judgement, rule_id: str) -> Judgement:
    """The same judgement with this admitted piece of advice before all others; what no longer fits is held."""
    kept = {rule: why for rule, why in judgement.held.items() if why not in (AT_MOST, AT_MOST_ONE)}
    return _limited(replace(judgement, held=kept), (rule_id,))


def _limited(judgement: Judgement, first: Sequence[str]) -> Judgement:
    """``shown`` with these rules before the rest of the advice, in screen order and cut to the limit."""
    place = {rule: number for number, rule in enumerate(first)}
    advice = _varied(sorted(judgement.admitted, key=lambda verdict: place.get(verdict.rule.id, len(place))))
    others = [verdict for verdict in judgement.shown if verdict.rule.kind != "advice"]
    shown = sorted([*others, *advice[: judgement.most]], key=lambda verdict: SCREEN_ORDER.index(verdict.rule.kind))
    over = tuple(advice[judgement.most :])
    why = AT_MOST if judgement.most == MOST_ADVICE else AT_MOST_ONE
    held = judgement.held | dict.fromkeys((verdict.rule.id for verdict in over), why)
    return Judgement(tuple(shown), held, judgement.spoke, over, judgement.most)


def _varied(advice: Sequence[Verdict]) -> list[Verdict]:
    """The first of each family before the second of any: two pieces on salt leave no room for alcohol or walking."""
    before: Counter[str] = Counter()
    turns: list[tuple[int, Verdict]] = []
    for verdict in advice:
        family = family_of(verdict.rule.topic)
        turns.append((before[family], verdict))
        before[family] += 1
    return [verdict for _, verdict in sorted(turns, key=lambda turn: turn[0])]


def render(speech: Speech) -> Speech:
    """The speech as a person reads it: the one place through which every text passes."""
    said = speech.english
    english = said and English(said.title, f"{said.body}\n{NO_DIAGNOSIS_EN}")
    return Speech(speech.title, f"{speech.body}\n{NO_DIAGNOSIS}", speech.reason, speech.rests_on, english)


def _place(verdict: Verdict, preference: Preference) -> tuple[int, float, int, str]:
    """Within a topic, which lies in one family, the most urgent is still the first."""
    rule = verdict.rule
    liked = preference.values.get(family_of(rule.topic), 0.0) if rule.kind == "advice" else 0.0
    # two digits: what differs by less must not move the screen from night to night
    return SCREEN_ORDER.index(rule.kind), -round(liked, 2), -rule.urgency, rule.id


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
    """Whether a referral of the red-flag table speaks on fresh values."""
    newest = care.newest(verdict.speech)
    return verdict.rule.clinic_first and newest >= (today - timedelta(days=CLINIC_FIRST_DAYS)).isoformat()


def _why_not(rule: Rule, limits: _Limits, muted: frozenset[str], free: Sequence[Verdict]) -> str | None:
    return _unsafe(rule.kind, rule.topic, limits) or _unwanted(rule, limits, muted) or _said(rule, free)


def _unsafe(kind: Kind, topic: str, limits: _Limits) -> str | None:
    if limits.red_flag and kind in ("advice", "praise"):
        return f"red flag first: {limits.red_flag}"
    if kind != "advice":
        return None
    touched = areas(topic)
    if limits.clinic_first and touched & BOTH:
        return f"clinic first: {limits.clinic_first}"
    return next((f"veto: {veto.id}" for veto in limits.vetoes if touched & veto.holds), None)


def _unwanted(rule: Rule, limits: _Limits, muted: frozenset[str]) -> str | None:
    if rule.id in limits.unwanted and rule.kind in DECLINABLE:
        return "not wanted"
    family = family_of(rule.topic)
    return f"muted: {family}" if rule.kind == "advice" and family in muted else None


def _said(rule: Rule, free: Sequence[Verdict]) -> str | None:
    same = next((verdict.rule.id for verdict in free if verdict.rule.topic == rule.topic), None)
    return f"same topic: {same}" if same else None
