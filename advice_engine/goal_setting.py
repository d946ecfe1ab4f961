"""Which goal somebody may set, and which one fits them. Pure. What a doctor decides on is refused, kindly.

Source of the weight goal: 肥満症診療ガイドライン2022 (3 % of the weight in 3 to 6 months). That it is never faster
than a kilogram in 30 days is the pace used in the field (unverified).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from advice_engine.drinking import DAILY, GROWN_UP, MUCH
from advice_engine.energy import GOAL_SHARE, HEAVY, losing_does_no_harm
from advice_engine.facts import Facts, Goal, GoalKind
from advice_engine.figures import between
from advice_engine.goals import KINDS, lately, resting
from advice_engine.history import answered, bmi
from advice_engine.judge import held_back
from advice_engine.learned import step_goal
from advice_engine.rule import Rule
from advice_engine.vetoes import ADULT

Refusal = Literal["doctor", "first_see", "not_fitting", "too_fast", "no_weight", "not_lose", "ended", "grown_up"]
SHORTEST, LONGEST = timedelta(days=7), timedelta(days=186)
WEIGHT_SHORTEST = timedelta(days=84)  # three months
MOST_SHARE = 0.05  # of the weight
KG_IN_30_DAYS = 1.0
STEPS = (1_000, 15_000)
LEAST_STEP_DAYS = 14  # before a number is proposed
STEPS_MORE = 3_000  # above the usual day at once (our choice)

REFUSED: dict[Refusal, tuple[str, str]] = {
    "doctor": (
        "このめあては、主治医に相談してから決めましょう。相談したことは、大切な一歩です。",
        "Please ask your doctor first: this goal is best set together.",
    ),
    "first_see": (
        "先に、画面の上の「大切なお知らせ」をご覧ください。めあては、そのあとでゆっくり決めましょう。",
        "Please see the important notice at the top of your page first.",
    ),
    "not_fitting": ("めあての数や期間を、もう一度ご確認ください。", "The number or the dates do not fit this goal."),
    "too_fast": (
        "少し急ぎすぎかもしれません。1か月に1 kgまで、歩数はふだんより3,000歩までの、ゆっくりしためあてにしましょう。",
        "That may be too fast: at most 1 kg a month, or 3,000 steps more than usual.",
    ),
    "no_weight": (
        "最近の体重がまだ分かりません。2日以上測ってから、もう一度決めてみましょう。",
        "Your weight of the last days is not known yet: weigh in on two days first.",
    ),
    "not_lose": (
        "いまは、体重を減らすめあてはおすすめしていません。気になるときは、主治医や保健師に相談してください。",
        "We do not suggest losing weight now. Your doctor or public health nurse will gladly talk about it.",
    ),
    "ended": ("始まりと終わりの日を、もう一度ご確認ください。", "Please check the dates."),
    "grown_up": ("このめあては、20歳以上の方のものです。", "This goal is for people of 20 and older."),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to set. ``target`` of weight: kg to reach; else steps a day or days a week."""

    kind: GoalKind
    target: float
    until: date


def refused(facts: Facts, wanted: Wanted, rules: Sequence[Rule]) -> Refusal | None:
    """Why this goal is not set now; None when it may be."""
    kind = KINDS[wanted.kind]
    if wanted.kind == "weight" and not losing_does_no_harm(facts):
        return "not_lose"
    if resting(facts, wanted.kind) or _heavy_drinker(facts, wanted.kind):
        return "doctor"
    if held_back(facts, rules, kind.topic):
        return "first_see"
    if facts.age < ADULT or (wanted.kind == "dry_days" and facts.age < GROWN_UP):
        return "doctor" if facts.age < ADULT else "grown_up"
    if not SHORTEST <= wanted.until - facts.today <= LONGEST:
        return "ended"
    return _number(facts, wanted)


def made(facts: Facts, wanted: Wanted) -> Goal:
    """The goal as it begins today."""
    start = lately(facts) if wanted.kind == "weight" else None
    return Goal(kind=wanted.kind, target=wanted.target, since=facts.today, until=wanted.until, start=start)


def fitting(facts: Facts, kind: GoalKind) -> Wanted | None:
    """A goal of this kind that fits the person, as the form proposes it; None when too little is known."""
    weeks = 26 if kind == "weight" else 8
    until = facts.today + timedelta(weeks=weeks)
    if kind == "steps":
        usual = [one.value for one in between(facts, "steps", oldest=step_goal.DAYS, newest=1)]
        aim = step_goal.score(step_goal.fit(None), usual) if len(usual) >= LEAST_STEP_DAYS else None
        return Wanted(kind, float(min(max(aim, STEPS[0]), STEPS[1])), until) if aim else None
    if kind == "weight":
        now = lately(facts)
        return Wanted(kind, round(now * (1 - GOAL_SHARE), 1), until) if now else None
    return Wanted(kind, {"weigh_in": 5.0, "pressure": 5.0, "dry_days": 2.0, "breakfast": 5.0}[kind], until)


def _number(facts: Facts, wanted: Wanted) -> Refusal | None:
    if wanted.kind == "weight":
        return _weight(facts, wanted)
    if wanted.kind == "steps":
        usual = [one.value for one in between(facts, "steps", oldest=28, newest=1)]
        if not STEPS[0] <= wanted.target <= STEPS[1]:
            return "not_fitting"
        return "too_fast" if usual and wanted.target > sum(usual) / len(usual) + STEPS_MORE else None
    return None if wanted.target in (1, 2, 3, 4, 5, 6, 7) else "not_fitting"


def _weight(facts: Facts, wanted: Wanted) -> Refusal | None:
    mass, now = bmi(facts), lately(facts)
    if mass is None or now is None:
        return "no_weight"
    if mass.value < HEAVY:
        return "not_lose"
    if wanted.target >= now:
        return "not_fitting"
    days = (wanted.until - facts.today).days
    fast = now - wanted.target > min(MOST_SHARE * now, KG_IN_30_DAYS * days / 30) + 0.05
    return "too_fast" if fast or days < WEIGHT_SHORTEST.days else None


def _heavy_drinker(facts: Facts, kind: GoalKind) -> bool:
    """Who has drunk much every day stops slowly, and not alone."""
    often, much = answered(facts, "q_drink_frequency", *DAILY), answered(facts, "q_drink_amount", MUCH, MUCH + 1)
    return kind == "dry_days" and often is not None and much is not None
