"""BTHome v2: an open format in which home-made and bought sensors advertise (16-bit UUID FCD2).

Read are the mass, in kg or lb, and the counter, as steps: register with this format a scale or a step counter, nothing
else that counts. A packet tells neither whose it is nor whether the scale has settled; its timestamp object is the
device's clock at the moment of sending, which differs in every repetition, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from devices.frames import Fields, frame
from devices.model import Example, Model
from devices.units import LB_KG
from devices.weighing import weighing
from store.model import NotUnderstood, Sample

_UUID = b"\xd2\xfc"
_ENCRYPTED, _VERSION = 0x01, 0xE0
_KG, _LB, _COUNTS, _NARROW_COUNT = 0x06, 0x07, (0x3D, 0x3E), 0x09
# What an object's value is long, by its id: one must know all to read past them
_ONE = bytes.fromhex("00010f1011 15161718191a1b1c1d1e1f 202122232425262728292a2b2c2d2e2f 09 3a 46 575859 60 64")
_TWO = bytes.fromhex("0203060708 0c0d0e 121314 3c3d3f 4041434445 4748494a 5152 56 5a5d5e5f 61 f0")
_THREE, _FOUR = bytes.fromhex("04050a0b 42 4b f2"), bytes.fromhex("3e 4c4d4e4f50 55 5b5c 6263 f1")
_LENGTHS = {each: length for length, ids in enumerate((_ONE, _TWO, _THREE, _FOUR), 1) for each in ids}
_TEXT, _RAW = 0x53, 0x54  # the first byte is the length of the rest


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    data = frame(payload, "fcd2").removeprefix(_UUID)
    if not data:
        raise NotUnderstood("wrong_length", "expected the device information and at least one object")
    if data[0] & _VERSION != 0x40:
        raise NotUnderstood("version_unknown", "expected BTHome version 2 (device information 40 or 44)")
    if data[0] & _ENCRYPTED:
        raise NotUnderstood("encrypted", "switch the device's encryption off, or let the gateway decrypt")
    objects = [(kind, int.from_bytes(value, "little")) for kind, value in _objects(Fields(data[1:]))]
    samples = (*_mass(objects), *_steps(objects))
    if not samples:
        raise NotUnderstood("metric_not_kept", "neither a mass nor a counter of two or four bytes")
    return samples


def _objects(fields: Fields) -> Iterator[tuple[int, bytes]]:
    """Up to the first object that this version does not know: its length can't be known either."""
    while fields.left:
        kind = fields.u8()
        length = fields.u8() if kind in (_TEXT, _RAW) else _LENGTHS.get(kind)
        if length is None:
            return
        yield kind, fields.take(length)


def _mass(objects: list[tuple[int, int]]) -> tuple[Sample, ...]:
    said = [value * (0.01 * LB_KG if kind == _LB else 0.01) for kind, value in objects if kind in (_KG, _LB)]
    if len(said) > 1:
        raise NotUnderstood("value_not_unique", "two masses in one packet: which of them is the person's?")
    return weighing(said[0]) if said else ()


def _steps(objects: list[tuple[int, int]]) -> tuple[Sample, ...]:
    said = [value for kind, value in objects if kind in _COUNTS]
    if len(said) > 1:
        raise NotUnderstood("value_not_unique", "two counters in one packet: which of them counts steps?")
    if not said and any(kind == _NARROW_COUNT for kind, _ in objects):
        raise NotUnderstood("counter_too_narrow", "a counter of one byte is full after 255 steps: use object 3D or 3E")
    return tuple(Sample("steps_counter", float(value)) for value in said)


MODEL = Model(
    id="bthome_v2",
    vendor="BTHome",
    name="BTHome v2 advertisement (UUID FCD2): mass, or a step counter",
    metrics=("weight", "steps_counter"),
    decode=_decode,
    examples=(
        Example(b"40065e1f", (Sample("weight", 80.3),), "80.30 kg"),
        Example(b"40073e1d", (Sample("weight", 33.956),), "74.86 lb"),
        Example(b"d2fc4400a20164065e1f", (Sample("weight", 80.3),), "with the UUID, packet id and battery"),
        Example(
            b'{"id":"AA","servicedatauuid":"0xfcd2","servicedata":"4000a201643d0960"}',
            (Sample("steps_counter", 24585.0),),
            "OpenMQTTGateway, advertisement forwarded as it is",
        ),
        Example(b"40065e1f7f01", (Sample("weight", 80.3),), "followed by an object of a later version"),
        Example(b"40060000", "nothing_on_scale", "stepped off"),
        Example(b"41a47266c95f730011223378237214", "encrypted"),
        Example(b"4002ca0903bf13", "metric_not_kept", "a thermometer"),
        Example(b"400960", "counter_too_narrow"),
        Example(b"40065e1f065e1f", "value_not_unique"),
        Example(b"20065e1f", "version_unknown"),
        Example(b'{"servicedatauuid":"0x181d","servicedata":"223e30e607020e10293a"}', "other_service"),
        Example(b"40065e", "wrong_length", "cut off"),
    ),
    source="BTHome v2 format, bthome.io (2022, objects as of 2024)",
    repeats_seconds=120,
    counter_modulus=65536,  # of the two-byte counter; the four-byte one is never full
)
