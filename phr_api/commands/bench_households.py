"""Invented households around one shared scale, drawn with the constants of the weight model; and how the gate did.

Adults' weights as in Japan by sex (spread as in the national survey, rounded by us). Each weight wanders day by day;
most mornings each member weighs in, sometimes somebody is away for weeks, and 3 % of weighings are a guest's: mostly
another adult, some children, some things. The first five weighings of each member are claimed. Pure: one seed, one
household.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import sqrt

import numpy as np

from ingest.gate import decide
from ingest.gate_series import Stay, Weighing
from ingest.gate_track import LEVEL_SD, READING_SD, SLOPE_DAMPING, SLOPE_SD
from ingest.gate_walk import GUEST_SHARE

CLAIMED = 5  # weighings of each member that are claimed
DAYS = 90
_WEIGHS_IN = 0.8  # of mornings
_SEXES = ((66.5, 10.5, 40.0, 115.0), (53.5, 8.5, 35.0, 95.0))  # kg: mean, sd, lowest, highest

Household = tuple[list[Weighing], list[Stay], list[int | None]]  # series, members, whose each open weighing truly is


def household(seed: int, members: int = 2, *, days: int = DAYS, apart_kg: float | None = None) -> Household:
    """One household. ``apart_kg``: at least two of its members begin less than this apart."""
    draw = np.random.default_rng(seed)
    begin = _weights(draw, members, apart_kg)
    events = [event for person, kg in enumerate(begin, 1) for event in _member(draw, person, kg, days)]
    events += _guests(draw, len(events), days)
    series, truth, seen = [], [], dict.fromkeys(range(1, members + 1), 0)
    for at, kg, person in sorted(events, key=lambda event: event[0]):
        weighing = Weighing(at, round(kg * 20) / 20)  # scales show 50 g
        if person is not None and seen[person] < CLAIMED:
            seen[person] += 1
            series.append(replace(weighing, who=person))
        else:
            series.append(weighing)
            truth.append(person)
    return series, [Stay(person, -1.0) for person in seen], truth


def light_things(seed: int, members: int = 1) -> Household:
    """A household of people of about 100 kg onto whose scale a 15 kg thing is put every few days."""
    draw = np.random.default_rng([seed, 15])
    series: list[tuple[float, float, int | None]] = []
    for person in range(1, members + 1):
        series += _member(draw, person, float(draw.normal(100, 3)), DAYS)
    series += [(float(at), float(draw.normal(15, 0.2)), None) for at in np.arange(9.5, DAYS, 3.0)]
    rows = sorted(series, key=lambda event: event[0])
    known = [Weighing(at, kg, person if at < 9 else None) for at, kg, person in rows]
    truth = [person for (_, _, person), one in zip(rows, known, strict=True) if one.open]
    return known, [Stay(person, -1.0) for person in range(1, members + 1)], truth


def summary(households: Iterable[Household]) -> dict[str, float]:
    """How the gate did: ``right`` of what it assigned, ``assigned`` of what it was asked, guests it gave to nobody."""
    pairs = [
        (found.person, true)
        for series, stays, truth in households
        for found, true in zip(decide(series, stays), truth, strict=True)
    ]
    given = [(found, true) for found, true in pairs if found is not None]
    guests = [found for found, true in pairs if true is None]
    return {
        "right": sum(found == true for found, true in given) / max(1, len(given)),
        "assigned": len(given) / len(pairs),
        "guests_rejected": sum(found is None for found in guests) / max(1, len(guests)),
        "asked": len(pairs),
        "guests": len(guests),
    }


def nearest(households: Iterable[Household]) -> dict[str, float]:
    """For comparison: who weighed nearest the last time (as they were booked) gets it, as many products do."""
    given, guests = [], 0
    for series, _, truth in households:
        true = iter(truth)
        last: dict[int, float] = {}
        for one in series:
            found = one.who
            if one.open:
                owner, found = next(true), min(last, key=lambda who: abs(last[who] - one.kg), default=None)
                given.append(found == owner)
                guests += owner is None
            if found is not None:
                last[found] = one.kg
    asked = len(given)
    return {"right": sum(given) / asked, "assigned": 1.0, "guests_rejected": 0.0, "asked": asked, "guests": guests}


def _weights(draw: np.random.Generator, members: int, apart_kg: float | None) -> list[float]:
    while True:
        found = [_adult(draw) for _ in range(members)]
        gaps = np.diff(sorted(found))
        if apart_kg is None or (members > 1 and gaps.min() < apart_kg):
            return found


def _adult(draw: np.random.Generator) -> float:
    mean, sd, low, high = _SEXES[int(draw.integers(2))]
    return float(np.clip(draw.normal(mean, sd), low, high))


def _member(draw: np.random.Generator, person: int, kg: float, days: int) -> list[tuple[float, float, int | None]]:
    slope = draw.normal(0, SLOPE_SD / sqrt(1 - SLOPE_DAMPING**2))
    away = draw.uniform(0, days) if draw.random() < 0.5 else days  # half of all are away once, for 5 to 40 days
    back = away + draw.uniform(5, 40)
    found: list[tuple[float, float, int | None]] = []
    for day in range(days):
        slope = slope * SLOPE_DAMPING + draw.normal(0, SLOPE_SD)
        kg += slope + draw.normal(0, LEVEL_SD)
        if draw.random() < _WEIGHS_IN and not away <= day < back:
            found.append((day + draw.uniform(0.2, 0.4), kg + draw.normal(0, READING_SD), person))
    return found


def _guests(draw: np.random.Generator, weighings: int, days: int) -> list[tuple[float, float, int | None]]:
    count = int(draw.poisson(weighings * GUEST_SHARE / (1 - GUEST_SHARE)))
    kinds = [float(kind) for kind in draw.random(count)]
    return [(float(draw.uniform(0, days)), _guest(draw, kind), None) for kind in kinds]


def _guest(draw: np.random.Generator, kind: float) -> float:
    if kind < 0.8:
        return _adult(draw)
    return float(draw.uniform(8, 40) if kind < 0.95 else draw.uniform(2, 25))  # a child, a thing
