"""Checkup values as rules speak of them: graded, named, with the day of the examination. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from advice_engine.checkup_lines import Grade, lines_on
from advice_engine.facts import Checkup, Facts
from advice_engine.figures import ago
from advice_engine.history import Found, checkups, places
from advice_engine.once import once
from advice_engine.rule import Ground
from advice_engine.words import amount, day, months, number, pressure
from store.metrics import METRICS, checkup_items

FRESH_DAYS = 365
OLD_MONTHS = 6
TOO_SOON_AFTER_MEAL = 4


@cache
def _answers(word: str) -> tuple[str, dict[str, str]]:
    item = next(item for item in checkup_items().values() if item.metric == word)
    return item.ja, item.answers


def name(metric: str) -> str:
    """LDLコレステロール, 尿蛋白."""
    return METRICS[metric].ja if metric in METRICS else _answers(metric)[0]


def value(metric: str, number_or_code: float) -> str:
    """140 mg/dL, or the answer's words."""
    if metric in METRICS:
        return amount(metric, number_or_code)
    return _answers(metric)[1].get(f"{number_or_code:.0f}", "不明")


def ground(found: Found) -> Ground:
    return Ground(found.metric, name(found.metric), value(found.metric, found.value), found.on.isoformat())


def answer_ground(found: Found, what: str) -> Ground:
    """A questionnaire answer as a ground: ``what`` names the question in plain words."""
    return Ground(found.metric, what, value(found.metric, found.value), found.on.isoformat())


def newest_with(facts: Facts, metrics: Iterable[str]) -> Checkup | None:
    """The newest checkup that measured any of the metrics."""
    known = places(facts)
    found = [known[metric] for metric in metrics if metric in known]
    return checkups(facts)[min(found)] if found else None


def graded(facts: Facts, metrics: tuple[str, ...], *grades: Grade) -> list[Found]:
    """Values of the newest checkup with any of the metrics whose grade is among ``grades``."""
    checkup = newest_with(facts, metrics)
    if checkup is None:
        return []
    return [
        Found(metric, checkup.values[metric], checkup.examined_on)
        for metric in metrics
        if metric in checkup.values
        and lines_on(checkup.examined_on)[metric].grade(checkup.values[metric], facts.sex) in grades
        and usable(metric, checkup)
    ]


def usable(metric: str, checkup: Checkup) -> bool:
    """A casual value counts only where no fasting one exists and the meal was at least 3.5 h ago."""
    fasting = {"glucose_casual": "fpg", "tg_casual": "tg_fasting"}.get(metric)
    if fasting is None:
        return True
    return fasting not in checkup.values and checkup.values.get("blood_draw") != TOO_SOON_AFTER_MEAL


def listed(found: Iterable[Found]) -> str:
    """LDLコレステロール 150 mg/dL、空腹時中性脂肪 320 mg/dL."""
    return "、".join(f"{name(one.metric)} {value(one.metric, one.value)}" for one in found)


def since(on: date, today: date) -> str:
    """For results of more than six months ago: names the time and asks whether the person has been seen."""
    passed = (today.year - on.year) * 12 + today.month - on.month - (today.day < on.day)
    if passed < OLD_MONTHS:
        return ""
    return f"この健診から{months(passed)}たっています。そのあと、医療機関で診てもらいましたか。"


@dataclass(frozen=True, slots=True)
class OfficePressure:
    """The newest checkup's blood pressure, mmHg; 0 where one of the two was not measured."""

    sys: float
    dia: float
    on: date

    def at_least(self, sys: float, dia: float) -> bool:
        return self.sys >= sys or self.dia >= dia

    @property
    def text(self) -> str:
        if self.sys and self.dia:
            return pressure(self.sys, self.dia)
        return f"上が{number(self.sys)} mmHg" if self.sys else f"下が{number(self.dia)} mmHg"

    @property
    def text_en(self) -> str:
        if self.sys and self.dia:
            return f"a blood pressure of {self.text}"
        return f"{'an upper' if self.sys else 'a lower'} blood pressure of {number(self.sys or self.dia)} mmHg"

    @property
    def grounds(self) -> tuple[Ground, ...]:
        return (Ground("office_bp_sys", "健診の血圧", self.text, self.on.isoformat()),)


@once
def office_pressure(facts: Facts, *, within: int | None = None) -> OfficePressure | None:
    """Of the newest checkup that measured it, however old; with ``within`` (days) None where that one is older."""
    checkup = newest_with(facts, ("office_bp_sys", "office_bp_dia"))
    if checkup is None or (within is not None and checkup.examined_on < ago(facts, within)):
        return None
    values = checkup.values
    return OfficePressure(values.get("office_bp_sys", 0), values.get("office_bp_dia", 0), checkup.examined_on)


def checkup_day(on: date) -> str:
    """2026年4月4日の健診."""
    return f"{day(on)}の健診"
