"""The season of a day in Shonai: snow, heat or mild. Pure; months and lines stand in ``season.toml`` (our choice)."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any, Literal

from advice_engine.facts import Facts
from advice_engine.rule import Ground

Season = Literal["snow", "heat", "mild"]

_TABLE: dict[str, Any] = tomllib.loads((files("advice_engine") / "season.toml").read_text("utf-8"))
SNOW_MONTHS: tuple[int, ...] = tuple(_TABLE["snow_months"])
HEAT_MONTHS: tuple[int, ...] = tuple(_TABLE["heat_months"])
HEAT: dict[str, int] = _TABLE["heat"]
BATH: dict[str, int] = _TABLE["bath"]
SNOW_CLEARING: dict[str, Any] = _TABLE["snow_clearing"]


def season(on: date) -> Season:
    if on.month in SNOW_MONTHS:
        return "snow"
    return "heat" if on.month in HEAT_MONTHS else "mild"


def began(on: date) -> date | None:
    """The first day of the snow or heat season that ``on`` lies in, or None in mild months."""
    now = season(on)
    if now == "mild":
        return None
    first = (SNOW_MONTHS if now == "snow" else HEAT_MONTHS)[0]
    return date(on.year if on.month >= first else on.year - 1, first, 1)


def this_season(facts: Facts, *, metric: str, what: str, value: str) -> Ground:
    """A ground that has no day of its own (an age, a condition): dated from the season's first day, so that the words
    on the screen stay the same from night to night."""
    since = began(facts.today) or facts.today
    return Ground(metric, what, value, since.isoformat())
