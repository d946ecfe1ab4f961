"""Any meter with the Bluetooth Glucose service: characteristic 2A18, Glucose Measurement, with its 2A34 context.

Of the context the meal is kept as a remark (before, after, fasting, bedtime): a blood sugar means something else before
breakfast and after it. Carbohydrates, exercise and medicine are not kept. The sequence number is the meter's own count
and no identity; the time is. A context counts only beside the measurement of its number, and one that can't be read
does no harm to that.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import msgspec
from msgspec.structs import replace

from devices.clock import remark
from devices.frames import Fields, date_time, frame, sfloat, unhexed
from devices.json_text import parse
from devices.model import Example, Model
from devices.units import HOME_UNITS
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

_OFFSET, _CONCENTRATION, _MOLES, _STATUS, _RESERVED = 0x01, 0x02, 0x04, 0x08, 0xE0
_NO_OFFSET = (0x7FFF, -0x8000)  # overrun and underrun
_CONTROL_TYPE, _CONTROL_PLACE = 10, 4  # low and high half of the type-location byte
_TIME_FAULT, _SENSOR_FAULT = 0x0800, 0x079E  # bits 1-4 and 7-10: meter, strip, sample or temperature at fault
_INFINITE = (0x07FE, 0x0802)  # the meter shows HI or LO
_CONTEXT_PARTS = ((0x01, 3), (0x02, 1), (0x04, 1), (0x08, 3), (0x10, 3), (0x40, 2), (0x80, 1))  # flag, bytes


_MEALS = {1: Flag.BEFORE_MEAL, 2: Flag.AFTER_MEAL, 3: Flag.FASTING, 5: Flag.BEDTIME}  # 4: casual, which says nothing
_CARBOHYDRATES, _MEAL, _EXTENDED = 0x01, 0x02, 0x80


class _Envelope(msgspec.Struct):
    measurement: str = ""
    context: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    data, context = _frames(payload)
    fields = Fields(data)
    flags = fields.u8()
    number = fields.u16()
    base = fields.clock(zone)[0]
    minutes = fields.s16() if flags & _OFFSET else 0
    value = _mg_dl(fields, flags)
    status = fields.u16() if flags & _STATUS else 0
    fields.end()
    if status & _SENSOR_FAULT:
        raise NotUnderstood("sensor_fault", "the meter doubts its own number: strip, sample, temperature or sensor")
    sample = _sample(value, base, minutes, sure=not status & _TIME_FAULT)
    return (replace(sample, flags=sample.flags | _meal(context, number)),)


def _meal(context: str, number: int) -> int:
    """The meal of a 2A34 frame in hexadecimal, if it is the context of the measurement with this sequence number."""
    try:
        fields = Fields(unhexed(context))
        flags = fields.u8()
        if fields.u16() != number or not flags & _MEAL:
            return 0
        fields.skip(bool(flags & _EXTENDED) + 3 * bool(flags & _CARBOHYDRATES))
        return _MEALS.get(fields.u8(), 0)
    except NotUnderstood:
        return 0


def _frames(payload: bytes) -> tuple[bytes, str]:
    """The 2A18 frame, and the 2A34 frame in hexadecimal or "". Raises NotUnderstood ``context_alone`` for a 2A34 frame
    without its measurement.
    """
    context = ""
    if payload.lstrip().startswith(b"{") and (b'"measurement"' in payload or b'"context"' in payload):
        said = parse(_ENVELOPE, payload)
        data = unhexed(said.measurement) if said.measurement else unhexed(said.context)
        alone, context = not said.measurement, said.context
    else:
        data = frame(payload)
        alone = _is_context(data)
    if alone:
        raise NotUnderstood(
            "context_alone", 'a context (2A34) without its measurement: send {"measurement": "…", "context": "…"}'
        )
    if data and data[0] & _RESERVED:
        raise NotUnderstood("not_this_format", "reserved flags are set: this is no glucose measurement")
    return data, context


def _is_context(data: bytes) -> bool:
    """Whether a bare frame is a context: as long as its flags say, and no measurement by length or date."""
    if not data or len(data) != 3 + sum(length for bit, length in _CONTEXT_PARTS if data[0] & bit):
        return False
    measurement = 10 + 2 * (data[0] & _OFFSET) + 3 * bool(data[0] & _CONCENTRATION) + 2 * bool(data[0] & _STATUS)
    return len(data) != measurement or date_time(data[3:10], JST) is None


def _mg_dl(fields: Fields, flags: int) -> float:
    if not flags & _CONCENTRATION:
        raise NotUnderstood("measurement_unsuccessful", "the meter gave no concentration")
    raw, where = fields.u16(), fields.u8()
    if where & 0x0F == _CONTROL_TYPE or where >> 4 == _CONTROL_PLACE:
        raise NotUnderstood("control_solution", "a test of the meter with control fluid, nobody's blood")
    value = sfloat(raw)
    if value is None:
        reason = "beyond_the_meter" if raw in _INFINITE else "measurement_unsuccessful"
        raise NotUnderstood(reason, "the meter gave no number")
    return value * 1000 * HOME_UNITS["glucose"]["mmol/L"][0] if flags & _MOLES else value * 100_000


def _sample(mg_dl: float, base: datetime | None, minutes: int, *, sure: bool) -> Sample:
    """``base`` plus ``minutes`` is what the meter's display shows; ``sure``: the meter trusts its clock."""
    shown = None if base is None else base + timedelta(minutes=0 if minutes in _NO_OFFSET else minutes)
    if shown is None or not sure or minutes in _NO_OFFSET:
        return Sample("glucose", round(mg_dl, 1), flags=Flag.CLOCK_REPLACED, device_at=shown)
    return Sample("glucose", round(mg_dl, 1), shown, flags=remark(shown))


_AT = datetime(2026, 11, 1, 7, 10, 30, tzinfo=JST)
_CLOCK = b"ea070b01070a1e"
_90 = Sample("glucose", 90.0, _AT, flags=Flag.ZONE_ASSUMED)
_UNSURE = Sample("glucose", 90.0, flags=Flag.CLOCK_REPLACED, device_at=_AT)

MODEL = Model(
    id="gatt_glucose_2a18",
    vendor="Bluetooth SIG",
    name="Glucose Measurement 2A18 with context 2A34 (service 1808)",
    metrics=("glucose",),
    decode=_decode,
    examples=(
        Example(b"020100" + _CLOCK + b"5ab011", (_90,), "kg/L, capillary blood from the finger"),
        Example(
            b"070200ea070b01050a1e7800" + b"05d011",
            (Sample("glucose", 90.1, _AT, flags=Flag.ZONE_ASSUMED),),
            "mol/L; two hours after the base time, that the owner has since put right",
        ),
        Example(
            b'{"measurement":"120300' + _CLOCK + b'5ab011","context":"02030003"}',
            (replace(_90, flags=_90.flags | Flag.FASTING),),
            "measured fasting",
        ),
        Example(
            b'{"measurement":"120300' + _CLOCK + b'5ab011","context":"8303000001640002"}',
            (replace(_90, flags=_90.flags | Flag.AFTER_MEAL),),
            "after a meal, with carbohydrates, which are not kept",
        ),
        Example(
            b'{"measurement":"120300' + _CLOCK + b'5ab011","context":"02040003"}',
            (_90,),
            "the context is another measurement's",
        ),
        Example(b'{"measurement":"120300' + _CLOCK + b'5ab011","context":"0203"}', (_90,), "a context cut short"),
        Example(b"0a0400" + _CLOCK + b"5ab0110008", (_UNSURE,), "the meter says that its clock is at fault"),
        Example(b"030400" + _CLOCK + b"ff7f5ab011", (_UNSURE,), "an offset that no longer fits"),
        Example(
            b"020500000000000000005ab011",
            (Sample("glucose", 90.0, flags=Flag.CLOCK_REPLACED),),
            "a clock that was never set",
        ),
        Example(b"020600" + _CLOCK + b"5ab01a", "control_solution"),
        Example(b"0a0700" + _CLOCK + b"5ab0110400", "sensor_fault", "too little blood on the strip"),
        Example(b"020800" + _CLOCK + b"fe0711", "beyond_the_meter", "the meter shows HI"),
        Example(b"020900" + _CLOCK + b"ff0711", "measurement_unsuccessful"),
        Example(b"02030003", "context_alone", "fasting; of which measurement?"),
        Example(b'{"context":"02030003"}', "context_alone"),
        Example(b"020100" + _CLOCK + b"5ab0", "wrong_length"),
    ),
    source="Bluetooth Glucose Service, GATT Specification Supplement: Glucose Measurement, Glucose Measurement Context",
    repeats_seconds=30,
)
