"""Payloads as real devices and gateways send them: the inverse of the decoders, for the town simulator and tests.

A device's clock carries no zone; these devices run on Japanese time. ``at=None`` leaves the clock out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from struct import pack
from typing import Any

import msgspec

from store.clock import JST
from store.model import Flag

Row = tuple[str, float, str, datetime | None] | tuple[str, float, str, datetime | None, int]

_MI_SCALE = {"brand": "Xiaomi", "model": "Mi Smart Scale", "model_id": "XMTZC01HM/XMTZC04HM", "type": "SCALE"}
_MI_BODY_SCALE = _MI_SCALE | {"model": "Mi Body Composition Scale", "model_id": "XMTZC02HM/XMTZC05HM"}
_BAND = {"brand": "Xiaomi/Amazfit", "model": "Mi Band/Smart Watch", "model_id": "MB/SW", "type": "BODY"}
_STATUS_BITS = (Flag.BODY_MOVED, 0), (Flag.CUFF_LOOSE, 1), (Flag.IRREGULAR_PULSE, 2), (Flag.POSITION_IMPROPER, 5)


def theengs_scale(weight_kg: float, impedance: float | None = None, mode: str = "person") -> bytes:
    """JSON of an OpenMQTTGateway hearing a Mi scale; resolution 0.01 kg. ``mode`` is ``person`` or ``object``."""
    body: dict[str, Any] = dict(_MI_SCALE if impedance is None else _MI_BODY_SCALE)
    body |= {"weighing_mode": mode, "unit": "kg", "weight": round(weight_kg, 2)}
    return msgspec.json.encode(body if impedance is None else body | {"impedance": round(impedance)})


def pedometer_counter(steps: int) -> bytes:
    """JSON of an OpenMQTTGateway hearing a band: steps since midnight or the last reset."""
    return msgspec.json.encode(_BAND | {"steps": steps, "device": "Xiaomi/Amazfit Tracker"})


def xiaomi_181d(kg: float, at: datetime | None, person: bool = True) -> bytes:
    """Service data 181D of the Mi Smart Scale, stabilised, in kg; resolution 0.005 kg."""
    return pack("<BH", 0x22 if person else 0x62, round(kg * 200)) + _clock(at)


def gatt_weight(kg: float, at: datetime | None) -> bytes:
    """Weight Measurement 2A9D in kg; resolution 0.005 kg."""
    return pack("<BH", 0x02 * (at is not None), round(kg * 200)) + (b"" if at is None else _clock(at))


def gatt_blood_pressure(sys: float, dia: float, pulse: float | None, at: datetime | None, *, flags: int = 0) -> bytes:
    """Blood Pressure Measurement 2A35 in mmHg; ``flags`` are ``store.model.Flag`` remarks.

    Resolution 0.1 up to 204 mmHg and whole numbers above. The mean is left to the reader: NaN.
    """
    status = sum(1 << bit for flag, bit in _STATUS_BITS if flags & flag)
    present = 0x02 * (at is not None) | 0x04 * (pulse is not None) | 0x10 * (status > 0)
    parts = [pack("<B", present), _sfloat(sys), _sfloat(dia), pack("<H", 0x07FF)]
    parts += [_clock(at)] if at is not None else []
    parts += [_sfloat(pulse)] if pulse is not None else []
    parts += [pack("<H", status)] if status else []
    return b"".join(parts)


def gatt_glucose(mg_dl: float, at: datetime | None, sequence: int = 1) -> bytes:
    """Glucose Measurement 2A18 in kg/L, capillary whole blood from the finger; resolution 1 mg/dL."""
    concentration = pack("<H", 0xB000 | round(mg_dl) & 0x0FFF)  # exponent -5
    return pack("<BH", 0x02, sequence) + _clock(at) + concentration + b"\x11"


def phr_readings(rows: Sequence[Row]) -> bytes:
    """Our own JSON batch from (metric, value, unit, at[, seconds]) rows: ``docs/devices.md``."""
    return msgspec.json.encode({"readings": [_reading(row) for row in rows]})


def _reading(row: Row) -> dict[str, Any]:
    named = dict(zip(("metric", "value", "unit", "at", "seconds"), row, strict=False))
    return {name: value for name, value in named.items() if value is not None}


def _clock(at: datetime | None) -> bytes:
    if at is None:
        return bytes(7)  # year 0: the device does not know
    local = at.astimezone(JST)
    return pack("<H5B", local.year, local.month, local.day, local.hour, local.minute, local.second)


def _sfloat(value: float) -> bytes:
    tenths = round(value * 10)
    mantissa, exponent = (tenths, -1) if abs(tenths) < 0x7FE and tenths % 10 else (round(value), 0)
    return pack("<H", (exponent & 0xF) << 12 | mantissa & 0xFFF)
