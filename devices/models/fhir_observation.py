"""FHIR R4 Observations of home devices as a telephone posts them: one resource or a Bundle (HL7 PHD IG shape).

A measurement is known by its codes (``fhir_observation.csv``: LOINC and IEEE 11073-10101), its unit is UCUM. What the
sender itself calls no result – a status that is not final, a missing value, test data – is refused by that name.
A coincident timestamp that an Observation is derived from tells what the device's own clock showed: the sender has put
the time right already (PHD IG, time stamping), so we keep both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial

from msgspec.structs import replace

from devices.model import Example, Model
from devices.models import _fhir_codes as codes
from devices.models import _fhir_shape as shape
from devices.models import _spans
from devices.models._gathering import gathered
from devices.units import HOME_UNITS
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_Clocks = dict[str, timedelta]  # reference -> how far the sender's clock is ahead of the device's


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    found = shape.entries(payload)
    clocks, rest = _clocks(found)
    if found and not rest:
        raise NotUnderstood("empty", "a coincident timestamp and no measurement")
    return gathered([bytes(entry.resource) for entry in rest], partial(_of_resource, clocks=clocks))


def _clocks(found: Sequence[shape.Entry]) -> tuple[_Clocks, list[shape.Entry]]:
    """The clock offsets that the coincident timestamps state, and the entries that are none."""
    clocks: _Clocks = {}
    rest = []
    for entry in found:
        said = _observation_or_none(entry)
        if said is None or codes.CLOCK not in codes.metrics(said.code):
            rest.append(entry)
            continue
        ahead = _ahead(said)
        if ahead is not None:
            clocks |= {name: ahead for name in (entry.full_url, f"Observation/{said.id}") if name}
    return clocks, rest


def _observation_or_none(entry: shape.Entry) -> shape.Observation | None:
    try:
        return shape.observation(bytes(entry.resource))
    except NotUnderstood:
        return None  # told when it is its turn


def _ahead(said: shape.Observation) -> timedelta | None:
    """Unknown when either clock is not stated: then the sender says that it trusts the device, or that it could not."""
    if not said.effective_date_time or not said.value_date_time:
        return None
    try:
        return shape.moment(said.effective_date_time) - shape.moment(said.value_date_time)
    except NotUnderstood:
        return None


def _of_resource(raw: bytes, *, clocks: _Clocks) -> tuple[Sample, ...]:
    said = shape.observation(raw)
    codes.check_result(said)
    metric = codes.metric(said.code)
    parts = _parts(said) if metric == codes.PRESSURE else [(metric, _value(metric, said))]
    samples = []
    for name, value in parts:
        start, length = shape.civil_day(said) if name == "steps_day" else shape.span(said)
        flags = Flag.ESTIMATE if name == "body_fat" else 0
        samples.append(_spans.sample(name, value, start, length, flags=int(flags)))
    ahead = next((clocks[each.reference] for each in said.derived_from if each.reference in clocks), None)
    return tuple(_put_right(one, ahead) if ahead else one for one in samples)


def _put_right(sample: Sample, ahead: timedelta) -> Sample:
    assert sample.at is not None, "every resource says its time"
    return replace(sample, device_at=sample.at - ahead, flags=int(sample.flags | Flag.CLOCK_CORRECTED))


def _parts(said: shape.Observation) -> list[tuple[str, float]]:
    """Systolic and diastolic, both or neither; a pulse beside them. The mean is not kept."""
    found = {}
    for part in said.component:
        for metric in codes.metrics(part.code) & {"bp_sys", "bp_dia", "pulse"}:
            found[metric] = _value(metric, part)
    if not {"bp_sys", "bp_dia"} <= found.keys():
        raise NotUnderstood("part_of_several", "a blood pressure has a systolic and a diastolic component")
    return list(found.items())


def _value(metric: str, said: shape.Observation | shape.Component) -> float:
    if said.data_absent_reason is not None:
        raise NotUnderstood("data_absent", f"{metric}: {codes.absent(said.data_absent_reason)}")
    quantity = said.value_quantity
    if quantity is None or quantity.value is None:
        raise NotUnderstood("data_absent", f"{metric}: no valueQuantity")
    if quantity.comparator:
        raise NotUnderstood("value_not_exact", f"{metric}: with a comparator, so above or below what was measured")
    units = HOME_UNITS[metric]
    if quantity.system != shape.UCUM or quantity.code not in units:
        raise NotUnderstood("unit_unknown", f"expected {metric} in UCUM {' or '.join(units)}")
    factor, offset = units[quantity.code]
    return quantity.value * factor + offset


_AT = datetime(2026, 11, 1, 7, 10, tzinfo=JST)
_HEAD = b'{"resourceType":"Observation","status":"final","effectiveDateTime":"2026-11-01T07:10:00+09:00",'
_MASS = b'"code":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"188736"},'
_MASS += b'{"system":"http://loinc.org","code":"29463-7"}]}'
_KG = b'"valueQuantity":{"value":61.2,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}'
_WEIGHT = _HEAD + _MASS + b"," + _KG


def _part(code: bytes, value: bytes) -> bytes:
    return (
        b'{"code":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"' + code + b'"}]},"valueQuantity":'
        b'{"value":' + value + b',"system":"http://unitsofmeasure.org","code":"mm[Hg]"}}'
    )


_PANEL = (
    _HEAD + b'"code":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"150020"},'
    b'{"system":"http://loinc.org","code":"85354-9"}]},"component":['
)
_STAMP = (
    b'{"fullUrl":"urn:uuid:c1","resource":{"resourceType":"Observation","status":"final","code":{"coding":['
    b'{"system":"urn:iso:std:iso:11073:10101","code":"67975"}]},"effectiveDateTime":"2026-11-01T08:00:00+09:00",'
    b'"valueDateTime":"2026-11-01T07:55:00+09:00"}}'
)

MODEL = Model(
    id="fhir_observation",
    vendor="HL7",
    name="FHIR R4 Observation or Bundle of them (Personal Health Device IG)",
    metrics=(
        "weight",
        "body_fat",
        "bp_sys",
        "bp_dia",
        "pulse",
        "spo2",
        "temperature",
        "glucose",
        "steps",
        "steps_day",
        "sleep",
    ),
    decode=_decode,
    examples=(
        Example(_WEIGHT + b"}", (Sample("weight", 61.2, _AT),)),
        Example(
            _PANEL + _part(b"150021", b"128") + b"," + _part(b"150022", b"82") + b"," + _part(b"150023", b"97") + b"]}",
            (Sample("bp_sys", 128.0, _AT), Sample("bp_dia", 82.0, _AT)),
            "the mean is not kept",
        ),
        Example(
            b'{"resourceType":"Bundle","type":"transaction","entry":['
            + _STAMP
            + b',{"resource":'
            + _WEIGHT
            + b',"derivedFrom":[{"reference":"urn:uuid:c1"}]}}]}',
            (
                Sample(
                    "weight",
                    61.2,
                    _AT,
                    flags=int(Flag.CLOCK_CORRECTED),
                    device_at=datetime(2026, 11, 1, 7, 5, tzinfo=JST),
                ),
            ),
            "the scale's clock was five minutes behind the telephone's",
        ),
        Example(
            b'{"resourceType":"Observation","status":"final","effectiveDateTime":"2026-11-01","code":{"coding":['
            b'{"system":"http://loinc.org","code":"41950-7"}]},"valueQuantity":{"value":5400,"system":'
            b'"http://unitsofmeasure.org","code":"{steps}/(24.h)"}}',
            (Sample("steps_day", 5400.0, datetime(2026, 11, 1, tzinfo=JST), 86_400),),
            "a day's figure may say its date alone",
        ),
        Example(_WEIGHT.replace(b"final", b"entered-in-error") + b"}", "status_not_final"),
        Example(_WEIGHT + b',"meta":{"security":[{"code":"HTEST"}]}}', "test_data"),
        Example(_HEAD + _MASS + b',"dataAbsentReason":{"coding":[{"code":"error"}]}}', "data_absent"),
        Example(_PANEL + _part(b"150021", b"128") + b"]}", "part_of_several"),
        Example(_WEIGHT.replace(b'"code":"kg"', b'"code":"st"') + b"}", "unit_unknown"),
        Example(_WEIGHT.replace(b"188736", b"188740").replace(b"29463-7", b"8302-2") + b"}", "metric_not_kept"),
        Example(b'{"resourceType":"Patient"}', "not_an_observation"),
        Example(b'{"resourceType":"Bundle","entry":[]}', "empty"),
        Example(b'{"weight":61.2}', "not_this_format"),
        Example(b"<Observation/>", "not_json", "FHIR's XML is not read"),
    ),
    source="HL7 FHIR R4 Observation; HL7 Personal Health Device IG 1.1; IEEE 11073-10101; LOINC",
)
