"""Any scale with the Bluetooth Body Composition service: characteristic 2A9C, Body Composition Measurement."""

from __future__ import annotations

from datetime import datetime, tzinfo

from devices.frames import Fields, frame
from devices.model import Example, Model
from devices.units import LB_KG
from devices.weighing import weighing
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_IMPERIAL, _TIME, _USER = 0x0001, 0x0002, 0x0004
_BETWEEN = 0x01F8  # bits 3-8: metabolism, muscle %, muscle, fat-free, soft lean and water mass; two bytes each
_IMPEDANCE, _WEIGHT, _HEIGHT, _MULTIPLE = 0x0200, 0x0400, 0x0800, 0x1000
_UNSUCCESSFUL = 0xFFFF


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    fields = Fields(frame(payload))
    flags, fat = fields.u16(), fields.u16()
    at = fields.date_time(zone) if flags & _TIME else None
    fields.skip((1 if flags & _USER else 0) + 2 * (flags & _BETWEEN).bit_count())
    ohm = fields.u16() / 10 if flags & _IMPEDANCE else None
    weight = fields.u16() if flags & _WEIGHT else _UNSUCCESSFUL
    fields.skip(2 if flags & _HEIGHT else 0)
    fields.end()
    if flags & _MULTIPLE and not flags & _TIME:
        raise NotUnderstood("part_of_several", "one of two frames of a measurement, without a time to join them by")
    kg = None if weight == _UNSUCCESSFUL else weight * (0.01 * LB_KG if flags & _IMPERIAL else 0.005)
    return _samples(fat, kg, ohm, at)


def _samples(fat: int, kg: float | None, ohm: float | None, at: datetime | None) -> tuple[Sample, ...]:
    # body fat is the scale's own estimate from impedance, never a measurement
    share = () if fat in (0, _UNSUCCESSFUL) else (Sample("body_fat", fat / 10, at, flags=Flag.ESTIMATE),)
    mass = () if kg is None else weighing(kg, at, ohm)
    if not share and not mass:
        raise NotUnderstood("measurement_unsuccessful", "neither body fat nor weight could be measured")
    return mass + share


_AT = datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST)
_CLOCK = b"ea070b01070a1e"

MODEL = Model(
    id="gatt_body_composition_2a9c",
    vendor="Bluetooth SIG",
    name="Body Composition Measurement 2A9C (service 181B)",
    metrics=("weight", "impedance", "body_fat"),
    decode=_decode,
    examples=(
        Example(
            b"0206fa00" + _CLOCK + b"a6131437",
            (
                Sample("weight", 70.5, _AT),
                Sample("impedance", 503.0, _AT),
                Sample("body_fat", 25.0, _AT, flags=Flag.ESTIMATE),
            ),
        ),
        Example(b"0000fa00", (Sample("body_fat", 25.0, flags=Flag.ESTIMATE),), "body fat alone"),
        Example(
            b"fe07fa00" + _CLOCK + b"01" + b"0100" * 6 + b"a6131437",
            (
                Sample("weight", 70.5, _AT),
                Sample("impedance", 503.0, _AT),
                Sample("body_fat", 25.0, _AT, flags=Flag.ESTIMATE),
            ),
            "everything a scale can add, except height",
        ),
        Example(b"0204ffff" + _CLOCK + b"1437", (Sample("weight", 70.5, _AT),), "body fat failed, the weight stays"),
        Example(b"0104ffff2a35", (Sample("weight", 61.734),), "136.10 lb"),
        Example(b"0000ffff", "measurement_unsuccessful"),
        Example(b"0014fa001437", "part_of_several"),
        Example(b"0204fa00", "wrong_length"),
    ),
    source="Bluetooth Body Composition Service 1.0, GATT Specification Supplement: Body Composition Measurement",
    repeats_seconds=120,
)
