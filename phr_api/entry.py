"""Numbers that people type in: checked before they are kept. Pure.

A refusal says what is expected and never repeats what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from phr_api.inputs import Moment
from phr_api.problems import Problem
from store.clock import civil_day, day_start
from store.metrics import METRICS
from store.model import Sample

TypedMetric = Literal[
    "weight", "body_fat", "steps_day", "bp_sys", "bp_dia", "pulse", "glucose", "spo2", "temperature", "sleep"
]
_CLOCK_SLACK = timedelta(minutes=5)
_DAY_SECONDS = 86_400


class Refused(Problem):
    """What was typed in is not kept. ``field``: what to look at, a metric's id or ``at``; empty: all of it."""

    def __init__(
        self, detail: str, field: str = "", *, status: int = 422, title: str = "この値は保存できません"
    ) -> None:
        super().__init__(status, title, detail)
        self.field = field


class Entry(BaseModel):
    """One number. ``unit`` is the metric's UCUM unit; ``at`` carries its offset (for sleep: when it began)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {
        "metric": "weight", "value": 61.5, "unit": "kg", "at": "2026-11-01T07:00:00+09:00"}})  # fmt: skip

    metric: TypedMetric
    value: float = Field(allow_inf_nan=False)
    unit: str = Field(max_length=40)
    at: Moment


class Correction(BaseModel):
    """The value that should have been typed in, in the metric's UCUM unit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"value": 61.5, "unit": "kg"}})

    value: float = Field(allow_inf_nan=False)
    unit: str = Field(max_length=40)


class Entries(BaseModel):
    """Numbers that are kept or refused together. The two blood pressures of one measurement share ``at``."""

    model_config = ConfigDict(extra="forbid")

    readings: list[Entry] = Field(min_length=1, max_length=100)


def samples(entries: Sequence[Entry], now: datetime) -> list[Sample]:
    """What is to be kept. Raises Refused (422) at the first entry that does not fit."""
    for entry in entries:
        _fits(entry, now)
    _pressures_in_pairs(entries)
    found = {(sample.metric, sample.at): sample for sample in map(_sample, entries)}
    if len(found) < len(entries):
        raise Refused(
            "同じ項目・同じ時刻の値が二つあります。一つにしてください。 Two values of one metric at one time."
        )
    return list(found.values())


def corrected(metric: TypedMetric, at: datetime, correction: Correction, now: datetime) -> Sample:
    """What is to stand there instead. Raises Refused (422) when it does not fit."""
    entry = Entry(metric=metric, at=at, value=correction.value, unit=correction.unit)
    _fits(entry, now)
    return _sample(entry)


def _fits(entry: Entry, now: datetime) -> None:
    metric = METRICS[entry.metric]
    if entry.unit != metric.ucum:
        raise Refused(
            f"{metric.ja}の単位は {metric.ucum} で送ってください。 Send {metric.id} in {metric.ucum}.", metric.id
        )
    if not metric.low <= entry.value <= metric.high:
        raise Refused(
            f"{metric.ja}は {metric.low:g}〜{metric.high:g} {metric.unit_ja} の範囲で入力してください。"
            f" Outside the plausible range of {metric.id}.",
            metric.id,
        )
    if entry.at > now + _CLOCK_SLACK:
        raise Refused("測定の時刻が未来になっています。時刻を確かめてください。 `at` lies in the future.", "at")


def _pressures_in_pairs(entries: Sequence[Entry]) -> None:
    high, low = ({one.at: one.value for one in entries if one.metric == name} for name in ("bp_sys", "bp_dia"))
    if high.keys() != low.keys():
        raise Refused(
            "血圧は上と下を同じ時刻で一緒に入れてください。 Send bp_sys and bp_dia together, with one `at`.",
            "bp_dia" if high.keys() > low.keys() else "bp_sys",
        )
    if any(high[at] <= low[at] for at in high):
        raise Refused(
            "血圧は上の値が下の値より大きくなるように入力してください。 bp_sys must be above bp_dia.", "bp_sys"
        )


def _sample(entry: Entry) -> Sample:
    if entry.metric == "steps_day":  # the figure of a whole civil day, whenever it was typed in
        return Sample(entry.metric, entry.value, day_start(civil_day(entry.at)), _DAY_SECONDS)
    return Sample(entry.metric, entry.value, entry.at, round(entry.value * 60) if entry.metric == "sleep" else 0)
