"""The form in which one measurement is typed in: its fields, and what was filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isfinite, nan
from typing import Annotated, cast
from unicodedata import normalize

from pydantic import BaseModel
from pydantic import Field as Text

from phr_api.entry import Entry, Refused, TypedMetric
from store.clock import JST
from store.metrics import METRICS
from store.sources import StaffHow


@dataclass(frozen=True, slots=True)
class Field:
    """One number of the form, in its metric's unit; ``low`` to ``high`` is what can be kept."""

    name: str
    what: str
    unit: str
    low: float
    high: float
    step: str


def _field(metric: str, what: str) -> Field:
    known = METRICS[metric]
    return Field(metric, what, known.unit_ja, known.low, known.high, "0.1" if known.digits else "1")


FIELDS = (
    _field("bp_sys", "血圧(上)"),
    _field("bp_dia", "血圧(下)"),
    _field("pulse", "脈拍"),
    _field("weight", "体重"),
    _field("temperature", "体温"),
    _field("steps_day", "1日の歩数"),
)


Typed = Annotated[str, Text(max_length=40)]


class Sheet(BaseModel):
    """What was filled in, as it was typed. ``at`` is Japanese time, the numbers are those of ``FIELDS``.

    ``instead``: they take the place of what was typed in for that moment.
    """

    at: Typed
    bp_sys: Typed = ""
    bp_dia: Typed = ""
    pulse: Typed = ""
    weight: Typed = ""
    temperature: Typed = ""
    steps_day: Typed = ""
    instead: Typed = ""


class StaffSheet(Sheet):
    """``how``: where a 保健師 has the numbers from."""

    how: StaffHow


def entries(sheet: Sheet) -> list[Entry]:
    """The numbers as the API takes them. Raises Refused: not a time or a number, or nothing at all."""
    typed = {field.name: text for field in FIELDS if (text := normalize("NFKC", getattr(sheet, field.name)).strip())}
    if not typed:
        raise Refused("値を一つ以上入れてください。 Fill in one number at least.")
    at = _moment(sheet.at)
    return [
        Entry(metric=cast(TypedMetric, name), value=_number(name, text), unit=METRICS[name].ucum, at=at)
        for name, text in typed.items()
    ]


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("測った日と時刻を入れてください。 `at` is no date and time.", "at") from None
    if at.tzinfo is not None or not 1900 <= at.year < 2200:
        raise Refused("測った日と時刻を確かめてください。 `at` is Japanese time, in a year that anyone lives in.", "at")
    return at.replace(tzinfo=JST)


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise Refused(f"{METRICS[name].ja}は数字で入れてください。 {name} is no number.", name)
    return value
