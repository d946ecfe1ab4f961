"""The cohort alerts tried on invented towns: how often they speak of nothing, how soon they find a real shift. Pure.

40 groups (ten districts, four age bands) of home systolic pressure in mmHg. What people's weeks sway by, how much more
the old swing with the season and what weather does are assumptions of ours, said below; nobody's data are in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from advice_engine.cohorts import by_week, find
from store.cohorts import Cell

Array = NDArray[np.float64]

DISTRICTS = 10
SWING = {"18-39": 3.0, "40-64": 4.0, "65-74": 5.0, "75-": 6.0}  # mmHg from the year's middle to winter's top
PERSON_SWING = 2.0  # mmHg; how differently people swing
PERSON_WEEK = 8.0  # mmHg; of one person's weekly mean round their own usual
LASTING = 0.3  # how much of it is still there a week later
TOWN_WEEK = 1.0  # mmHg; weather, for everybody
GROUP_WEEK = 0.5  # mmHg; what a neighbourhood shares
MEASURES = 0.8  # of the weeks of each person
FEWEST, MOST = 19, 150  # people of a group: 15 to 120 of them measure in a week
BEFORE, WATCHED = 10, 26  # weeks
FOUND_WITHIN = 5  # weeks
_MONTH = 365.25 / 12 / 7  # weeks
_MONDAY = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Quiet:
    """False alerts a month and town, where nothing happens: by two standard deviations of the week, the same after the
    town's move is taken out, and as it is done."""

    plain: float
    move_removed: float
    told: float


def quiet(towns: int, seed: int) -> Quiet:
    """Towns in which no group is shifted. A group that stays in an alert counts once."""
    counts = np.zeros(3)
    for number in range(towns):
        cells = town(np.random.default_rng([seed, number]))
        weeks = {week: {cell_key(one) for one in cells if one.week == week and _beyond(one)} for week in _watched()}
        removed = by_week(cells)
        clear = {week: {key for key, one in removed[week].items() if abs(one.z) > 2} for week in _watched()}
        told = {week: told_of(cells, week) for week in _watched()}
        counts += [_begun(weeks), _begun(clear), _begun(told)]
    months = towns * WATCHED / _MONTH
    return Quiet(*(float(count) / months for count in counts))


def found(shift: float, towns: int, seed: int) -> float:
    """The share of towns in which one group's shift (mmHg, from one week on) is told within five weeks."""
    hits = 0
    for number in range(towns):
        draw = np.random.default_rng([seed, 1, number])
        district, ages = f"{draw.integers(DISTRICTS)}", sorted(SWING)[draw.integers(len(SWING))]
        begins = BEFORE + int(draw.integers(0, WATCHED - FOUND_WITHIN))
        cells = town(draw, shifted=(district, ages, begins, shift))
        hits += any((district, ages) in told_of(cells, _week(begins + late)) for late in range(FOUND_WITHIN))
    return hits / towns


def told_of(cells: Sequence[Cell], week: date) -> set[tuple[str, str]]:
    """The groups of which the 保健師 would read in this week."""
    both = [one for one in cells if week - timedelta(days=7) <= one.week <= week]
    return {(one.district, one.ages) for one in find({"bp_sys": both}, week)}


def town(draw: np.random.Generator, shifted: tuple[str, str, int, float] | None = None) -> list[Cell]:
    """The groups of one town, week by week, as the database counts them."""
    phase, weather = draw.uniform(0, 2 * np.pi), draw.normal(0, TOWN_WEEK, BEFORE + WATCHED)
    made: list[Cell] = []
    for place in range(DISTRICTS):
        for ages, swing in SWING.items():
            moved = shifted[2:] if shifted and shifted[:2] == (f"{place}", ages) else None
            made += _group(draw, (f"{place}", ages), _season(phase, swing), weather=weather, moved=moved)
    return made


def _season(phase: float, swing: float) -> Array:
    return np.asarray(swing * np.cos(2 * np.pi * np.arange(BEFORE + WATCHED) / 52.18 + phase))


def _group(
    draw: np.random.Generator,
    key: tuple[str, str],
    season: Array,
    *,
    weather: Array,
    moved: tuple[int, float] | None,
) -> Iterator[Cell]:
    people, weeks = int(draw.integers(FEWEST, MOST + 1)), BEFORE + WATCHED
    swings = 1 + draw.normal(0, PERSON_SWING, (people, 1)) / SWING[key[1]]
    values = swings * season + weather + draw.normal(0, GROUP_WEEK, weeks) + _own(draw, people, weeks)
    if moved:
        values[:, moved[0] :] += moved[1]
    values[draw.random((people, weeks)) > MEASURES] = np.nan
    for week in range(BEFORE - 1, weeks):
        off = against_usual(values, week)
        if len(off) >= 10:
            yield Cell(*key, _week(week), len(off), float(off.mean()), float(off.std(ddof=1)))


def _own(draw: np.random.Generator, people: int, weeks: int) -> Array:
    """Each person's own sway, of which some lasts into the next week."""
    fresh = draw.normal(0, PERSON_WEEK * np.sqrt(1 - LASTING**2), (people, weeks))
    fresh[:, 0] /= np.sqrt(1 - LASTING**2)
    for week in range(1, weeks):
        fresh[:, week] += LASTING * fresh[:, week - 1]
    return np.asarray(fresh)


def against_usual(values: Array, week: int) -> Array:
    """Each one's week less the mean of the eight weeks that ended a week before, where four of them are known."""
    before = values[:, max(0, week - 9) : week - 1]
    known = (~np.isnan(before)).sum(axis=1)
    usual = np.nansum(before, axis=1) / np.maximum(known, 1)
    off = values[:, week] - usual
    return np.asarray(off[(known >= 4) & ~np.isnan(off)])


def cell_key(one: Cell) -> tuple[str, str]:
    return one.district, one.ages


def _beyond(one: Cell) -> bool:
    return bool(abs(one.mean) > 2 * one.sd / np.sqrt(one.people))


def _watched() -> list[date]:
    return [_week(week) for week in range(BEFORE, BEFORE + WATCHED)]


def _week(number: int) -> date:
    return _MONDAY + timedelta(days=7 * number)


def _begun(weeks: Mapping[date, set[tuple[str, str]]]) -> int:
    """Alerts that were not there the week before."""
    return sum(len(now - weeks.get(week - timedelta(days=7), set())) for week, now in weeks.items())
