"""Any facts at all, for properties: values within plausible ranges, every answer, every flag, gaps.

One number gives one person (``random.Random``): drawing every field by itself would take minutes.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

from advice_person import HEALTHY, TODAY
from hypothesis import strategies as st

from advice_engine.checkup_lines import LINES
from advice_engine.facts import Checkup, DayFigure, Facts, HomePressure, Point
from advice_engine.history import CONDITIONS, DRUGS
from store.clock import JST
from store.metrics import METRICS, checkup_items

CODED = {item.metric: sorted(map(float, item.answers)) for item in checkup_items().values() if item.answers}
MEASURED = sorted({item.metric for item in checkup_items().values() if item.kind == "PQ" and item.metric})
CODES = sorted(f"{code}.9" for group in CONDITIONS.values() for code in group)
YJ = sorted(f"{prefix}9"[:4] + "001F1012" for group in DRUGS.values() for prefix in group)
HABITS = {"steps": (0, 15_000), "weight": (32, 110), "sleep": (150, 650), "body_fat": (5, 50)}


def facts() -> st.SearchStrategy[Facts]:
    return st.integers(0, 2**48).map(invent)


def invent(seed: int) -> Facts:
    """The same person for the same number."""
    dice = Random(seed)
    return Facts(
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
    )


def _moment(dice: Random, most: int = 20) -> datetime:
    day = TODAY - timedelta(days=dice.randrange(most))
    return datetime.combine(day, time(dice.randrange(24), dice.randrange(60)), JST)


def _days(dice: Random, low: float, high: float) -> tuple[DayFigure, ...]:
    """A habit, a trend or a step in it, gaps, and now and then a strange day."""
    habit, trend = dice.uniform(low, high), dice.choice((0.0, 0.0, dice.uniform(-1, 1))) * (high - low) / 300
    step, since = dice.choice((0.0, dice.uniform(-0.6, 0.6))), dice.choice((3, 8, 60))
    kept = dice.choice((0.1, 0.6, 1.0))
    return tuple(
        DayFigure(TODAY - timedelta(days=back), min(high, max(low, value)), 1)
        for back in range(dice.choice((0, 10, 40, 120)), -1, -1)
        if dice.random() < kept
        for value in [habit * (1 + step * (back < since)) - trend * back + dice.gauss(0, habit / 60)]
    )


def _pressures(dice: Random) -> tuple[HomePressure, ...]:
    sys, dia = dice.choice((115, 128, 137, 148, 162, 185)), dice.choice((70, 78, 86, 92, 102, 115))
    flags = dice.choice((0, 16, 63))
    found = (
        HomePressure(
            _moment(dice), sys + dice.randrange(-6, 7), dia + dice.randrange(-4, 5), 70, dice.choice((0, 0, flags))
        )
        for _ in range(dice.choice((0, 1, 6, 30)))
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
