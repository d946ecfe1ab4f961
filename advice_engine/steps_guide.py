"""Steps a day against the guide and against one's own habit. Pure. Today is left out: the day is not over.

Source: 健康づくりのための身体活動・運動ガイド2023 (adults about 8,000, older people about 6,000; 65 is a convention).
"""

from __future__ import annotations

from collections.abc import Sequence

from advice_engine.facts import DayFigure, Facts
from advice_engine.figures import between, middle
from advice_engine.learned import step_goal
from advice_engine.once import once
from advice_engine.rule import Ground
from advice_engine.season import began, season
from advice_engine.words import amount, span_iso

OLDER = 65
CARRIED = 500  # steps; fewer: rather not carried, or somebody who cannot walk (our choice)
LEAST_DAYS, LEAST_MORE = 21, 300  # for a goal of one's own: days of the last 28, and steps above the usual day (ours)
MONTH = (28, 1)  # days ago
BEFORE_SNOW_DAYS = 14


def guide(facts: Facts) -> int:
    """Steps a day of the guide for this age."""
    return guide_at(facts.age)


def guide_at(age: int) -> int:
    return 6000 if age >= OLDER else 8000


@once
def usual(facts: Facts, *, oldest: int, newest: int, at_least: int) -> float | None:
    """The median day between ``oldest`` and ``newest`` days ago, in whole hundreds."""
    found = middle(between(facts, "steps", oldest=oldest, newest=newest), at_least=at_least)
    return None if found is None else float(round(found / 100) * 100)


def ground(facts: Facts, *, oldest: int, newest: int) -> Ground:
    """The days that a median rests on."""
    figures = between(facts, "steps", oldest=oldest, newest=newest)
    return ground_of(figures, f"1日の歩数(ふだんの日、{len(figures)}日分)")


def own_goal(facts: Facts) -> int | None:
    """Steps a day to aim at, by one's own last 28 days; above the guide only for who is there already.

    None with fewer than 21 days, or where the goal lies hardly above the usual day: then "10 minutes more" says more.
    """
    oldest, newest = MONTH
    now = usual(facts, oldest=oldest, newest=newest, at_least=LEAST_DAYS)
    if now is None:
        return None
    values = [one.value for one in between(facts, "steps", oldest=oldest, newest=newest)]
    goal: int | None = step_goal.score(step_goal.fit(None), values)
    if goal is None:
        return None
    goal = goal if now >= guide(facts) else min(goal, guide(facts))
    return goal if goal >= now + LEAST_MORE else None


def before_snow(facts: Facts) -> list[DayFigure]:
    """The day figures before this winter's snow season, as far as they are known; empty outside the season."""
    first = began(facts.today) if season(facts.today) == "snow" else None
    figures = between(facts, "steps", oldest=120, newest=1)
    return [one for one in figures if first and one.day < first]


def ground_of(figures: Sequence[DayFigure], what: str) -> Ground:
    """These days' median as a ground."""
    middle_day = middle(figures, at_least=1) or 0
    return Ground("steps", what, amount("steps", middle_day), span_iso(figures[0].day, figures[-1].day))


def small_walks(facts: Facts) -> str:
    """Two ways to a few minutes more; under a roof while there is snow."""
    if season(facts.today) == "snow":
        return "買い物の日に大きな店の中を少し多く歩く、家の廊下を5分歩く"
    return "買い物のときに少し遠くに車をとめる、朝や昼に5分歩く"


def small_walks_en(facts: Facts) -> str:
    if season(facts.today) == "snow":
        return "Walk a little more inside a large shop, or for five minutes in the corridor at home."
    return "Park a little farther away when you shop, or walk for five minutes in the morning or at lunch."


def indoors(facts: Facts) -> str:
    """A word for the snowy months."""
    if season(facts.today) == "snow":
        return "雪や寒さのきびしい日は、家の中での足踏みやラジオ体操でもかまいません。"
    return ""


def indoors_en(facts: Facts) -> str:
    """The same with a space before it."""
    if season(facts.today) == "snow":
        return " On snowy or very cold days, stepping on the spot or Radio Exercise at home will do as well."
    return ""
