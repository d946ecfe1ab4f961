"""A small invented household and its neighbour, what their devices say, and everything that may happen to it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import psycopg
from psycopg_pool import ConnectionPool

from devices.payloads import pedometer_counter, phr_readings
from ingest import figures, storing
from ingest.message import Message
from store import (
    corrections,
    device_order,
    gateways,
    households,
    people,
    registrations,
    sources,
    typed,
    unclaimed,
)
from store.clock import civil_day, day_start
from store.model import Sample

LATEST = timedelta(days=42)
_MONTHS_AGO = timedelta(days=120)


class Told(NamedTuple):
    """One number of a device."""

    metric: str
    value: float
    seconds: int = 0


@dataclass
class Town:
    """Anna has a phone, a clip, another phone and types; Ben a phone; they share a scale. Carl has a live band."""

    pool: ConnectionPool
    dice: random.Random
    number: int
    days: list[date] = field(default_factory=list)
    anna: int = 0
    ben: int = 0
    carl: int = 0
    home: int = 0
    waiting: list[Message] = field(default_factory=list)  # said, and not arrived yet
    sent: list[Message] = field(default_factory=list)
    typed: dict[tuple[str, datetime], float] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)

    @property
    def gateway(self) -> str:
        return f"gw-{self.number}"


def found(pool: ConnectionPool, dice: random.Random, number: int) -> Town:
    """The town with all that its devices will ever say, none of it arrived."""
    town = Town(pool, dice, number)
    today = civil_day(datetime.now(UTC))
    first = today - timedelta(days=dice.randint(0, 45) + 3)
    town.days = [first + timedelta(days=n) for n in range(4)]
    with pool.connection() as conn:
        _settle_in(conn, town)
    town.waiting = [one for day in town.days for one in _said(town, day)]
    return town


def _settle_in(conn: psycopg.Connection, town: Town) -> None:
    since = datetime.now(UTC) - _MONTHS_AGO
    ids = [people.add(conn, birth_date=date(1950, 1, 1), sex="female", name=name).person_id for name in "ABC"]
    town.anna, town.ben, town.carl = ids
    town.home = households.add(conn)
    for person in (town.anna, town.ben):
        households.join(conn, town.home, person, since)
    gateways.add(conn, town.gateway, "no password")
    owned = [("phone", town.anna), ("clip", town.anna), ("other", town.anna), ("bens", town.ben), ("band", town.carl)]
    for device, owner in owned:
        model = "pedometer_counter" if device == "band" else "phr_readings"
        _register(conn, town, device, model=model, person_id=owner, valid_from=since)
    _register(conn, town, "scale", model="phr_readings", household_id=town.home, valid_from=since)


def _register(conn: psycopg.Connection, town: Town, device: str, **how: object) -> None:
    registrations.add(conn, gateway_id=town.gateway, device=device, label=device, **how)


def _said(town: Town, day: date) -> Iterator[Message]:
    """Everything of one day: each message with the moment at which it arrives."""
    yield from _walked(town, day)
    yield from _counted(town, day)
    yield from _weighed(town, day)
    for device in ("phone", "other"):
        if town.dice.random() < 0.6:
            slept = town.dice.randint(200, 480)
            at = _at(day, -town.dice.randint(30, 120))
            yield _told(town, device, at, Told("sleep", slept, slept * 60))


def _walked(town: Town, day: date) -> Iterator[Message]:
    dice = town.dice
    for device, size in (("phone", 15), ("other", 60), ("bens", 30)):
        for begin in range(5 * 60, 24 * 60 + 30, size):
            if dice.random() < 8 / (20 * 60 / size):
                yield _told(town, device, _at(day, begin), Told("steps", dice.randint(0, 20 * size), size * 60))
    for device in ("phone", "other"):
        if dice.random() < 0.3:
            yield _told(town, device, _at(day, 0), Told("steps_day", dice.randint(0, 9000), 86_400))


def _weighed(town: Town, day: date) -> Iterator[Message]:
    """Both on the shared scale, and a suitcase; Anna and a bag of rice on her own."""
    dice = town.dice
    for device, most, kilograms in (("scale", 4, [58.0, 84.0, 15.0, 70.0]), ("phone", 2, [58.0, 58.0, 58.0, 12.0])):
        for _ in range(dice.randint(0, most)):
            value = round(dice.choice(kilograms) + dice.gauss(0, 0.5), 2)
            yield _told(town, device, _at(day, dice.randint(300, 1300)), Told("weight", value))


def _counted(town: Town, day: date) -> Iterator[Message]:
    """Anna's clip counts on for ever, unless its battery is empty; Carl's band begins again at midnight."""
    dice = town.dice
    value = 10_000 * (day - town.days[0]).days + dice.randint(0, 3000)
    for minute in sorted(dice.sample(range(6 * 60, 22 * 60), dice.randint(0, 5))):
        value = dice.randint(0, 30) if dice.random() < 0.05 else value + dice.randint(0, 900)
        yield _told(town, "clip", _at(day, minute), Told("steps_counter", value))
    shown = 0
    for minute in sorted(dice.sample(range(1, 24 * 60), dice.randint(0, 6))):
        shown += dice.randint(0, 1500)
        yield _message(town, "band", pedometer_counter(shown), _at(day, minute))


def _told(town: Town, device: str, at: datetime, told: Told) -> Message:
    unit = {"weight": "kg", "sleep": "min", "steps_day": "{steps}/(24.h)"}.get(told.metric, "{steps}")
    late = town.dice.choice([timedelta(), timedelta(minutes=5), LATEST * town.dice.random()])
    row = (told.metric, told.value, unit, at, *([told.seconds] if told.seconds else []))
    return _message(town, device, phr_readings([row]), at + timedelta(seconds=told.seconds) + late)


def _message(town: Town, device: str, payload: bytes, at: datetime) -> Message:
    return Message(f"phr/v1/{town.gateway}/{device}", payload, at, 1, 0)


def _at(day: date, minute: int) -> datetime:
    return day_start(day) + timedelta(minutes=minute)


# What may happen ----------------------------------------------------------------------------------------------------


def arrive(town: Town) -> None:
    """Some of what waits arrives, in the order of its arrival or in any."""
    few = town.waiting[: town.dice.randint(1, 25)]
    if town.dice.random() < 0.5:
        few = town.dice.sample(town.waiting, min(len(town.waiting), town.dice.randint(1, 25)))
    town.waiting = [one for one in town.waiting if one not in few]
    _store(town, few)
    town.sent += few


def repeat(town: Town) -> None:
    """A gateway sends again what had arrived, and a phone counts an interval higher than before."""
    timed = [one for one in town.sent if not one.topic.endswith("/band")]
    again = town.dice.sample(timed, min(len(timed), town.dice.randint(1, 10)))
    _store(town, again)


def type_in(town: Town) -> None:
    """Anna types in a weight, a night or a day's steps."""
    metric, value, seconds = town.dice.choice(
        [("weight", 58.3, 0), ("sleep", 400.0, 24_000), ("steps_day", 4321.0, 86_400)]
    )
    at = _at(town.dice.choice(town.days), 0 if metric == "steps_day" else town.dice.randint(0, 1400))
    if (metric, at) in town.typed:
        return
    with town.pool.connection() as conn:
        typed.add(conn, town.anna, [Sample(metric, value, at, seconds)], at)
    town.typed[metric, at] = value


def correct(town: Town) -> None:
    """… and puts one of them right."""
    if not town.typed:
        return
    metric, at = town.dice.choice(sorted(town.typed))
    value = {"weight": town.dice.choice([57.9, 95.0]), "sleep": 300.0, "steps_day": float(town.dice.randint(0, 9000))}[
        metric
    ]
    seconds = {"weight": 0, "sleep": round(value * 60), "steps_day": 86_400}[metric]
    with town.pool.connection() as conn:
        corrections.correct(conn, town.anna, Sample(metric, value, at, seconds), sources.SELF)
    town.typed[metric, at] = value


def claim(town: Town) -> None:
    """A member says that a measurement of the shared scale is hers, or nobody's."""
    _about_the_scale(town, town.dice.choice([unclaimed.claim, unclaimed.claim, unclaimed.nobody]))


def undo(town: Town) -> None:
    """… or that it was not."""
    _about_the_scale(town, unclaimed.undo)


def _about_the_scale(town: Town, say: object) -> None:
    with town.pool.connection() as conn:
        rows = conn.execute(
            "select distinct source_id, at from health.unclaimed where household_id = %s order by 1, 2", (town.home,)
        ).fetchall()
        if rows:
            source, at = town.dice.choice(rows)
            say(conn, town.dice.choice([town.anna, town.ben]), household_id=town.home, source_id=source, at=at)


def reorder_devices(town: Town) -> None:
    """Anna changes the order of her step devices."""
    with town.pool.connection() as conn:
        mine = list(device_order.known(conn, town.anna))
        device_order.replace(conn, town.anna, town.dice.sample(mine, town.dice.randint(0, len(mine))))


def work(town: Town) -> None:
    """The figures worker gets its turn."""
    figures.work_once(town.pool)


OPERATIONS = (arrive, arrive, arrive, arrive, repeat, type_in, correct, claim, claim, undo, work, work)


def live(town: Town, operations: int) -> None:
    """So many operations at random, then whatever still waits, then all that is due.

    In one of four towns the order of devices changes too: that makes every day due, and would hide what was forgotten.
    """
    may_happen = (*OPERATIONS, reorder_devices) if town.dice.random() < 0.25 else OPERATIONS
    stragglers = _held_back(town)
    for _ in range(operations):
        _do(town, town.dice.choice(may_happen))
    while town.waiting:
        _do(town, town.dice.choice((arrive, work)))
    for one in stragglers:
        _drain(town)
        town.waiting = [one]
        _do(town, arrive)
    _drain(town)


def _held_back(town: Town) -> list[Message]:
    """A few counters and weighings, which come alone when all is done: whatever they change they alone make due."""
    few = [one for one in town.waiting if one.topic.endswith(("/clip", "/scale"))]
    few = town.dice.sample(few, min(len(few), 4))
    town.waiting = [one for one in town.waiting if one not in few]
    return few


def _drain(town: Town) -> None:
    while figures.work_once(town.pool):
        pass


def _do(town: Town, operation: object) -> None:
    operation(town)
    town.done[operation.__name__] = town.done.get(operation.__name__, 0) + 1


def _store(town: Town, messages: list[Message]) -> None:
    with town.pool.connection() as conn:
        storing.store(conn, "proof", storing.decoded(conn, messages))
