"""Invented people for the rules' tests, in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from advice_engine.facts import Checkup, DayFigure, Facts, HomePressure, Point
from advice_engine.invented_people import TODAY, WELL
from store.clock import JST

HEALTHY = WELL
LAST_SPRING = date(2026, 5, 20)


@dataclass(frozen=True)
class Case:
    """One person, whether the rule speaks, and words that must (or must not) stand in what it says."""

    what: str
    facts: Facts
    speaks: bool
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


def person(age: int = 55, **known: Any) -> Facts:
    """Someone of ``age`` today, male unless said otherwise, with nothing known but what is given."""
    known.setdefault("sex", "male")
    return Facts(person_id=1, today=TODAY, birth_date=date(TODAY.year - age, 1, 15), **known)


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def daily(values: Sequence[float], *, newest: int = 0, every: int = 1) -> tuple[DayFigure, ...]:
    """One figure a day, ascending; the last of ``values`` lies ``newest`` days ago."""
    last = len(values) - 1
    return tuple(DayFigure(back(newest + every * (last - index)), value, 1) for index, value in enumerate(values))


def measured(sys: float, dia: float, *, ago: int = 0, hour: int = 7, flags: int = 0) -> HomePressure:
    return HomePressure(datetime.combine(back(ago), time(hour), JST), sys, dia, 70, flags)


def week(sys: float, dia: float, *, days: int = 7) -> tuple[HomePressure, ...]:
    """Morning and evening of the last ``days`` days, all alike."""
    return tuple(measured(sys, dia, ago=ago, hour=hour) for ago in reversed(range(days)) for hour in (7, 21))


def sugar(value: float, *, ago: int = 0) -> Point:
    return Point(datetime.combine(back(ago), time(8), JST), value)


def checkup(on: date = LAST_SPRING, number: int = 1, **values: float) -> Checkup:
    return Checkup(on, "酒田健診センター", number, values)


def examined(age: int = 55, on: date = LAST_SPRING, sex: str = "male", **values: float) -> Facts:
    """Someone of whom one checkup is known."""
    return person(age, sex=sex, checkups=(checkup(on, **values),))


def over_years(*checkups: Mapping[str, float], age: int = 55, **known: Any) -> Facts:
    """One checkup a year, the last of ``checkups`` in the last spring."""
    last = len(checkups) - 1
    held = (
        checkup(LAST_SPRING.replace(year=LAST_SPRING.year - last + at), at, **one) for at, one in enumerate(checkups)
    )
    return person(age, checkups=tuple(reversed(list(held))), **known)


def twice(before: float, now: float, *, days: int) -> Facts:
    """Two eGFR values so many days apart."""
    earlier = LAST_SPRING - timedelta(days=days)
    return person(checkups=(checkup(LAST_SPRING, 2, egfr=now), checkup(earlier, 1, egfr=before)))


def having(facts: Facts, **more: Any) -> Facts:
    from dataclasses import replace

    return replace(facts, **more)
