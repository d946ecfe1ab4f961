"""Mi Smart Scale (XMTZC01HM, XMTZC04HM): the raw service data 181D of its advertisement, with the scale's own clock."""

from __future__ import annotations

from datetime import datetime, tzinfo

from devices.frames import clock, exactly, frame
from devices.model import Example, Model
from devices.units import CATTY_KG, LB_KG
from devices.weighing import weighing
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

# byte 0. Bit 1 is set in kg frames and means nothing here; bit 6 stands only in Theengs' decoder.
_LB, _CATTY, _STABLE, _OBJECT, _REMOVED = 0x01, 0x10, 0x20, 0x40, 0x80


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    data = exactly(frame(payload, "181d"), 10)
    control = data[0]
    _refuse_unless_final(control)
    raw = int.from_bytes(data[1:3], "little")
    at, remarks = clock(data[3:10], zone)
    return weighing(raw * _kg(control), at, flags=remarks)


def _refuse_unless_final(control: int) -> None:
    if control & _OBJECT:
        raise NotUnderstood("object_not_person", "the scale says that it weighed a thing")
    if control & _REMOVED:
        raise NotUnderstood("weight_removed", "sent after stepping off; the weighing itself came before")
    if not control & _STABLE:
        raise NotUnderstood("not_stable", "the scale was still settling; the final value follows")


def _kg(control: int) -> float:
    if control & _LB:
        return LB_KG / 100
    return CATTY_KG / 100 if control & _CATTY else 1 / 200


_AT = datetime(2016, 2, 14, 16, 41, 58, tzinfo=JST)


def _weight(kg: float, at: datetime = _AT) -> Sample:
    return Sample("weight", kg, at, flags=Flag.ZONE_ASSUMED)


MODEL = Model(
    id="xiaomi_scale_181d",
    vendor="Xiaomi",
    name="Mi Smart Scale, raw service data 181D",
    metrics=("weight",),
    decode=_decode,
    examples=(
        Example(b"223e30e607020e10293a", (_weight(61.75, datetime(2022, 2, 14, 16, 41, 58, tzinfo=JST)),)),
        Example(
            b'{"hex": "22 3e 30 e0 07 02 0e 10 29 3a"}',
            (_weight(61.75),),
            "JSON from a gateway that only forwards frames",
        ),
        Example(bytes.fromhex("032a35e007020e10293a"), "not_stable", "pounds, still settling"),
        Example(bytes.fromhex("232a35e007020e10293a"), (_weight(61.734),), "136.10 lb"),
        Example(bytes.fromhex("323e30e007020e10293a"), (_weight(61.75),), "123.50 斤"),
        Example(
            b"223e3000000000000000",
            (Sample("weight", 61.75, flags=Flag.CLOCK_REPLACED),),
            "the scale's clock was never set",
        ),
        Example(b"627607e607020e10293a", "object_not_person", "a thing of 9.55 kg"),
        Example(b"a23e30e607020e10293a", "weight_removed"),
        Example(b"223e30e607", "wrong_length", "cut off"),
    ),
    source="xiaomi-ble (scale v1), openScale (MiScale), Theengs decoder (XMTZC04HM): public decoders",
    repeats_seconds=120,
)
