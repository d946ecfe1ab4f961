"""Mi Body Composition Scale (XMTZC02HM, XMTZC05HM): the raw service data 181B of its advertisement."""

from __future__ import annotations

from datetime import datetime, tzinfo

from devices.frames import clock, exactly, frame
from devices.model import Example, Model
from devices.units import CATTY_KG, LB_KG
from devices.weighing import weighing
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_LB, _OBJECT = 0x01, 0x04  # byte 0; the object bit stands only in Theengs' decoder
_IMPEDANCE, _STABLE, _CATTY, _REMOVED = 0x02, 0x20, 0x40, 0x80  # byte 1


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    data = exactly(frame(payload, "181b"), 13)
    if data[0] & _OBJECT:
        raise NotUnderstood("object_not_person", "the scale says that it weighed a thing")
    if data[1] & _REMOVED:
        raise NotUnderstood("weight_removed", "sent after stepping off; the weighing itself came before")
    if not data[1] & _STABLE:
        raise NotUnderstood("not_stable", "the scale was still settling; the final value follows")
    ohm, raw = int.from_bytes(data[9:11], "little"), int.from_bytes(data[11:13], "little")
    at, remarks = clock(data[2:9], zone)
    return weighing(raw * _kg(data), at, ohm if data[1] & _IMPEDANCE else None, flags=remarks)


def _kg(data: bytes) -> float:
    if data[0] & _LB:
        return LB_KG / 100
    return CATTY_KG / 100 if data[1] & _CATTY else 1 / 200


_AT = datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST)
_CLOCK = b"ea070b01070a1e"


def _said(metric: str, value: float, at: datetime = _AT) -> Sample:
    return Sample(metric, value, at, flags=Flag.ZONE_ASSUMED)


MODEL = Model(
    id="xiaomi_scale_181b",
    vendor="Xiaomi",
    name="Mi Body Composition Scale, raw service data 181B",
    metrics=("weight", "impedance"),
    decode=_decode,
    examples=(
        Example(
            b"0226" + _CLOCK + b"f7013e30",
            (_said("weight", 61.75), _said("impedance", 503.0)),
        ),
        Example(
            b"0224b2070113100c08fdff4a0b",
            (_said("weight", 14.45, datetime(1970, 1, 19, 16, 12, 8, tzinfo=JST)),),
            "heard in the wild: shoes on, and a clock that counts from 1970",
        ),
        Example(
            b"0226" + _CLOCK + b"b80b3e30",
            (_said("weight", 61.75),),
            "3000 ohm: the electrodes had no contact",
        ),
        Example(b"0324" + _CLOCK + b"00002a35", (_said("weight", 61.734),), "136.10 lb"),
        Example(b"0264" + _CLOCK + b"00003e30", (_said("weight", 61.75),), "123.50 斤"),
        Example(b"0204b207011e041b0d0000f807", "not_stable", "heard in the wild"),
        Example(b"02a6" + _CLOCK + b"f7013e30", "weight_removed"),
        Example(b"0624" + _CLOCK + b"00007607", "object_not_person"),
    ),
    source="xiaomi-ble (scale v2), openScale (MiScale2), Theengs decoder (XMTZC05HM): public decoders",
    repeats_seconds=120,
)
