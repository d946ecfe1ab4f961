"""What the JSON API answers with. Numbers come with their unit (UCUM, and as people write it)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from phr_api.checkups import NO_DIAGNOSIS
from store.advice import AdviceRow
from store.clock import age_on
from store.days import DayRow
from store.last_values import LastValue
from store.metrics import METRICS, Metric
from store.model import Flag, Reading, Registration, Unclaimed
from store.people import Person
from store.records import RecordRow


@dataclass(frozen=True, slots=True)
class PersonShape:
    """Who it is. ``age`` in completed years today; ``town``: 全国地方公共団体コード."""

    public_id: UUID
    name: str
    age: int
    sex: str
    town: str


@dataclass(frozen=True, slots=True)
class ReadingShape:
    """One number. For an interval ``at`` is its start and ``seconds`` its length; ``remarks`` never delete it."""

    metric: str
    metric_ja: str
    value: float
    unit: str
    unit_ja: str
    at: datetime
    seconds: int
    remarks: list[str]
    source: str


@dataclass(frozen=True, slots=True)
class DayShape:
    """One civil day (+09:00). ``total`` for steps and sleep only."""

    day: date
    metric: str
    unit: str
    unit_ja: str
    n: int
    total: float | None
    mean: float
    low: float
    high: float
    last: float


@dataclass(frozen=True, slots=True)
class LastShape:
    """The newest value of a metric."""

    metric: str
    metric_ja: str
    value: float
    unit: str
    unit_ja: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordShape:
    """One record of a facility. ``interpretation`` is the facility's own mark (H, L, N, …)."""

    record_id: int
    kind: str
    at: datetime
    title: str
    value: float | None
    value_text: str
    unit: str
    reference: str
    interpretation: str
    facility: str


@dataclass(frozen=True, slots=True)
class AdviceShape:
    """One advice: what, why, on which readings it rests, by which guideline. ``answer``: the person's own, last.

    ``english``: title and body in English; empty where there is none.
    """

    advice_id: int
    kind: str
    urgency: int
    title: str
    body: str
    reason: str
    rests_on: list[dict[str, Any]]
    source: dict[str, Any]
    english: dict[str, str]
    judged_at: datetime
    answer: str | None
    notice: str = NO_DIAGNOSIS


@dataclass(frozen=True, slots=True)
class RegistrationShape:
    """One device. ``shared``: a device of the household, whose readings are claimed."""

    registration_id: int
    gateway: str
    device: str
    model: str
    label: str
    shared: bool
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class UnclaimedShape:
    """One number of a shared device that nobody has claimed yet."""

    household: int
    source_id: int
    at: datetime
    metric: str
    metric_ja: str
    value: float
    unit: str
    unit_ja: str
    source: str


def person(one: Person, name: str | None, today: date) -> PersonShape:
    return PersonShape(one.public_id, name or "", age_on(one.birth_date, today), one.sex, one.town)


def reading(one: Reading, labels: dict[int, str]) -> ReadingShape:
    metric = METRICS[one.metric]
    remarks = [flag.name.lower() for flag in Flag(one.flags) if flag.name]
    return ReadingShape(
        one.metric, metric.ja, one.value, *_units(metric), one.at, one.seconds, remarks, labels.get(one.source_id, "")
    )


def day(one: DayRow) -> DayShape:
    metric = METRICS[one.metric]
    return DayShape(one.day, one.metric, *_units(metric), one.n, one.total, one.mean, one.low, one.high, one.last)


def last(one: LastValue) -> LastShape:
    metric = METRICS[one.metric]
    return LastShape(one.metric, metric.ja, one.value, *_units(metric), one.at)


def record(one: RecordRow) -> RecordShape:
    return RecordShape(**{name: getattr(one, name) for name in RecordShape.__slots__})


def advice(one: AdviceRow, answer: str | None = None) -> AdviceShape:
    own = {name: getattr(one, name) for name in AdviceShape.__slots__ if name not in ("answer", "notice")}
    return AdviceShape(**own, answer=answer)


def registration(one: Registration) -> RegistrationShape:
    return RegistrationShape(
        one.registration_id,
        one.gateway_id,
        one.device,
        one.model,
        one.label,
        one.household_id is not None,
        one.valid_from,
        one.valid_to,
    )


def unclaimed(one: Unclaimed, labels: dict[int, str]) -> UnclaimedShape:
    metric = METRICS[one.metric]
    return UnclaimedShape(
        one.household_id,
        one.source_id,
        one.at,
        one.metric,
        metric.ja,
        one.value,
        *_units(metric),
        labels.get(one.source_id, ""),
    )


def _units(metric: Metric) -> tuple[str, str]:
    return metric.ucum, metric.unit_ja
