"""Dishes of Shonai and of every day, and swaps between them, with what each holds. Pure.

``foods.csv``: 日本食品標準成分表2020年版(八訂), 文部科学省, values of 100 g by food number (traces and gaps are 0;
protein by reference nitrogen). ``dishes.csv``: a portion as grams of these foods. ``verified`` is yes where the portion
is foods of the table as they are; a recipe of ours, or a local food for which a like one of the table stands, is no.
Every number said to a citizen is said as "about".
"""

from __future__ import annotations

from collections.abc import Mapping
from csv import DictReader
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from math import inf
from types import MappingProxyType
from typing import Literal

from advice_engine.facts import Facts
from advice_engine.history import kidney_signs
from advice_engine.rule import Ground

Gain = Literal["salt", "energy"]
Nutrient = Literal["kcal", "protein_g", "fibre_g", "calcium_mg", "vitamin_d_ug", "salt_g", "alcohol_g"]
NUTRIENT_OF: dict[Gain, Nutrient] = {"salt": "salt_g", "energy": "kcal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dish:
    """A portion as people know it. ``made_of``: food number of the table -> grams."""

    id: str
    ja: str
    en: str
    made_of: Mapping[str, float]
    verified: bool

    def holds(self, nutrient: Nutrient) -> float:
        """How much is in the portion: kcal, g, mg or µg, as the nutrient's name says."""
        return sum(grams * _foods()[food][nutrient] / 100 for food, grams in self.made_of.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """From one dish or habit to another. ``months``: when it is in season (1 to 12), empty: always.

    ``not_for``: 'kidney' – the other dish brings potassium or protein. ``ja``: what to do; ``en``: the same as a noun.
    """

    id: str
    before: Dish
    after: Dish
    gain: Gain
    months: frozenset[int]
    not_for: frozenset[str]
    ja: str
    en: str

    @property
    def saves(self) -> float:
        """What is saved once: grams of salt or kcal, always positive."""
        nutrient = NUTRIENT_OF[self.gain]
        return self.before.holds(nutrient) - self.after.holds(nutrient)

    @property
    def verified(self) -> bool:
        return self.before.verified and self.after.verified


def swap_of_week(facts: Facts, gain: Gain, *, at_most: float = inf) -> Swap:
    """This ISO week's swap, the same for the same week: in odd weeks of the season, where the season has one.

    ``at_most``: no swap that saves more (g of salt or kcal), if any saves so little.
    """
    monday = facts.today - timedelta(days=facts.today.weekday())
    return _chosen(gain, monday, kidney_signs(facts), at_most)


def this_weeks(facts: Facts, swap: Swap) -> Ground:
    """From Monday on: as a ground of a rule that ``renews`` it makes each week's swap a new piece of advice."""
    monday = facts.today - timedelta(days=facts.today.weekday())
    return Ground(swap.gain, "今週の工夫", swap.ja, monday.isoformat())


@lru_cache(maxsize=256)  # the same for a whole town in one night
def _chosen(gain: Gain, monday: date, kidneys: bool, at_most: float) -> Swap:
    year, week, _ = monday.isocalendar()
    month = (monday + timedelta(days=3)).month  # of the Thursday: a week lies in one month
    admitted = [swap for swap in swaps() if swap.gain == gain and not (kidneys and "kidney" in swap.not_for)]
    held = [swap for swap in admitted if swap.saves <= at_most] or admitted
    always = [swap for swap in held if not swap.months]
    seasonal = [swap for swap in held if month in swap.months]
    chosen = seasonal if (seasonal and week % 2) or not always else always
    return chosen[(53 * year + week) // 2 % len(chosen)]


def about(value: float, unit: str, *, digits: int | None = None) -> str:
    """約1.4 g, 約230 kcal: no closer than the table can tell. ``digits``: else 1 for grams, to ten for all others."""
    return f"約{value:.{digits}f} {unit}" if digits is not None else f"約{rounded(value, unit)} {unit}"


def rounded(value: float, unit: str) -> str:
    """The number alone: grams to 0.1, all others to the next ten from 20 on."""
    if unit == "g":
        return f"{value:.1f}"
    return f"{round(value, -1):,.0f}" if value >= 20 else f"{value:.0f}"


@cache
def dishes() -> Mapping[str, Dish]:
    """Every dish by its id."""
    return MappingProxyType({row["dish"]: _dish(row) for row in _rows("dishes.csv")})


@cache
def swaps() -> tuple[Swap, ...]:
    """Every swap, in the order of the table."""
    return tuple(_swap(row) for row in _rows("swaps.csv"))


def _dish(row: Mapping[str, str]) -> Dish:
    parts = (part.split(":") for part in row["foods"].split())
    made_of = MappingProxyType({food: float(grams) for food, grams in parts})
    return Dish(id=row["dish"], ja=row["ja"], en=row["en"], made_of=made_of, verified=row["verified"] == "yes")


def _swap(row: Mapping[str, str]) -> Swap:
    gain: Gain = "salt" if row["gain"] == "salt" else "energy"
    return Swap(
        id=row["swap"],
        before=dishes()[row["from"]],
        after=dishes()[row["to"]],
        gain=gain,
        months=frozenset(map(int, row["months"].split())),
        not_for=frozenset(row["not_for"].split()),
        ja=row["ja"],
        en=row["en"],
    )


@cache
def _foods() -> Mapping[str, Mapping[str, float]]:
    return {
        row["food"]: {name: float(value) for name, value in row.items() if name not in ("food", "name")}
        for row in _rows("foods.csv")
    }


def _rows(name: str) -> list[dict[str, str]]:
    return list(DictReader((files("advice_engine") / name).read_text("utf-8").splitlines()))
