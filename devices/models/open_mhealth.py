"""Open mHealth and IEEE 1752.1 data points as JSON: one, or an array of them, as telephone apps export them.

A data point is ``{"header": …, "body": …}``; a body alone is read too when its own member says what it is. A statistic
(average, maximum, …) is no single reading: it is named and refused, like every measure that we do not keep. In an array
what is sound is handed over even when a neighbour is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from csv import DictReader
from datetime import datetime, tzinfo
from importlib.resources import files

import msgspec

from devices.json_text import parse
from devices.model import Example, Model
from devices.models import _spans
from devices.models._gathering import gathered
from devices.models._open_mhealth_point import Context, context, members, point, quantity, span, word
from devices.units import HOME_UNITS
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_ROWS = list(DictReader((files("devices.models") / "open_mhealth.csv").read_text("utf-8").splitlines()))
_QUANTITIES: dict[str, list[str]] = {}  # schema -> the members of its body that must be there
_UNITS: dict[str, dict[str, tuple[str, str]]] = {}  # member -> unit -> our metric and the unit's UCUM word
for _row in _ROWS:
    _QUANTITIES.setdefault(_row["schema"], [])
    if _row["quantity"] not in _QUANTITIES[_row["schema"]]:
        _QUANTITIES[_row["schema"]].append(_row["quantity"])
    _UNITS.setdefault(_row["quantity"], {})[_row["unit"]] = (_row["metric"], _row["ucum"])

_MANY = msgspec.json.Decoder(list[msgspec.Raw])
_MOVING = frozenset({"active", "after exercise", "during exercise"})
_NOT_BLOOD = frozenset({"breath", "interstitial fluid", "saliva", "sweat", "tears", "urine"})


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    if payload.lstrip()[:1] == b"[":
        return gathered([bytes(raw) for raw in parse(_MANY, payload)], _of_point)
    return _of_point(payload)


def _of_point(raw: bytes) -> tuple[Sample, ...]:
    name, body = point(raw)
    said = members(body)
    schema = _schema(name, said.keys())
    around = context(body)
    _single(schema, around)
    start, length = span(around.effective_time_frame)
    return tuple(
        _spans.sample(metric, value, start, length, flags=int(Flag.ESTIMATE) if metric == "body_fat" else 0)
        for metric, value in (_value(each, said) for each in _QUANTITIES[schema])
    )


def _schema(name: str | None, said: Iterable[str]) -> str:
    """The schema's name: by the header, else by the member that only it has."""
    if name is None:
        there = [schema for schema, wanted in _QUANTITIES.items() if not set(wanted).isdisjoint(said)]
        if len(there) != 1:
            raise NotUnderstood("not_this_format", f"expected a header, or one of {', '.join(_UNITS)}")
        return there[0]
    if name not in _QUANTITIES:
        raise NotUnderstood("metric_not_kept", f"{word(name)} is not among what is kept")
    return name


def _single(schema: str, around: Context) -> None:
    """Refuse by name what is not one reading of something that is kept."""
    if around.descriptive_statistic is not None:
        raise NotUnderstood("metric_not_kept", f"{schema}: {around.descriptive_statistic} is no single reading")
    if schema == "heart-rate" and around.temporal_relationship_to_physical_activity in _MOVING:
        raise NotUnderstood("metric_not_kept", "heart-rate in motion: the pulse at rest is kept")
    if schema == "blood-glucose" and around.specimen_source in _NOT_BLOOD:
        raise NotUnderstood("metric_not_kept", "blood-glucose of another specimen than blood")


def _value(name: str, said: dict[str, msgspec.Raw]) -> tuple[str, float]:
    if name not in said:
        raise NotUnderstood("not_this_format", f"the body lacks {name}")
    given, known = quantity(said[name]), _UNITS[name]
    if given.unit not in known:
        raise NotUnderstood("unit_unknown", f"expected {name} in {' or '.join(known)}")
    metric, ucum = known[given.unit]
    if not metric:
        raise NotUnderstood("metric_not_kept", f"{name} is not among what is kept")
    factor, offset = HOME_UNITS[metric][ucum]
    return metric, given.value * factor + offset


_AT = datetime(2026, 11, 1, 7, 10, tzinfo=JST)
_HEAD = b'{"header":{"id":"5f1c","creation_date_time":"2026-11-01T07:11:00+09:00","schema_id":{"namespace":"omh",'
_FRAME = b'"effective_time_frame":{"date_time":"2026-11-01T07:10:00+09:00"}}'
_WALK = b'{"time_interval":{"start_date_time":"2026-11-01T07:10:00+09:00","duration":{"value":30,"unit":"min"}}}'

MODEL = Model(
    id="open_mhealth",
    vendor="Open mHealth, IEEE 1752.1",
    name="data point or array of data points (JSON)",
    metrics=(
        "weight",
        "body_fat",
        "bp_sys",
        "bp_dia",
        "pulse",
        "glucose",
        "spo2",
        "temperature",
        "steps",
        "steps_day",
        "sleep",
    ),
    decode=_decode,
    examples=(
        Example(
            _HEAD
            + b'"name":"body-weight","version":"3.0"}},"body":{"body_weight":{"value":61.2,"unit":"kg"},'
            + _FRAME
            + b"}",
            (Sample("weight", 61.2, _AT),),
        ),
        Example(
            b'[{"systolic_blood_pressure":{"value":128,"unit":"mmHg"},"diastolic_blood_pressure":{"value":82,'
            b'"unit":"mmHg"},'
            + _FRAME
            + b',{"step_count":{"value":2900,"unit":"steps"},"effective_time_frame":'
            + _WALK
            + b"}]",
            (Sample("bp_sys", 128.0, _AT), Sample("bp_dia", 82.0, _AT), Sample("steps", 2900.0, _AT, 1800)),
            "bodies alone, in an array",
        ),
        Example(
            b'{"body_weight":{"value":61.2,"unit":"kg"},"descriptive_statistic":"minimum",' + _FRAME,
            "metric_not_kept",
            "a statistic is no reading",
        ),
        Example(b'{"body_mass_index":{"value":23.1,"unit":"kg/m^2"},' + _FRAME, "metric_not_kept"),
        Example(b'{"body_weight":{"value":61.2,"unit":"km"},' + _FRAME, "unit_unknown"),
        Example(b'{"body_weight":{"value":61.2,"unit":"kg"}}', "not_this_format", "without a time"),
        Example(
            b'{"blood_glucose":{"value":95,"unit":"mg/dL"},"effective_time_frame":{"time_interval":'
            b'{"date":"2026-11-01","part_of_day":"morning"}}}',
            "time_not_exact",
        ),
        Example(b"{}", "not_this_format"),
        Example(b"[]", "empty"),
        Example(b"body_weight 61.2", "not_json"),
    ),
    source="Open mHealth schemas (header 1.x, body-weight 3.0, blood-pressure 4.0, …); IEEE 1752.1-2021",
)
