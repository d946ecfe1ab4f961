"""Activities in METs, what they count against the guide, and the week's menus. Pure.

The tables are ``activities.csv`` and ``week_menu.csv``.

Source of the METs: 身体活動のメッツ表 (国立健康・栄養研究所, 改訂版 2012); the older table of 2006 uses other walking
speeds and is not mixed in. Only 3 METs and more count against the guide's 23 or 15 METs·h a week
(健康づくりのための身体活動・運動ガイド2023). The menus are our own composition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from csv import DictReader
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from advice_engine.season import Season

COUNTS_FROM = 3.0  # METs
WEEK_ADULT, WEEK_OLDER = 23.0, 15.0  # METs·h a week
KCAL_PER_MET = 1.05  # kcal per METs, kg and hour
KCAL_PER_KG_FAT = 7000.0
OLDER, OLDEST = 65, 75
Level = Literal["first", "more"]


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity; ``verified`` False where its METs were not found again in a public source."""

    id: str
    ja: str
    en: str
    mets: float
    verified: bool


@dataclass(frozen=True, slots=True)
class Portion:
    """So many minutes of an activity on so many days of the week."""

    activity: Activity
    days: int
    minutes: int

    @property
    def mets_hours(self) -> float:
        """What it counts in a week; nothing below 3 METs."""
        mets = self.activity.mets
        return mets * self.days * self.minutes / 60 if mets >= COUNTS_FROM else 0.0

    @property
    def said(self) -> str:
        return f"{self.activity.ja}{self.minutes}分を週{self.days}日。"

    @property
    def english(self) -> str:
        return f"{self.activity.en}, {self.minutes} minutes on {self.days} days"


def energy_kcal(mets: float, kg: float, hours: float) -> float:
    """kcal that an activity uses: METs × kg × h × 1.05."""
    return mets * kg * hours * KCAL_PER_MET


def above_rest_kcal(mets: float, kg: float, hours: float) -> float:
    """The part of it that sitting still would not have used."""
    return energy_kcal(mets - 1, kg, hours)


def week_goal(age: int) -> float:
    """METs·h a week of the guide."""
    return WEEK_OLDER if age >= OLDER else WEEK_ADULT


def from_steps(steps: float, age: int) -> float:
    """METs·h a week of so many steps a day, as the guide equates: 8,000 steps are 23, from 65 on 6,000 are 15."""
    return week_goal(age) * steps / (6000 if age >= OLDER else 8000)


def in_a_week(portions: Iterable[Portion]) -> float:
    """METs·h of a whole menu."""
    return sum(portion.mets_hours for portion in portions)


@cache
def activities() -> Mapping[str, Activity]:
    rows = DictReader((files("advice_engine") / "activities.csv").read_text("utf-8").splitlines())
    found = (Activity(row["id"], row["ja"], row["en"], float(row["mets"]), row["verified"] == "yes") for row in rows)
    return MappingProxyType({one.id: one for one in found})


def menu(age: int, season: Season, level: Level) -> tuple[Portion, ...]:
    """What to add in a week, for this age group, season and level."""
    group = "oldest" if age >= OLDEST else "older" if age >= OLDER else "adult"
    return menus()[group, season, level]


@cache
def menus() -> Mapping[tuple[str, str, str], tuple[Portion, ...]]:
    """Every menu by (age group, season, level), in the order of the table."""
    found: dict[tuple[str, str, str], tuple[Portion, ...]] = {}
    for row in DictReader((files("advice_engine") / "week_menu.csv").read_text("utf-8").splitlines()):
        key = (row["group"], row["season"], row["level"])
        portion = Portion(activities()[row["activity"]], int(row["days"]), int(row["minutes"]))
        found[key] = (*found.get(key, ()), portion)
    return MappingProxyType(found)
