"""Ninety days of an invented person's life, as their devices would have told it. Pure: the same seed, the same days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from phr_api.town_resident import Resident
from store.clock import JST, age_on, civil_day, day_start
from store.model import Flag, Sample

DAYS = 90
_WINTER = {12: 0.8, 1: 0.75, 2: 0.78, 3: 0.9, 11: 0.93}  # snow and early dark keep people in
_WALKED = ((9, 0.18), (12, 0.43), (15, 0.64), (18, 0.9), (21, 1.0))  # hour, share of the day's steps until then


def history(person: Resident, now: datetime, seed: int) -> Iterator[tuple[str, Sample]]:
    """(kind of device, sample) of every day until ``now``, in the order of days."""
    draw = np.random.default_rng([seed, 3, person.number])
    today = civil_day(now)
    for ago in range(DAYS, -1, -1):
        day = today - timedelta(days=ago)
        for kind in person.devices:
            yield from ((kind, sample) for sample in _DAY[kind](person, day, ago, draw) if _began(sample, now))


def _began(sample: Sample, now: datetime) -> bool:
    return sample.at is not None and sample.at + timedelta(seconds=sample.seconds) <= now


def _at(day: date, hour: float) -> datetime:
    return day_start(day) + timedelta(seconds=int(hour * 3600))


def _weighing(person: Resident, day: date, ago: int, draw: np.random.Generator) -> Iterator[Sample]:
    """Most mornings after getting up; a scale has no clock."""
    hour, noise, chance = 6.2 + draw.random(), draw.normal(0, 0.25), draw.random()
    if chance < 0.86:
        weight = person.weight_kg - person.change_kg * ago / DAYS + float(noise)
        yield Sample("weight", round(weight * 20) / 20, _at(day, hour), flags=Flag.ARRIVAL_TIME)


def _walking(person: Resident, day: date, ago: int, draw: np.random.Generator) -> Iterator[Sample]:
    """The pedometer's counter at a few hours; it starts from zero at midnight."""
    total = steps_on(person, day) * float(draw.lognormal(0, 0.22))
    minutes = draw.random(len(_WALKED)) / 2
    for (hour, share), late in zip(_WALKED, minutes, strict=True):
        yield Sample("steps_counter", round(total * share), _at(day, hour + late), flags=Flag.ARRIVAL_TIME)


def steps_on(person: Resident, day: date) -> float:
    """How far this person walks on such a day, in steps: by season, and by weekday while of working age."""
    free = day.weekday() >= 5 and age_on(person.birth_date, day) < 65
    return person.steps * _WINTER.get(day.month, 1.0) * (0.8 if free else 1.0)


def _pressing(person: Resident, day: date, ago: int, draw: np.random.Generator) -> Iterator[Sample]:
    """Two readings in the morning, two before bed, on most days (JSH: the mean of both counts)."""
    chance = draw.random(2)
    for place, (hour, rise) in enumerate(((6.6, 3), (21.3, -2))):
        noise, late = draw.normal(0, 1, 6), float(draw.random()) / 2
        if chance[place] < 0.85:
            for turn in range(2):
                at = _at(day, hour + late + turn * 0.025)
                yield from pressure(person, at, rise=rise - turn, noise=noise[turn * 3 :])


def pressure(person: Resident, at: datetime, *, rise: float, noise: np.ndarray) -> Iterator[Sample]:
    """One measurement around the person's own mean; ``noise`` gives three standard-normal numbers."""
    sys, dia = person.pressure
    yield Sample("bp_sys", round(sys + rise + noise[0] * 5), at)
    yield Sample("bp_dia", round(dia + rise * 0.6 + noise[1] * 3.5), at)
    yield Sample("pulse", round(68 + noise[2] * 5), at)


def _sleeping(person: Resident, day: date, ago: int, draw: np.random.Generator) -> Iterator[Sample]:
    """The night that ends on ``day``."""
    minutes = max(180, round(float(draw.normal(person.sleep_minutes, 35))))
    start = datetime(day.year, day.month, day.day, 6, 30, tzinfo=JST) - timedelta(minutes=minutes)
    yield Sample("sleep", minutes, start, seconds=minutes * 60)


_DAY = {
    "scale": _weighing,
    "shared_scale": _weighing,
    "pedometer": _walking,
    "cuff": _pressing,
    "band": _sleeping,
}
