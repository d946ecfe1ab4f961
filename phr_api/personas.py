"""The invented people of ``docs/personas.md`` and the days of their twelve weeks. Pure; the same days every time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from random import Random
from typing import Any

from store.clock import JST

START = date(2025, 11, 24)  # a Monday, before the first snow
WEEKS = 12
DAYS = 7 * WEEKS
BEFORE = 112  # days of a usual life before
_NOISE = {"steps": 0.16, "weight": 0.004, "sleep": 0.07}  # of the value, standard deviation
_SWAY = 4.0, 3.0  # mmHg


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens on a day (1 is the first). ``pressures``: measured that morning, ten minutes apart."""

    day: int
    says: str
    condition: str = ""
    prescription: str = ""
    pressures: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One invented person. ``examined``: day and values of the checkup; None: it comes from a file.

    ``answers``: week -> what is answered to the first piece of advice; ``doubts``: what a 保健師 may well question.
    """

    key: str
    title: str
    who: str
    english: str
    born: date
    sex: str
    a_week: int | None = None
    devices: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    examined: tuple[date, Mapping[str, float]] | None = None
    life: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers: Mapping[int, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


def personas() -> tuple[Persona, ...]:
    """Everybody, in the order of the page."""
    table = tomllib.loads((files("phr_api") / "personas.toml").read_text("utf-8"))
    return tuple(_persona(row) for row in table["persona"])


def day_of(number: int) -> date:
    """The date of a day of the twelve weeks; 1 is the first, 0 and below lie before."""
    return START + timedelta(days=number - 1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour in Japan."""
    return datetime.combine(day, time(hour, minute), JST)


def figures(persona: Persona, number: int) -> dict[str, float]:
    """What was measured on that day of metrics that have one figure a day."""
    return {
        metric: round(value * (1 + _NOISE[metric] * _dice(persona, metric, number).gauss(0, 1)), 1)
        for metric, value in _lived(persona, number).items()
        if metric in _NOISE
    }


def pressures(persona: Persona, number: int) -> Iterator[tuple[datetime, float, float]]:
    """Home measurements of that day, morning and evening, and those of its events."""
    for event in persona.events:
        for turn, (sys, dia) in enumerate(event.pressures if event.day == number else ()):
            yield at(day_of(number), 6, 40 + 10 * turn), sys, dia
    usual = _lived(persona, number).get("pressure")
    if usual and not any(event.day == number and event.pressures for event in persona.events):
        for hour in (6, 20):
            dice = _dice(persona, f"pressure{hour}", number)
            sways = (round(mean + dice.gauss(0, sway)) for mean, sway in zip(usual, _SWAY, strict=True))
            yield at(day_of(number), hour, 30), *sways


def _lived(persona: Persona, number: int) -> dict[str, Any]:
    """metric -> the mean of that day, of whatever is measured then."""
    week = (number - 1) // 7 + 1
    found: dict[str, Any] = {}
    for metric, life in persona.life.items():
        away = any(first <= number <= last for first, last in life.get("missing", ()))
        if away or (week not in life["only_weeks"] if "only_weeks" in life else False):
            continue
        found[metric] = life["before"] if number < 1 else life["weeks"][week - 1]
    return found


def _dice(persona: Persona, what: str, number: int) -> Random:
    return Random(f"{persona.key}:{what}:{number}")  # noqa: S311 - an invented life, no secret


def _persona(row: Mapping[str, Any]) -> Persona:
    examined = row.get("checkup")
    return Persona(
        key=row["key"],
        title=row["title"],
        who=row["who"],
        english=row["english"],
        born=row["born"],
        sex=row["sex"],
        a_week=row.get("a_week"),
        devices=tuple(row.get("devices", ())),
        doubts=tuple(row["doubts"]),
        examined=(examined["on"], {name: float(value) for name, value in examined["values"].items()})
        if examined
        else None,
        life=row.get("life", {}),
        answers={int(week): answer for week, answer in row.get("answers", {}).items()},
        events=tuple(_event(one) for one in row.get("event", ())),
    )


def _event(row: Mapping[str, Any]) -> Event:
    pairs: Sequence[Sequence[float]] = row.get("pressures", ())
    return Event(**{**row, "pressures": tuple((float(sys), float(dia)) for sys, dia in pairs)})
