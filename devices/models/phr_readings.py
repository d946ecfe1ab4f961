"""Our own batch of readings as JSON, for gateways, phones and kiosks that can choose: ``docs/devices.md``.

What is sound is handed over even when a neighbour is not: the refusal names the bad readings and carries the others
(``NotUnderstood.understood``), so a kiosk's 42 days do not wait for one wrong unit. Readings that share the ``at`` of a
bad one are one measurement with it (systolic, diastolic, pulse) and are refused with it.

A gateway that reads out a device's memory may tell what both clocks show: a known drift is put right
(``devices.clock``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec.structs import replace

from devices.clock import corrected, drift
from devices.json_text import Number, parse
from devices.model import Example, Model
from devices.units import HOME_UNITS
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_INTERVALS = frozenset({"steps", "steps_day", "sleep"})
_CONVERSIONS = {(metric, unit): how for metric, units in HOME_UNITS.items() for unit, how in units.items()}
_NAMED = 5  # bad readings named one by one in a refusal


if TYPE_CHECKING:
    _Metric = str
    _Unit = str
else:  # the words themselves, not one made anew for every reading
    _Metric = Literal[tuple(HOME_UNITS)]
    _Unit = Literal[tuple({unit for units in HOME_UNITS.values() for unit in units})]

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]  # longer can't be told to a day


class _Reading(msgspec.Struct, gc=False):
    metric: str
    value: Number
    unit: str
    at: _Moment | None = None
    seconds: _Seconds = 0


class _Known(msgspec.Struct, gc=False):
    metric: _Metric
    value: Number
    unit: _Unit
    at: _Moment | None = None
    seconds: _Seconds = 0


class _Clocks(msgspec.Struct):
    device: _Moment
    gateway: _Moment


class _Times(msgspec.Struct, kw_only=True):
    clock: _Clocks | None = None  # both clocks, read at one moment
    gateway_at: _Moment | None = None


class _Batch(_Times, gc=False):
    readings: list[_Known]


class _Unread(_Times):
    readings: list[msgspec.Raw]


class _AnyTime(msgspec.Struct):
    at: msgspec.Raw = msgspec.Raw(b"null")


_LISTS = re.compile(rb'"readings"\s*:')
_BATCH = msgspec.json.Decoder(_Batch)
_READING = msgspec.json.Decoder(_Reading)
_UNREAD = msgspec.json.Decoder(_Unread)
_ANY_TIME = msgspec.json.Decoder(_AnyTime)


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    try:
        batch = _BATCH.decode(payload)
        samples = _samples(batch.readings)
    except (ValueError, RecursionError, NotUnderstood):
        return _one_by_one(payload)
    if not samples:
        raise NotUnderstood("empty", "a batch without readings")
    _refuse_two_lists(payload)
    return samples if batch.clock is None and batch.gateway_at is None else _timed(samples, batch)


def _refuse_two_lists(payload: bytes) -> None:
    """JSON lets a key come twice and readers take the last: the first list would be lost without a word."""
    if payload.count(b'"readings"') > 1 and len(_LISTS.findall(payload)) > 1:
        raise NotUnderstood("not_this_format", "`readings` stands twice in the message")


def _timed(samples: tuple[Sample, ...], said: _Times) -> tuple[Sample, ...]:
    """With the gateway's time, and put right where both clocks tell a drift."""
    gateway_at = said.gateway_at or (said.clock and said.clock.gateway)
    by = drift(said.clock.device, said.clock.gateway) if said.clock else None
    samples = tuple(replace(sample, gateway_at=gateway_at) for sample in samples)
    return samples if by is None else tuple(corrected(sample, by) for sample in samples)


def _samples(readings: Sequence[_Known | _Reading]) -> tuple[Sample, ...]:
    samples = []
    of = metric = unit = None
    for said in readings:
        if said.metric is not metric or said.unit is not unit:
            metric, unit = said.metric, said.unit
            of = _CONVERSIONS.get((metric, unit))
        at, seconds = said.at, said.seconds
        if of is None:
            raise NotUnderstood("unit_unknown", _expected(said.metric))
        if at is None:
            if seconds or metric in _INTERVALS:
                raise NotUnderstood("time_missing", "an interval needs `at`, its start")
        elif not 1900 <= at.year <= 2200:
            raise NotUnderstood("time_impossible", "`at` is not in a year that anyone lives in")
        samples.append(Sample(said.metric, said.value * of[0] + of[1], at, seconds))
    return tuple(samples)


def _expected(metric: str) -> str:
    units = HOME_UNITS.get(metric)
    return f"expected {metric} in {' or '.join(units)}" if units else f"known metrics: {', '.join(HOME_UNITS)}"


def _one_by_one(payload: bytes) -> tuple[Sample, ...]:
    unread = parse(_UNREAD, payload)
    raws = unread.readings
    _refuse_two_lists(payload)
    results = [_sample_or_fault(raw) for raw in raws]
    faults = [(index, each) for index, each in enumerate(results) if isinstance(each, NotUnderstood)]
    if not faults:  # a payload that is sound reading by reading is sound
        return _timed(tuple(each for each in results if isinstance(each, Sample)), unread)
    spoilt = {_time_text(raws[index]) for index, _ in faults}
    kept = tuple(
        each
        for raw, each in zip(raws, results, strict=True)
        if isinstance(each, Sample) and _time_text(raw) not in spoilt
    )
    raise NotUnderstood("bad_readings", _named(faults, len(raws) - len(kept), len(raws)), _timed(kept, unread))


def _sample_or_fault(raw: msgspec.Raw) -> Sample | NotUnderstood:
    try:
        return _samples([parse(_READING, bytes(raw))])[0]
    except NotUnderstood as fault:
        return fault


def _time_text(raw: msgspec.Raw) -> bytes:
    try:
        return bytes(_ANY_TIME.decode(raw).at)
    except (ValueError, RecursionError):
        return b"null"


def _named(faults: Sequence[tuple[int, NotUnderstood]], refused: int, total: int) -> str:
    named = "; ".join(f"readings[{index}] {fault}" for index, fault in faults[:_NAMED])
    return f"{named}{'; …' if len(faults) > _NAMED else ''} ({refused} of {total} refused, with what shares their time)"


_AT = datetime(2026, 11, 1, 7, 10, tzinfo=JST)
_MORNING = b'"at":"2026-11-01T07:10:00+09:00"}'

MODEL = Model(
    id="phr_readings",
    vendor="sakata-phr",
    name="batch of readings with times (JSON)",
    metrics=tuple(HOME_UNITS),
    decode=_decode,
    examples=(
        Example(
            b'{"readings":[{"metric":"weight","value":61.2,"unit":"kg",' + _MORNING + b"]}",
            (Sample("weight", 61.2, _AT),),
        ),
        Example(
            b'{"readings":[{"metric":"bp_sys","value":128,"unit":"mm[Hg]",'
            + _MORNING
            + b',{"metric":"bp_dia","value":82,"unit":"mm[Hg]",'
            + _MORNING
            + b',{"metric":"steps","value":412,"unit":"{steps}","seconds":900,'
            + _MORNING
            + b"]}",
            (Sample("bp_sys", 128.0, _AT), Sample("bp_dia", 82.0, _AT), Sample("steps", 412.0, _AT, 900)),
        ),
        Example(
            b'{"readings":[{"metric":"temperature","value":36.4,"unit":"Cel"}]}',
            (Sample("temperature", 36.4),),
            "no time: the moment of arrival counts",
        ),
        Example(
            b'{"clock":{"device":"2026-11-01T06:40:00+09:00","gateway":"2026-11-03T09:00:00+09:00"},'
            b'"readings":[{"metric":"weight","value":61.2,"unit":"kg","at":"2026-10-30T04:50:00+09:00"}]}',
            (
                Sample(
                    "weight",
                    61.2,
                    _AT,
                    flags=Flag.CLOCK_CORRECTED,
                    device_at=datetime(2026, 10, 30, 4, 50, tzinfo=JST),
                    gateway_at=datetime(2026, 11, 3, 9, 0, tzinfo=JST),
                ),
            ),
            "the device's clock is behind by two days, two hours and 20 minutes",
        ),
        Example(b'{"readings":[{"metric":"weight","value":61.2,"unit":"stone"}]}', "bad_readings"),
        Example(b'{"readings":[{"metric":"weight","value":1,"unit":"kg","at":"2026-11-01T07:10:00"}]}', "bad_readings"),
        Example(b'{"readings":[]}', "empty"),
        Example(b'{"weight":61.2}', "not_this_format"),
        Example(b'{"readings":[', "not_json"),
    ),
    source="this project: docs/devices.md; times RFC 3339, units UCUM",
    repeats_seconds=120,
)
