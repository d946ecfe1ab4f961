"""The shape of a FHIR R4 Observation, as far as we read it, and the times in it.

Sources: HL7 FHIR R4 Observation; HL7 Personal Health Device IG 1.1 (code in urn:iso:std:iso:11073:10101 as a 32-bit
number, LOINC beside it for vital signs, UCUM units, the coincident timestamp). Only what is read is a field here: a
telephone's resource may hold more.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec

from devices.json_text import Number, parse
from devices.models import _spans
from store.clock import day_start
from store.model import NotUnderstood

UCUM = "http://unitsofmeasure.org"
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Coding(msgspec.Struct):
    system: str = ""
    code: str = ""


class Concept(msgspec.Struct):
    coding: list[Coding] = []


class Quantity(msgspec.Struct):
    value: Number | None = None
    comparator: str | None = None
    system: str = ""
    code: str = ""


class Period(msgspec.Struct):
    start: Moment | None = None
    end: Moment | None = None


class Component(msgspec.Struct, rename="camel"):
    code: Concept
    value_quantity: Quantity | None = None
    data_absent_reason: Concept | None = None


class Meta(msgspec.Struct):
    security: list[Coding] = []


class Reference(msgspec.Struct):
    reference: str = ""


class Observation(msgspec.Struct, rename="camel"):
    status: str
    code: Concept
    id: str = ""
    meta: Meta = msgspec.field(default_factory=Meta)
    effective_date_time: str | None = None
    effective_instant: str | None = None
    effective_period: Period | None = None
    value_quantity: Quantity | None = None
    value_date_time: str | None = None
    data_absent_reason: Concept | None = None
    component: list[Component] = []
    derived_from: list[Reference] = []


class Entry(msgspec.Struct, rename="camel"):
    full_url: str = ""
    resource: msgspec.Raw = msgspec.Raw(b"null")


class Bundle(msgspec.Struct):
    entry: list[Entry] = []


class Kind(msgspec.Struct, rename="camel"):
    resource_type: str


_KIND = msgspec.json.Decoder(Kind)
_BUNDLE = msgspec.json.Decoder(Bundle)
_OBSERVATION = msgspec.json.Decoder(Observation)
_MOMENT = msgspec.json.Decoder(Moment)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def entries(payload: bytes) -> list[Entry]:
    """The resources of a Bundle, or the one resource. Raises NotUnderstood ``not_json``, ``not_this_format``."""
    if parse(_KIND, payload).resource_type == "Bundle":
        return parse(_BUNDLE, payload).entry
    return [Entry(resource=msgspec.Raw(payload))]


def observation(raw: bytes) -> Observation:
    """One Observation. Raises NotUnderstood: ``not_this_format``, ``not_an_observation``."""
    if parse(_KIND, raw).resource_type != "Observation":
        raise NotUnderstood("not_an_observation", "resources other than Observation are not taken in here")
    return parse(_OBSERVATION, raw)


def moment(text: str) -> datetime:
    """A dateTime with a time of day. Raises NotUnderstood: ``not_this_format``, ``time_not_exact``."""
    if _DATE.fullmatch(text):
        raise NotUnderstood("time_not_exact", "a date names no moment: give the time of day and the offset")
    return _spans.moment(parse(_MOMENT, msgspec.json.encode(text)))


def span(said: Observation) -> tuple[datetime, timedelta]:
    """When, as start and length. Raises NotUnderstood: ``time_missing`` and as ``moment``."""
    if said.effective_period is not None:
        start, end = said.effective_period.start, said.effective_period.end
        if start is None or end is None:
            raise NotUnderstood("time_missing", "effectivePeriod needs its start and its end")
        return start, _spans.between(start, end)
    text = said.effective_date_time or said.effective_instant
    if not text:
        raise NotUnderstood("time_missing", "the resource says no effectiveDateTime")
    return moment(text), timedelta()


def civil_day(said: Observation) -> tuple[datetime, timedelta]:
    """The span of a figure of a whole day, which may say its date alone."""
    try:
        return day_start(date.fromisoformat(said.effective_date_time or "")), timedelta(days=1)
    except ValueError:
        return span(said)
