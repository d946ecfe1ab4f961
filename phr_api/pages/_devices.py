"""What the page 「機器」 shows: gateways with what hangs on them, devices that wait to be registered, the family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg

from devices.catalogue import models
from devices.model import Model
from phr_api import own_devices
from phr_api.pages._words import UNSAID
from store import gateways, households, people, registrations, rejections
from store.gateways import Gateway
from store.metrics import METRICS
from store.model import Registration

_SAID = {"bp_sys": "血圧", "bp_dia": "血圧", "steps_counter": "歩数", "steps_day": "歩数", "glucose": "血糖"}


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of the same household to whom a device can be handed on."""

    person_id: int
    public_id: UUID
    name: str
    mine: bool  # it is me


@dataclass(frozen=True, slots=True)
class Device:
    """A live device: what it measures, the format's name for who set it up, whose it is, who else could have it."""

    row: Registration
    what: str
    model: str
    whose: str
    others: tuple[Relative, ...]


def everything(conn: psycopg.Connection, me: int, now: datetime) -> dict[str, Any]:
    """Live gateways with their devices, strangers (heard, but not registered) and the formats to choose from."""
    rows = registrations.of_person(conn, me)
    live = [row for row in rows if row.valid_to is None]
    boxes = [box for box in gateways.of_person(conn, me) if box.revoked_at is None]
    families = {home: _relatives(conn, home, me) for home in households.of_person(conn, me)}
    seen = [_device(row, families.get(_home(row, boxes), ())) for row in live]
    return {
        "boxes": [(box, [one for one in seen if one.row.gateway_id == box.gateway_id]) for box in boxes],
        "elsewhere": [one for one in seen if one.row.gateway_id not in {box.gateway_id for box in boxes}],
        "ended": [row for row in rows if row.valid_to is not None],
        "strangers": rejections.strangers(conn, [box.gateway_id for box in boxes], now - own_devices.EARLIEST),
        "kinds": _kinds(),
        "alone": all(len(family) < 2 for family in families.values()),
        "relatives": {one.person_id for family in families.values() for one in family} - {me},
    }


def measures(model: Model) -> str:
    """What a device of this format measures, in everybody's words: 体重・体脂肪率."""
    words = [_SAID.get(metric, METRICS[metric].ja) for metric in model.metrics if metric not in UNSAID]
    told = list(dict.fromkeys(words))
    return "・".join(told) if len(told) < 4 else "いろいろな値"


def _kinds() -> list[tuple[str, list[Model]]]:
    """The formats to choose from, by what they measure; without those of which nothing is kept."""
    known = sorted(
        ((measures(model), model.vendor, model.name, model) for model in models().values() if model.metrics),
        key=itemgetter(0, 1, 2),
    )
    return [(told, [row[3] for row in rows]) for told, rows in groupby(known, key=itemgetter(0))]


def _device(row: Registration, family: tuple[Relative, ...]) -> Device:
    known = models().get(row.model)
    what, named = (measures(known), f"{known.vendor} {known.name}") if known else ("", row.model)
    others = tuple(one for one in family if one.person_id != row.person_id)
    return Device(row, what, named, "家族みんな" if row.household_id is not None else "わたし", others)


def _home(row: Registration, boxes: list[Gateway]) -> int:
    return next((box.household_id or 0 for box in boxes if box.gateway_id == row.gateway_id), 0)


def _relatives(conn: psycopg.Connection, household_id: int, me: int) -> tuple[Relative, ...]:
    found = own_devices.relatives(conn, household_id)
    named = people.names(conn, [person.person_id for person in found])
    return tuple(
        Relative(one.person_id, one.public_id, named[one.person_id], one.person_id == me)
        for one in found
        if one.person_id in named
    )
