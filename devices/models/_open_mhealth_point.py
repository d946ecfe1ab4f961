"""The shape of an Open mHealth data point and the words it may use.

Sources: Open mHealth schemas (header 1.x; body-weight 3.0, blood-pressure 4.0, step-count 3.0, heart-rate 2.0, …) and
IEEE 1752.1-2021 (physical-activity, total-sleep-time; time-frame, time-interval, descriptive-statistic).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from devices.json_text import Number, parse
from devices.models import _spans
from store.model import NotUnderstood

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Quantity(msgspec.Struct):
    value: Number
    unit: str


class Interval(msgspec.Struct):
    start_date_time: Moment | None = None
    end_date_time: Moment | None = None
    duration: Quantity | None = None
    date: str | None = None
    part_of_day: str | None = None


class Frame(msgspec.Struct):
    date_time: Moment | None = None
    time_interval: Interval | None = None


class Context(msgspec.Struct):
    """What a body says besides its quantities."""

    effective_time_frame: Frame
    descriptive_statistic: str | None = None
    specimen_source: str | None = None
    temporal_relationship_to_meal: str | None = None
    temporal_relationship_to_sleep: str | None = None
    temporal_relationship_to_physical_activity: str | None = None


class SchemaId(msgspec.Struct):
    namespace: str
    name: str
    version: str


class Header(msgspec.Struct):
    """Of header 1.x and of IEEE 1752.1 alike: what we ask of it is the schema's name."""

    schema_id: SchemaId


class Point(msgspec.Struct):
    """A data point, or with neither field a body alone."""

    header: Header | None = None
    body: msgspec.Raw = msgspec.Raw()


_QUANTITY = msgspec.json.Decoder(Quantity)
_CONTEXT = msgspec.json.Decoder(Context)
_POINT = msgspec.json.Decoder(Point)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])

_SECONDS = {"sec": 1, "min": 60, "h": 3600, "d": 86_400, "wk": 604_800}
_WORD = re.compile(r"[a-z0-9_-]{1,60}")
# What the schemas' enumerations allow; anything else in such a field is another format, not a detail to skip.
_WORDS = {
    "descriptive_statistic": (
        "average, count, maximum, median, minimum, standard deviation, sum, variance, 20th percentile,"
        " 80th percentile, lower quartile, upper quartile, quartile deviation, 1st quintile, 2nd quintile,"
        " 3rd quintile, 4th quintile"
    ),
    "specimen_source": (
        "breath, capillary blood, interstitial fluid, saliva, sweat, tears, urine, whole blood, plasma, serum"
    ),
    "temporal_relationship_to_meal": (
        "fasting, not fasting, before meal, after meal, before breakfast, after breakfast, before lunch, after lunch,"
        " before dinner, after dinner, 2 hours postprandial, with meal, with food"
    ),
    "temporal_relationship_to_sleep": "before sleeping, during sleep, on waking",
    "temporal_relationship_to_physical_activity": ("at rest, active, before exercise, after exercise, during exercise"),
}
_ALLOWED = {field: frozenset(words.split(", ")) for field, words in _WORDS.items()}


def point(raw: bytes) -> tuple[str | None, bytes]:
    """The schema's name, when a header says it, and the body."""
    said = parse(_POINT, raw)
    body = bytes(said.body)
    if not body:
        return (said.header.schema_id.name if said.header else None), raw
    if said.header is None:
        raise NotUnderstood("not_this_format", "a body needs its header, which names the schema")
    return said.header.schema_id.name, body


def members(body: bytes) -> dict[str, msgspec.Raw]:
    return parse(_MEMBERS, body)


def quantity(raw: msgspec.Raw) -> Quantity:
    return parse(_QUANTITY, bytes(raw))


def context(body: bytes) -> Context:
    """What stands around the quantity. Raises NotUnderstood ``not_this_format`` for a word no schema knows."""
    said = parse(_CONTEXT, body)
    for field, allowed in _ALLOWED.items():
        if getattr(said, field) not in allowed | {None}:
            raise NotUnderstood("not_this_format", f"{field} is one of: {', '.join(sorted(allowed))}")
    try:
        span(said.effective_time_frame)
    except NotUnderstood as fault:  # a form that no schema has is told before what the body is about
        if fault.reason == "not_this_format":
            raise
    return said


def word(name: str) -> str:
    """A name to show in a refusal, when it is nothing but a name."""
    return name if _WORD.fullmatch(name) else "a name that is no schema's"


def span(frame: Frame) -> tuple[datetime, timedelta]:
    """Start and length. Raises NotUnderstood: ``not_this_format``, ``time_not_exact``, ``time_impossible``."""
    if frame.date_time is not None and frame.time_interval is None:
        return _spans.moment(frame.date_time), timedelta()
    if frame.time_interval is None or frame.date_time is not None:
        raise NotUnderstood("not_this_format", "effective_time_frame: a date_time or a time_interval")
    return _of_interval(frame.time_interval)


def _of_interval(said: Interval) -> tuple[datetime, timedelta]:
    start, end = said.start_date_time, said.end_date_time
    if start and end and said.duration is None:
        return start, _spans.between(start, end)
    if said.duration is not None and (start is None) != (end is None):
        return _beside(start, end, _length(said.duration))
    if said.date and said.part_of_day and not (start or end or said.duration):
        raise NotUnderstood("time_not_exact", "a part of a day names no moment: give start_date_time and end_date_time")
    raise NotUnderstood("not_this_format", "time_interval: start and end, or one of them and a duration")


def _beside(start: datetime | None, end: datetime | None, length: timedelta) -> tuple[datetime, timedelta]:
    if start is not None:
        return _spans.moment(start), length
    assert end is not None, "one of the two is there"
    return _spans.moment(end) - length, length


def _length(duration: Quantity) -> timedelta:
    seconds = _SECONDS.get(duration.unit)
    if seconds is None:
        raise NotUnderstood("unit_unknown", f"a duration in {', '.join(_SECONDS)}")
    if not 0 <= duration.value * seconds <= 400 * 86_400:
        raise NotUnderstood("time_impossible", "a duration below zero or longer than a year")
    return timedelta(seconds=duration.value * seconds)
