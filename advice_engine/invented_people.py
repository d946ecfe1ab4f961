"""People invented by the dice, well-formed and often strange: for properties that must hold for anybody. Pure.

One number gives one person, always the same: every age, answer, code, flag, gap and season, values at and beside the
lines and at the ends of what is plausible. Nobody real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from msgspec import structs

from advice_engine.checkup_lines import LINES
from advice_engine.facts import Checkup, DayFigure, Facts, Goal, HomePressure, Point
from advice_engine.history import CONDITIONS, DRUGS
from store.clock import JST
from store.metrics import METRICS, checkup_items

T = TypeVar("T")

TODAY, JANUARY, JULY = date(2026, 11, 21), date(2027, 1, 20), date(2026, 7, 20)
WELL: Mapping[str, float] = {
    "height": 165, "checkup_weight": 60, "bmi": 22.0, "waist": 78, "office_bp_sys": 118, "office_bp_dia": 72,
    "tg_fasting": 90, "hdl": 58, "ldl": 105, "fpg": 92, "hba1c": 5.3, "ast": 20, "alt": 18, "ggt": 25, "egfr": 75,
    "hemoglobin": 14.5, "urine_protein": 1, "q_smoking": 3, "q_med_bp": 2, "q_med_glucose": 2, "q_med_lipid": 2,
    "blood_draw": 2,
}  # fmt: skip
CODED = {item.metric: sorted(map(float, item.answers)) for item in checkup_items().values() if item.answers}
ILL = ("q_med_bp", "q_med_glucose", "q_med_lipid", "q_heart", "q_stroke", "q_kidney", "q_anemia")
ASKED = sorted(word for word in CODED if word.startswith("q") and word not in ILL)
MEASURED = sorted({item.metric for item in checkup_items().values() if item.kind == "PQ" and item.metric})
CODES = sorted(f"{code}.9" for group in CONDITIONS.values() for code in group)
YJ = sorted(f"{prefix}9"[:4] + "001F1012" for group in DRUGS.values() for prefix in group)
HABITS = {"steps": (0, 15_000), "weight": (32, 110), "sleep": (150, 650), "body_fat": (5, 50)}
EXTREMES = {"steps": (0, 60_000), "weight": (25, 200), "sleep": (0, 1440), "body_fat": (1, 75)}


def invent(seed: int) -> Facts:
    """The same person for the same number."""
    dice = Random(seed)  # noqa: S311 - invented people, no secret
    found = Facts(
        person_id=1,
        today=TODAY,
        birth_date=TODAY - timedelta(days=dice.randrange(1, 106 * 365)),
        sex=dice.choice(("male", "female", "male", "female", "other", "unknown")),
        days={metric: _days(dice, *span) for metric, span in _spans(dice).items() if dice.random() < 0.6},
        pressures=_pressures(dice),
        glucoses=tuple(Point(_moment(dice, 6), dice.randrange(40, 420)) for _ in range(dice.choice((0, 0, 1, 4)))),
        checkups=_checkups(dice),
        conditions=frozenset(dice.sample(CODES, dice.choice((0, 0, 0, 1, 2)))),
        drugs=frozenset(dice.sample(YJ, dice.choice((0, 0, 0, 1, 2)))),
        devices=frozenset(dice.sample(("weight", "bp_sys", "steps"), dice.randrange(4))),
        goals=_goals(Random(seed + 1)),  # noqa: S311 - dice of their own: the rest of the person stays as it was
    )
    found = _in_a_season(found, Random(seed + 2))  # noqa: S311
    return _calmed(found, Random(seed + 3)) if seed % 5 < 2 else found  # noqa: S311


def _calmed(found: Facts, dice: Random) -> Facts:
    """The same with no illness and no alarm, habits left: dice give nearly everybody something for a doctor."""
    checkups = tuple(
        replace(one, values={**one.values, **WELL, "bmi": round(dice.uniform(19, 33), 1), **_unasked(one.values)})
        for one in found.checkups
    )
    quiet = tuple(one for one in found.pressures if 100 <= one.sys < 133 and 60 <= one.dia < 83)
    kept = {metric: known for metric, known in found.days.items() if metric != "temperature"}
    calm = replace(found, conditions=frozenset(), drugs=frozenset(), glucoses=(), pressures=quiet, checkups=checkups)
    return replace(calm, days=kept)


def _unasked(values: Mapping[str, float]) -> dict[str, float]:
    """The answers on habits; no illness told."""
    told = {word: 2.0 for word in (*ILL, *(one for one in values if one.startswith("recheck_med_")))}
    return {word: values[word] for word in ASKED if word in values} | told


def moved(facts: Facts, days: int) -> Facts:
    """Every date shifted by so many days; whoever was 55 is 55."""
    by = timedelta(days=days)
    return replace(
        facts,
        today=facts.today + by,
        birth_date=facts.birth_date + by,
        days={
            metric: tuple(structs.replace(one, day=one.day + by) for one in known)
            for metric, known in facts.days.items()
        },
        pressures=tuple(structs.replace(one, at=one.at + by) for one in facts.pressures),
        glucoses=tuple(structs.replace(one, at=one.at + by) for one in facts.glucoses),
        checkups=tuple(replace(one, examined_on=one.examined_on + by) for one in facts.checkups),
        goals=tuple(
            replace(one, since=one.since + by, until=one.until + by, tapped=frozenset(day + by for day in one.tapped))
            for one in facts.goals
        ),
    )


def shuffled(facts: Facts, seed: int) -> Facts:
    """The same facts, every sequence and mapping in another order."""
    dice = Random(seed)  # noqa: S311

    def mixed(items: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(dice.sample(items, len(items)))

    return replace(
        facts,
        days={metric: mixed(facts.days[metric]) for metric in reversed(list(facts.days))},
        pressures=mixed(facts.pressures),
        glucoses=mixed(facts.glucoses),
        checkups=mixed(facts.checkups),
        goals=mixed(facts.goals),
    )


def _in_a_season(found: Facts, dice: Random) -> Facts:
    """The same, in snow or heat for some; with fever for a few."""
    warm = (DayFigure(TODAY - timedelta(days=dice.randrange(3)), dice.choice((36.4, 37.5, 38.6)), 1),)
    days = {**found.days, "temperature": warm} if dice.random() < 0.1 else found.days
    if dice.random() < 0.02:  # losing slowly and on purpose, as nobody does by throwing dice
        days = {**days, "weight": tuple(DayFigure(TODAY - timedelta(days=ago), 74 + ago / 30, 1) for ago in range(110))}
        found = replace(found, checkups=(Checkup(TODAY - timedelta(days=90), "健診センター", 0, {**WELL}),))
    day = dice.choice((TODAY, TODAY, JANUARY, JULY))
    return moved(replace(found, days=days), (day - TODAY).days)


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


def _spans(dice: Random) -> Mapping[str, tuple[int, int]]:
    return EXTREMES if dice.random() < 0.1 else HABITS


def _days(dice: Random, low: float, high: float) -> tuple[DayFigure, ...]:
    """A habit, a trend or a step in it, gaps, and now and then a strange day."""
    habit, trend = dice.uniform(low, high), dice.choice((0.0, 0.0, 1, 0.2)) * dice.uniform(-1, 1) * (high - low) / 300
    step, since = dice.choice((0.0, dice.uniform(-0.6, 0.6))), dice.choice((3, 8, 60))
    kept, noise = dice.choice((0.1, 0.6, 1.0)), habit / (4 if high >= HABITS["steps"][1] else 60)
    return tuple(
        DayFigure(TODAY - timedelta(days=back), min(high, max(low, value)), 1)
        for back in range(dice.choice((0, 10, 40, 120)), -1, -1)
        if dice.random() < kept
        for value in [habit * (1 + step * (back < since)) - trend * back + dice.gauss(0, noise)]
    )


def _pressures(dice: Random) -> tuple[HomePressure, ...]:
    sys, dia = dice.choice((62, 115, 128, 137, 148, 162, 185, 290)), dice.choice((40, 70, 78, 86, 92, 102, 115, 190))
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
        bad = {**WELL, "waist": 95.0, "office_bp_sys": 138.0, "tg_fasting": 280.0, "fpg": 108.0}
        return tuple(
            Checkup(TODAY - timedelta(days=days), "健診センター", number, values)
            for number, (days, values) in enumerate(((100, {**WELL}), (470, bad)))
        )
    ages = sorted(dice.sample((5, 100, 364, 366, 500, 731, 2400), dice.choice((0, 1, 1, 2, 3))))
    return tuple(
        Checkup(TODAY - timedelta(days=days), "健診センター", number, _values(dice)) for number, days in enumerate(ages)
    )


def _values(dice: Random) -> dict[str, float]:
    kept = dice.choice((0.2, 0.7, 1.0))
    values: dict[str, float] = {**WELL} if dice.random() < 0.3 else {}
    values |= {metric: _number(dice, metric) for metric in MEASURED if dice.random() < kept}
    if dice.random() < 0.2:  # somebody well, with habits: who throws dice for every illness has one nearly always
        return {**WELL, "bmi": dice.uniform(19, 34)} | {word: dice.choice(CODED[word]) for word in ASKED}
    return values | {word: dice.choice(codes) for word, codes in CODED.items() if dice.random() < kept}


def _number(dice: Random, metric: str) -> float:
    """Often at or beside a line, sometimes anything plausible."""
    row = METRICS[metric]
    around = [row.low, row.high, WELL.get(metric, row.low), *_lines(metric)]
    value = dice.choice(
        (dice.choice(around) + dice.choice((0, 1, -1)) * 10**-row.digits, dice.uniform(row.low, row.high))
    )
    return round(min(row.high, max(row.low, value)), row.digits)


def _lines(metric: str) -> list[float]:
    line = LINES.get(metric)
    found = [line.guidance("male"), line.referral("female"), line.now] if line else []
    return 3 * [one for one in found if one is not None]
