"""Any facts at all, for properties: values within plausible ranges, every answer, every flag, gaps.

One number gives one person (``random.Random``): drawing every field by itself would take minutes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

from advice_person import HEALTHY, TODAY
from hypothesis import strategies as st
from other_days import JANUARY, JULY, on

from advice_engine.checkup_lines import LINES
from advice_engine.facts import Checkup, DayFigure, Facts, Goal, HomePressure, Point
from advice_engine.history import CONDITIONS, DRUGS
from store.clock import JST
from store.metrics import METRICS, checkup_items

CODED = {item.metric: sorted(map(float, item.answers)) for item in checkup_items().values() if item.answers}
ILL = ("q_med_bp", "q_med_glucose", "q_med_lipid", "q_heart", "q_stroke", "q_kidney", "q_anemia")
ASKED = sorted(word for word in CODED if word.startswith("q") and word not in ILL)
MEASURED = sorted({item.metric for item in checkup_items().values() if item.kind == "PQ" and item.metric})
CODES = sorted(f"{code}.9" for group in CONDITIONS.values() for code in group)
YJ = sorted(f"{prefix}9"[:4] + "001F1012" for group in DRUGS.values() for prefix in group)
HABITS = {"steps": (0, 15_000), "weight": (32, 110), "sleep": (150, 650), "body_fat": (5, 50)}


def facts() -> st.SearchStrategy[Facts]:
    return st.integers(0, 2**48).map(invent)


def invent(seed: int) -> Facts:
    """The same person for the same number."""
    dice = Random(seed)
    found = Facts(
        person_id=1,
        today=TODAY,
        birth_date=TODAY - timedelta(days=dice.randrange(1, 103 * 365)),
        sex=dice.choice(("male", "female", "male", "female", "other", "unknown")),
        days={metric: _days(dice, *span) for metric, span in HABITS.items() if dice.random() < 0.6},
        pressures=_pressures(dice),
        glucoses=tuple(Point(_moment(dice, 6), dice.randrange(40, 420)) for _ in range(dice.choice((0, 0, 1, 4)))),
        checkups=_checkups(dice),
        conditions=frozenset(dice.sample(CODES, dice.choice((0, 0, 0, 1, 2)))),
        drugs=frozenset(dice.sample(YJ, dice.choice((0, 0, 0, 1, 2)))),
        devices=frozenset(dice.sample(("weight", "bp_sys", "steps"), dice.randrange(4))),
        goals=_goals(Random(seed + 1)),  # dice of their own: the rest of the person stays as it was
    )
    return _in_a_season(found, Random(seed + 2))


def _in_a_season(found: Facts, dice: Random) -> Facts:
    """The same, in snow or heat for some; with fever for a few."""
    warm = (DayFigure(TODAY - timedelta(days=dice.randrange(3)), dice.choice((36.4, 37.5, 38.6)), 1),)
    days = {**found.days, "temperature": warm} if dice.random() < 0.1 else found.days
    if dice.random() < 0.02:  # losing slowly and on purpose, as nobody does by throwing dice
        days = {**days, "weight": tuple(DayFigure(TODAY - timedelta(days=ago), 74 + ago / 30, 1) for ago in range(110))}
        found = replace(found, checkups=(Checkup(TODAY - timedelta(days=90), "健診センター", 0, {**HEALTHY}),))
    return on(dice.choice((TODAY, TODAY, JANUARY, JULY)), replace(found, days=days))


def _goals(dice: Random) -> tuple[Goal, ...]:
    since = TODAY - timedelta(days=dice.randrange(1, 100))
    until = TODAY + timedelta(days=dice.randrange(-20, 60))
    tapped = frozenset(TODAY - timedelta(days=dice.randrange(14)) for _ in range(dice.randrange(8)))
    made = (
        Goal(kind="steps", target=dice.choice((1000.0, 6000.0, 15000.0)), since=since, until=until),
        Goal(kind="weigh_in", target=5.0, since=since, until=until),
        Goal(kind="pressure", target=1.0, since=since, until=until),
        Goal(kind="weight", target=dice.uniform(40, 90), start=dice.uniform(50, 95), since=since, until=until),
        Goal(kind="dry_days", target=2.0, since=since, until=until, tapped=tapped),
        Goal(kind="breakfast", target=7.0, since=since, until=until, tapped=tapped),
    )
    return tuple(dice.sample(made, dice.choice((0, 0, 0, 1, 3))))


def _moment(dice: Random, most: int = 20) -> datetime:
    day = TODAY - timedelta(days=dice.randrange(most))
    return datetime.combine(day, time(dice.randrange(24), dice.randrange(60)), JST)


def _days(dice: Random, low: float, high: float) -> tuple[DayFigure, ...]:
    """A habit, a trend or a step in it, gaps, and now and then a strange day."""
    habit, trend = dice.uniform(low, high), dice.choice((0.0, 0.0, 1, 0.2)) * dice.uniform(-1, 1) * (high - low) / 300
    step, since = dice.choice((0.0, dice.uniform(-0.6, 0.6))), dice.choice((3, 8, 60))
    kept, noise = dice.choice((0.1, 0.6, 1.0)), habit / (4 if high == HABITS["steps"][1] else 60)
    return tuple(
        DayFigure(TODAY - timedelta(days=back), min(high, max(low, value)), 1)
        for back in range(dice.choice((0, 10, 40, 120)), -1, -1)
        if dice.random() < kept
        for value in [habit * (1 + step * (back < since)) - trend * back + dice.gauss(0, noise)]
    )


def _pressures(dice: Random) -> tuple[HomePressure, ...]:
    sys, dia = dice.choice((115, 128, 137, 148, 162, 185)), dice.choice((70, 78, 86, 92, 102, 115))
    flags = dice.choice((0, 16, 63))
    many, fell = dice.choice((0, 1, 6, 30, 50)), dice.choice((0, 0, 15))  # higher two weeks ago
    moments = [_moment(dice, 28 if many > 30 else 20) for _ in range(many)]
    found = (
        HomePressure(
            at,
            sys + dice.randrange(-6, 7) + fell * (at.date() <= TODAY - timedelta(days=14)),
            dia + dice.randrange(-4, 5),
            70,
            dice.choice((0, 0, flags)),
        )
        for at in moments
    )
    return tuple(sorted(found, key=lambda one: (one.at, one.sys, one.dia, one.flags)))


def _checkups(dice: Random) -> tuple[Checkup, ...]:
    if dice.random() < 0.02:  # from bad to good, as nobody gets by throwing dice for each value
        bad = {**HEALTHY, "waist": 95.0, "office_bp_sys": 138.0, "tg_fasting": 280.0, "fpg": 108.0}
        return tuple(
            Checkup(TODAY - timedelta(days=days), "健診センター", number, values)
            for number, (days, values) in enumerate(((100, {**HEALTHY}), (470, bad)))
        )
    ages = sorted(dice.sample((5, 100, 364, 366, 500, 731, 2400), dice.choice((0, 1, 1, 2, 3))))
    return tuple(
        Checkup(TODAY - timedelta(days=days), "健診センター", number, _values(dice)) for number, days in enumerate(ages)
    )


def _values(dice: Random) -> dict[str, float]:
    kept = dice.choice((0.2, 0.7, 1.0))
    values: dict[str, float] = {**HEALTHY} if dice.random() < 0.3 else {}
    values |= {metric: _number(dice, metric) for metric in MEASURED if dice.random() < kept}
    if dice.random() < 0.2:  # somebody well, with habits: who throws dice for every illness has one nearly always
        return {**HEALTHY, "bmi": dice.uniform(19, 34)} | {word: dice.choice(CODED[word]) for word in ASKED}
    return values | {word: dice.choice(codes) for word, codes in CODED.items() if dice.random() < kept}


def _number(dice: Random, metric: str) -> float:
    """Often at or beside a line, sometimes anything plausible."""
    row = METRICS[metric]
    around = [row.low, row.high, HEALTHY.get(metric, row.low), *_lines(metric)]
    value = dice.choice(
        (dice.choice(around) + dice.choice((0, 1, -1)) * 10**-row.digits, dice.uniform(row.low, row.high))
    )
    return round(min(row.high, max(row.low, value)), row.digits)


def _lines(metric: str) -> list[float]:
    line = LINES.get(metric)
    found = [line.guidance("male"), line.referral("female"), line.now] if line else []
    return 3 * [one for one in found if one is not None]
