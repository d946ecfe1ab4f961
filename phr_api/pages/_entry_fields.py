"""The form in which one measurement is typed in: its fields, and what was filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pydantic import BaseModel, NaiveDatetime

from phr_api.entry import Entry, TypedMetric
from phr_api.problems import Problem
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


class Sheet(BaseModel, allow_inf_nan=False):
    """What was filled in; what was left empty is None. ``at`` is Japanese time, the numbers are those of ``FIELDS``."""

    at: NaiveDatetime
    bp_sys: float | None = None
    bp_dia: float | None = None
    pulse: float | None = None
    weight: float | None = None
    temperature: float | None = None
    steps_day: float | None = None


class StaffSheet(Sheet):
    """``how``: where a 保健師 has the numbers from."""

    how: StaffHow


def entries(sheet: Sheet) -> list[Entry]:
    """The numbers as the API takes them. Raises Problem (422): no number, or a year that nobody lives in."""
    if not 1900 <= sheet.at.year < 2200:
        raise _refused("測った日と時刻を確かめてください。 `at` is not in a year that anyone lives in.")
    filled = [(field.name, getattr(sheet, field.name)) for field in FIELDS if getattr(sheet, field.name) is not None]
    if not filled:
        raise _refused("値を一つ以上入れてください。 Fill in one number at least.")
    at = sheet.at.replace(tzinfo=JST)
    return [
        Entry(metric=cast(TypedMetric, name), value=value, unit=METRICS[name].ucum, at=at) for name, value in filled
    ]


def _refused(detail: str) -> Problem:
    return Problem(422, "この値は保存できません", f"前の画面に戻って直してください。{detail}")
