"""The invented town of the demo: who lives there. Nobody in it exists; the same seed gives the same people.

Names are made of place names around Sakata (``town.toml``). Personas with a story come first. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from phr_api.town_neighbours import neighbour
from phr_api.town_resident import PATIENT_SYSTEM, SAKATA, Resident, table

SEED = 2026
PEOPLE = 60
_PEOPLE_A_HOUSEHOLD = 2.4  # 60 people in 25 households


def residents(today: date, people: int = PEOPLE, seed: int = SEED) -> tuple[Resident, ...]:
    """The first ``people`` of the town; the personas come first."""
    personas = [_persona(number, row, today) for number, row in enumerate(table()["personas"], 1)]
    own = max(person.household for person in personas)
    households = max(1, round(people / _PEOPLE_A_HOUSEHOLD) - own)
    rest = range(max(0, people - len(personas)))
    others = [neighbour(len(personas) + 1 + place, place, households, today=today, seed=seed) for place in rest]
    return (*personas[:people], *others)


@cache
def stories() -> Mapping[str, str]:
    """Name to one line about the person, for the sign-in page of the demo."""
    return {row["name"]: row["story"] for row in table()["personas"]}


def _persona(number: int, row: Mapping[str, Any], today: date) -> Resident:
    day = (1 + number % 2, 3 + number)
    born = row.get("born") or date(today.year - row["age"] - (day > (today.month, today.day)), *day)
    plain = ("name", "kana", "story", "sex", "household", "height_cm", "weight_kg", "change_kg", "steps")
    return Resident(
        number=number,
        birth_date=born,
        town=SAKATA,
        pressure=tuple(row.get("pressure", (122, 74))),
        sleep_minutes=row.get("sleep_minutes", 400),
        devices=tuple(row["devices"]),
        identifier=tuple(row.get("identifier", (PATIENT_SYSTEM, f"{number:05}"))),
        answers=row.get("answers", {}),
        labs=row.get("labs", {}),
        **{word: row[word] for word in plain},
    )
