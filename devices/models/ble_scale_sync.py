"""ble-scale-sync: a program beside the scale that publishes each weighing as JSON, for 20 makes of scale.

It publishes retained and without a time by default, to ``<topic>/<user>`` when it knows several users, whom it tells
apart by their usual weight. Neither that name nor that guess is read here: whose weight it is comes from the
registration, and for a shared scale from the household's own rule. How to set it up: ``docs/devices.md``.
"""

from __future__ import annotations

from datetime import tzinfo

import msgspec

from devices.json_text import Number, parse
from devices.model import Example, Model
from devices.weighing import has_contact, weighing
from store.metrics import METRICS
from store.model import Flag, Sample

_FAT = METRICS["body_fat"]


class _Composition(msgspec.Struct):
    weight: Number  # always kg, whatever the scale shows
    impedance: Number | None
    bmi: Number | None
    body_fat: Number | None = msgspec.field(name="bodyFatPercent")


_DECODER = msgspec.json.Decoder(_Composition)


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    said = parse(_DECODER, payload)
    ohm = said.impedance
    mass = weighing(said.weight, impedance=ohm)
    # without contact the program derives body fat from the BMI alone: no measurement, not even an estimate of one
    if ohm is None or said.body_fat is None or not (has_contact(ohm) and _FAT.low <= said.body_fat <= _FAT.high):
        return mass
    return (*mass, Sample("body_fat", float(said.body_fat), flags=Flag.ESTIMATE))


_REST = (
    b'"waterPercent":54.4,"boneMass":2.7,"muscleMass":42.1,"visceralFat":8,"physiqueRating":5,"bmr":1392,'
    b'"metabolicAge":58}'
)

MODEL = Model(
    id="ble_scale_sync",
    vendor="ble-scale-sync",
    name="body composition over MQTT (JSON), any scale the program knows",
    metrics=("weight", "impedance", "body_fat"),
    decode=_decode,
    examples=(
        Example(
            b'{"weight":61.75,"impedance":503,"bmi":23.5,"bodyFatPercent":25.4,' + _REST,
            (
                Sample("weight", 61.75),
                Sample("impedance", 503.0),
                Sample("body_fat", 25.4, flags=Flag.ESTIMATE),
            ),
        ),
        Example(
            b'{"weight":61.75,"impedance":0,"bmi":23.5,"bodyFatPercent":28.1,' + _REST,
            (Sample("weight", 61.75),),
            "socks on: the body fat is worked out from the BMI",
        ),
        Example(b'{"weight":0,"impedance":0,"bmi":0,"bodyFatPercent":0,' + _REST, "nothing_on_scale"),
        Example(b"online", "not_json", "its status topic"),
        Example(b'{"weight":136.1,"unit":"lb"}', "not_this_format", "another program"),
    ),
    source="ble-scale-sync (KristianP26), documentation: exporters, multi-user; published payload",
    repeats_seconds=120,
)
