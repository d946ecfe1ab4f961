"""Any cuff with the Bluetooth Blood Pressure service: characteristic 2A35, Blood Pressure Measurement."""

from __future__ import annotations

from datetime import datetime, tzinfo

from devices.frames import Fields, frame
from devices.model import Example, Model
from devices.units import KPA_MMHG
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_KPA, _TIME, _PULSE, _USER, _STATUS = 0x01, 0x02, 0x04, 0x08, 0x10
_REMARKS = (
    (0x01, Flag.BODY_MOVED),
    (0x02, Flag.CUFF_LOOSE),
    (0x04, Flag.IRREGULAR_PULSE),
    (0x20, Flag.POSITION_IMPROPER),
)


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    fields = Fields(frame(payload))
    flags = fields.u8()
    systolic, diastolic = fields.sfloat(), fields.sfloat()
    fields.skip(2)  # mean arterial pressure: cuffs compute it in their own ways
    at, remarks = fields.clock(zone) if flags & _TIME else (None, 0)
    pulse = fields.sfloat() if flags & _PULSE else None
    fields.skip(1 if flags & _USER else 0)  # the cuff's slot: a button that anyone may press
    remarks |= _remarks(fields.u16() if flags & _STATUS else 0)
    fields.end()
    factor = KPA_MMHG if flags & _KPA else 1.0
    said = (*_pair(systolic, diastolic, factor), ("pulse", pulse or None))  # a pulse of 0: none was found
    return tuple(Sample(metric, round(value, 2), at, 0, remarks) for metric, value in said if value is not None)


def _pair(systolic: float | None, diastolic: float | None, factor: float) -> tuple[tuple[str, float], ...]:
    if not systolic or not diastolic:
        raise NotUnderstood("measurement_unsuccessful", "the cuff gave no number (0, NaN or not at this resolution)")
    if systolic <= diastolic:
        raise NotUnderstood("pressure_impossible", "the systolic pressure must be above the diastolic")
    return ("bp_sys", systolic * factor), ("bp_dia", diastolic * factor)


def _remarks(status: int) -> int:
    return sum(flag for bit, flag in _REMARKS if status & bit)


_AT = datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST)
_CLOCK = b"ea070b01070a1e"


def _said(metric: str, value: float, remarks: int = 0) -> Sample:
    return Sample(metric, value, _AT, flags=Flag.ZONE_ASSUMED | remarks)


MODEL = Model(
    id="gatt_blood_pressure_2a35",
    vendor="Bluetooth SIG",
    name="Blood Pressure Measurement 2A35 (service 1810)",
    metrics=("bp_sys", "bp_dia", "pulse"),
    decode=_decode,
    examples=(
        Example(
            b"06780050005d00" + _CLOCK + b"4800",
            (_said("bp_sys", 120.0), _said("bp_dia", 80.0), _said("pulse", 72.0)),
        ),
        Example(b"00780050005d00", (Sample("bp_sys", 120.0), Sample("bp_dia", 80.0)), "no clock, no pulse"),
        Example(
            b"1e780050005d00" + _CLOCK + b"4800" + b"01" + b"2700",
            tuple(
                _said(metric, value, 4 + 8 + 16 + 64)
                for metric, value in (("bp_sys", 120.0), ("bp_dia", 80.0), ("pulse", 72.0))
            ),
            "moved, cuff loose, irregular pulse, wrong position",
        ),
        Example(b"01a0f06bf07cf0", (Sample("bp_sys", 120.01), Sample("bp_dia", 80.26)), "16.0 / 10.7 kPa"),
        Example(
            b"0678005000ff07" + _CLOCK + b"ff07",
            (_said("bp_sys", 120.0), _said("bp_dia", 80.0)),
            "no mean and no pulse could be found",
        ),
        Example(
            b"0478005000ff070000", (Sample("bp_sys", 120.0), Sample("bp_dia", 80.0)), "a pulse of 0: none was found"
        ),
        Example(b"00500078005d00", "pressure_impossible", "80 over 120"),
        Example(b"06ff07ff07ff07" + _CLOCK + b"ff07", "measurement_unsuccessful"),
        Example(b"0678005000", "wrong_length"),
    ),
    source="Bluetooth Blood Pressure Service, GATT Specification Supplement: Blood Pressure Measurement",
    # a cuff needs longer than this for one measurement; the guideline's pair, a minute apart, stays two
    repeats_seconds=30,
)
