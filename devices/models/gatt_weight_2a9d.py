"""Any scale with the Bluetooth Weight Scale service: characteristic 2A9D, Weight Measurement."""

from __future__ import annotations

from datetime import datetime, tzinfo

from devices.frames import Fields, frame
from devices.model import Example, Model
from devices.units import LB_KG
from devices.weighing import weighing
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_IMPERIAL, _TIME, _USER, _BMI_HEIGHT = 0x01, 0x02, 0x04, 0x08
_UNSUCCESSFUL = 0xFFFF


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    fields = Fields(frame(payload))
    flags, raw = fields.u8(), fields.u16()
    at, remarks = fields.clock(zone) if flags & _TIME else (None, 0)
    # the user slot is the scale's guess from earlier weights, BMI and height are what someone typed in: not ours
    fields.skip((1 if flags & _USER else 0) + (4 if flags & _BMI_HEIGHT else 0))
    fields.end()
    if raw == _UNSUCCESSFUL:
        raise NotUnderstood("measurement_unsuccessful", "the scale says that the weighing failed")
    return weighing(raw * (0.01 * LB_KG if flags & _IMPERIAL else 0.005), at, flags=remarks)


MODEL = Model(
    id="gatt_weight_2a9d",
    vendor="Bluetooth SIG",
    name="Weight Measurement 2A9D (service 181D)",
    metrics=("weight",),
    decode=_decode,
    examples=(
        Example(
            b"021437ea070b01070a1e",
            (Sample("weight", 70.5, datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST), flags=Flag.ZONE_ASSUMED),),
        ),
        Example(b"001437", (Sample("weight", 70.5),), "no clock"),
        Example(
            b"0214370000000000001e", (Sample("weight", 70.5, flags=Flag.CLOCK_REPLACED),), "a clock that was never set"
        ),
        Example(b"012a35", (Sample("weight", 61.734),), "136.10 lb"),
        Example(b"0c143701f0008a06", (Sample("weight", 70.5),), "user slot, BMI and height beside it"),
        Example(b"00ffff", "measurement_unsuccessful"),
        Example(b"021437", "wrong_length", "the flags promise a clock"),
    ),
    source="Bluetooth Weight Scale Service, GATT Specification Supplement: Weight Measurement",
    repeats_seconds=120,
)
