"""Steps a day against the guide and against one's own habit. Pure. Today is left out: the day is not over.

Source: 健康づくりのための身体活動・運動ガイド2023 (adults about 8,000, older people about 6,000; 65 is a convention).
"""

from __future__ import annotations

from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.rule import Ground
from advice_engine.words import amount, span_iso

OLDER = 65
WINTER = (12, 1, 2, 3)


def guide(facts: Facts) -> int:
    """Steps a day of the guide for this age."""
    return 6000 if facts.age >= OLDER else 8000


def usual(facts: Facts, *, oldest: int, newest: int, at_least: int) -> float | None:
    """The median day between ``oldest`` and ``newest`` days ago, in whole hundreds."""
    found = middle(between(facts, "steps", oldest=oldest, newest=newest), at_least=at_least)
    return None if found is None else float(round(found / 100) * 100)


def ground(facts: Facts, *, oldest: int, newest: int) -> Ground:
    """The days that a median rests on."""
    figures = between(facts, "steps", oldest=oldest, newest=newest)
    middle_day = middle(figures, at_least=1) or 0
    what = f"1日の歩数(ふだんの日、{len(figures)}日分)"
    return Ground("steps", what, amount("steps", middle_day), span_iso(figures[0].day, figures[-1].day))


def indoors(facts: Facts) -> str:
    """A word for the snowy months."""
    if facts.today.month in WINTER:
        return "雪や寒さのきびしい日は、家の中での足踏みやラジオ体操でもかまいません。"
    return ""
