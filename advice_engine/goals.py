"""What goals there are, and how far somebody has come, week by week, from day figures. Pure.

Weeks run from Monday to Sunday. A week that was not finished is never held against anybody: it is only not praised.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from advice_engine.energy import losing_does_no_harm
from advice_engine.facts import Facts, Goal, GoalKind
from advice_engine.figures import between, middle
from advice_engine.vetoes import areas, vetoes
from store.clock import civil_day

GOOD_DAYS = 4  # of a week, on which the steps were reached (our choice: the 60th percentile is met on 41 % of days)
LEAST_WEIGHINGS = 2  # days of the last seven
Unit = Literal["steps", "days", "kg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of goal. ``topic``: of the advice that it can be accepted from, and whose vetoes hold it."""

    name: str
    english: str
    topic: str
    unit: Unit
    tapped: bool = False  # noted by hand, because no device knows


KINDS: MappingProxyType[GoalKind, Kind] = MappingProxyType(
    {
        "steps": Kind(name="歩く", english="Walking", topic="steps", unit="steps"),
        "weigh_in": Kind(name="体重を測る", english="Weighing in", topic="weigh_in", unit="days"),
        "pressure": Kind(name="血圧を測る", english="Measuring pressure", topic="measure_pressure", unit="days"),
        "weight": Kind(name="体重", english="Weight", topic="weight", unit="kg"),
        "dry_days": Kind(
            name="お酒を飲まない日", english="Days without alcohol", topic="alcohol", unit="days", tapped=True
        ),
        "breakfast": Kind(name="朝食を食べる", english="Breakfast", topic="breakfast", unit="days", tapped=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``this_week``, ``last_week``: days on which it was done; None: that week had not begun with this goal.

    ``needed``: days that make a week. Of a weight goal, ``moved`` is the share of the way, 0 to 1, None without
    enough weighings of the last seven days. ``rests``: a doctor's word comes first now.
    """

    goal: Goal
    needed: int
    this_week: int | None = None
    last_week: int | None = None
    moved: float | None = None
    rests: bool = False

    @property
    def reached(self) -> bool:
        """This week's days are done, or the weight is there."""
        return (self.this_week or 0) >= self.needed if self.moved is None else self.moved >= 1


def progress(facts: Facts, goal: Goal) -> Progress:
    """How far it has come by today."""
    rests = resting(facts, goal.kind)
    if goal.kind == "weight":
        return Progress(goal=goal, needed=1, moved=_moved(facts, goal), rests=rests)
    needed = GOOD_DAYS if goal.kind == "steps" else round(goal.target)
    monday = facts.today - timedelta(days=facts.today.weekday())
    before = monday - timedelta(days=7)
    return Progress(
        goal=goal,
        needed=needed,
        this_week=len(_days(facts, goal, monday, facts.today)),
        last_week=len(_days(facts, goal, before, monday - timedelta(days=1))) if goal.since <= before else None,
        rests=rests,
    )


def resting(facts: Facts, kind: GoalKind) -> bool:
    """Whether this is not for now: a veto leaves it to the person's doctor, or losing weight would do harm."""
    if kind == "weight" and not losing_does_no_harm(facts):
        return True
    touched = areas(KINDS[kind].topic)
    return any(touched & veto.holds for veto in vetoes(facts))


def lately(facts: Facts) -> float | None:
    """The weight of the last seven days (median, kg)."""
    return middle(between(facts, "weight", oldest=6), at_least=LEAST_WEIGHINGS)


def _days(facts: Facts, goal: Goal, first: date, last: date) -> set[date]:
    """On which days of this span, within the goal's own, it was done."""
    first, last = max(first, goal.since), min(last, goal.until)
    return {day for day in _done(facts, goal) if first <= day <= last}


def _done(facts: Facts, goal: Goal) -> set[date]:
    if goal.kind == "pressure":
        return {civil_day(one.at) for one in facts.pressures}
    if goal.kind == "weigh_in":
        return {one.day for one in facts.days.get("weight", ())}
    if goal.kind == "steps":
        return {one.day for one in facts.days.get("steps", ()) if one.value >= goal.target}
    return set(goal.tapped)


def _moved(facts: Facts, goal: Goal) -> float | None:
    now = lately(facts)
    if now is None or goal.start is None or goal.start <= goal.target:
        return None
    return min(max((goal.start - now) / (goal.start - goal.target), 0.0), 1.0)
