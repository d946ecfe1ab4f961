"""What the page 「機器」 shows: gateways with what hangs on them, devices that wait to be registered, the family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from devices.model import Model
from phr_api import own_devices
from store import gateways, households, people, registrations, rejections
from store.gateways import Gateway
from store.model import Registration
from store.registry import load


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of the same household to whom a device can be handed on."""

    person_id: int
    public_id: UUID
    name: str
    mine: bool  # it is me


@dataclass(frozen=True, slots=True)
class Device:
    """A live device: what it is, whose it is, and who else could have it."""

    row: Registration
    what: str
    whose: str
    others: tuple[Relative, ...]


def everything(conn: psycopg.Connection, me: int, now: datetime) -> dict[str, Any]:
    """Live gateways with their devices, strangers (heard, but not registered) and the formats to choose from."""
    rows = registrations.of_person(conn, me)
    live = [row for row in rows if row.valid_to is None]
    boxes = [box for box in gateways.of_person(conn, me) if box.revoked_at is None]
    families = {home: _relatives(conn, home, me) for home in households.of_person(conn, me)}
    seen = [_device(row, me, families.get(_home(row, boxes), ())) for row in live]
    return {
        "boxes": [(box, [one for one in seen if one.row.gateway_id == box.gateway_id]) for box in boxes],
        "elsewhere": [one for one in seen if one.row.gateway_id not in {box.gateway_id for box in boxes}],
        "ended": [row for row in rows if row.valid_to is not None],
        "strangers": rejections.strangers(conn, [box.gateway_id for box in boxes], now - own_devices.EARLIEST),
        "models": sorted(models(), key=lambda model: (model.vendor, model.name)),
        "relatives": {one.person_id for family in families.values() for one in family} - {me},
    }


def models() -> tuple[Model, ...]:
    """Every device format."""
    return load("devices.models", "MODEL")


def _device(row: Registration, me: int, family: tuple[Relative, ...]) -> Device:
    named = next((f"{model.vendor} {model.name}" for model in models() if model.id == row.model), row.model)
    others = tuple(one for one in family if one.person_id != row.person_id)
    return Device(row, named, "家族みんな" if row.household_id is not None else "わたし", others)


def _home(row: Registration, boxes: list[Gateway]) -> int:
    return next((box.household_id or 0 for box in boxes if box.gateway_id == row.gateway_id), 0)


def _relatives(conn: psycopg.Connection, household_id: int, me: int) -> tuple[Relative, ...]:
    found = own_devices.relatives(conn, household_id)
    named = people.contacts(conn, [person.person_id for person in found])
    return tuple(
        Relative(one.person_id, one.public_id, named[one.person_id].name, one.person_id == me)
        for one in found
        if one.person_id in named
    )
