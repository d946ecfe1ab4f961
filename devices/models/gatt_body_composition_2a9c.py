"""Any scale with the Bluetooth Body Composition service: characteristic 2A9C, Body Composition Measurement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple, TypeVar

from devices.frames import Fields, frames
from devices.model import Example, Model
from devices.units import LB_KG
from devices.weighing import has_contact, weighing
from store.clock import JST
from store.metrics import METRICS
from store.model import Flag, NotUnderstood, Sample

_IMPERIAL, _TIME, _USER = 0x0001, 0x0002, 0x0004
_BETWEEN = 0x01F8  # bits 3-8: metabolism, muscle %, muscle, fat-free, soft lean and water mass; two bytes each
_IMPEDANCE, _WEIGHT, _HEIGHT, _MULTIPLE = 0x0200, 0x0400, 0x0800, 0x1000
_UNSUCCESSFUL = 0xFFFF
_FAT = METRICS["body_fat"]

_Field = TypeVar("_Field")


class _Part(NamedTuple):
    """One frame. A scale with more to say than fits into 20 bytes sends two, marked as parts of one measurement."""

    fat: float | None
    kg: float | None
    ohm: float | None
    at: datetime | None
    remarks: int
    multiple: bool


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    parts = [_part(each, zone) for each in frames(payload)]
    whole = _joined(parts) if len(parts) > 1 else parts[0]
    if len(parts) == 1 and whole.multiple and whole.at is None:
        raise NotUnderstood(
            "part_of_several",
            'one of two frames of a measurement, without a time to join them by: send both as {"frames": ["…", "…"]}',
        )
    return _samples(whole)


def _part(data: bytes, zone: tzinfo) -> _Part:
    fields = Fields(data)
    flags, fat = fields.u16(), fields.u16()
    at, remarks = fields.clock(zone) if flags & _TIME else (None, 0)
    fields.skip((1 if flags & _USER else 0) + 2 * (flags & _BETWEEN).bit_count())
    ohm = fields.u16() / 10 if flags & _IMPEDANCE else None
    weight = fields.u16() if flags & _WEIGHT else _UNSUCCESSFUL
    fields.skip(2 if flags & _HEIGHT else 0)
    fields.end()
    kg = None if weight == _UNSUCCESSFUL else weight * (0.01 * LB_KG if flags & _IMPERIAL else 0.005)
    return _Part(None if fat in (0, _UNSUCCESSFUL) else fat / 10, kg, ohm, at, remarks, bool(flags & _MULTIPLE))


def _joined(parts: Sequence[_Part]) -> _Part:
    """The frames as one. Raises NotUnderstood ``frames_disagree`` unless each field has one value in all of them."""
    if not all(part.multiple for part in parts):
        raise NotUnderstood("frames_disagree", "a frame that says to be a whole measurement: send it by itself")
    return _Part(
        _one(part.fat for part in parts),
        _one(part.kg for part in parts),
        _one(part.ohm for part in parts),
        _one(part.at for part in parts),
        _one(part.remarks for part in parts) or 0,
        True,
    )


def _one(said: Iterable[_Field | None]) -> _Field | None:
    values = {each for each in said if each is not None}
    if len(values) > 1:
        raise NotUnderstood("frames_disagree", "frames of one measurement share its time and repeat no other value")
    return values.pop() if values else None


def _samples(said: _Part) -> tuple[Sample, ...]:
    mass: tuple[Sample, ...] = ()
    if said.kg is not None:
        mass = weighing(said.kg, said.at, said.ohm, flags=said.remarks)
    elif said.ohm is not None and has_contact(said.ohm):
        mass = (Sample("impedance", said.ohm, said.at, flags=said.remarks),)
    if said.fat is None and not mass:
        raise NotUnderstood("measurement_unsuccessful", "neither body fat nor weight could be measured")
    if said.fat is None:
        return mass
    if not _FAT.low <= said.fat <= _FAT.high:
        raise NotUnderstood("body_fat_impossible", "no body has that share of fat; the weight beside it counts", mass)
    # body fat is the scale's own estimate from impedance, never a measurement
    return (*mass, Sample("body_fat", said.fat, said.at, flags=said.remarks | Flag.ESTIMATE))


_AT = datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST)
_CLOCK = b"ea070b01070a1e"
_WHOLE = (
    Sample("weight", 70.5, _AT, flags=Flag.ZONE_ASSUMED),
    Sample("impedance", 503.0, _AT, flags=Flag.ZONE_ASSUMED),
    Sample("body_fat", 25.0, _AT, flags=Flag.ZONE_ASSUMED | Flag.ESTIMATE),
)

MODEL = Model(
    id="gatt_body_composition_2a9c",
    vendor="Bluetooth SIG",
    name="Body Composition Measurement 2A9C (service 181B)",
    metrics=("weight", "impedance", "body_fat"),
    decode=_decode,
    examples=(
        Example(b"0206fa00" + _CLOCK + b"a6131437", _WHOLE),
        Example(b"0000fa00", (Sample("body_fat", 25.0, flags=Flag.ESTIMATE),), "body fat alone"),
        Example(
            b"fe07fa00" + _CLOCK + b"01" + b"0100" * 6 + b"a6131437",
            _WHOLE,
            "everything a scale can add, except height",
        ),
        Example(b"0204ffff" + _CLOCK + b"1437", _WHOLE[:1], "body fat failed, the weight stays"),
        Example(b"0104ffff2a35", (Sample("weight", 61.734),), "136.10 lb"),
        Example(
            b'{"frames":["0212fa00' + _CLOCK + b'a613","0214ffff' + _CLOCK + b'1437"]}',
            _WHOLE,
            "both frames of a measurement in one message",
        ),
        Example(b"0212ffff" + _CLOCK + b"a613", _WHOLE[1:2], "one frame of two: its time joins it to the other"),
        Example(b"0000ffff", "measurement_unsuccessful"),
        Example(b"00041e001437", (Sample("weight", 70.5), Sample("body_fat", 3.0, flags=Flag.ESTIMATE))),
        Example(b"000405001437", "body_fat_impossible", "0.5 %: the weight is stored, the frame kept"),
        Example(b"0014fa001437", "part_of_several"),
        Example(b'{"frames":["0014fa001437","0012ff00a613"]}', "frames_disagree", "two values of body fat"),
        Example(b"0204fa00", "wrong_length"),
    ),
    source="Bluetooth Body Composition Service 1.0, GATT Specification Supplement: Body Composition Measurement",
    repeats_seconds=120,
)
