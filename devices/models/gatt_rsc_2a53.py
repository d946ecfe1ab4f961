"""A foot pod with the Bluetooth Running Speed and Cadence service: characteristic 2A53, RSC Measurement.

Nothing of it is kept. It tells speed and cadence of this moment: steps of a day can't be had from that without guessing
how long the cadence lasted, and steps are never invented. The format exists so that such a pod is told apart from a
broken one.
"""

from __future__ import annotations

from datetime import tzinfo

from devices.frames import Fields, frame
from devices.model import Example, Model
from store.model import NotUnderstood, Sample

_STRIDE, _DISTANCE = 0x01, 0x02
_RESERVED = 0xF8  # bit 2: running or walking


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    fields = Fields(frame(payload))
    flags = fields.u8()
    fields.skip(3)  # speed, 1/256 m/s; cadence, steps a minute
    fields.skip((2 if flags & _STRIDE else 0) + (4 if flags & _DISTANCE else 0))  # cm; 1/10 m
    fields.end()
    if flags & _RESERVED:
        raise NotUnderstood("not_this_format", "reserved flags are set: this is no RSC measurement")
    raise NotUnderstood(
        "nothing_is_kept", "speed, cadence and distance of a run are not kept: let the gateway forward a step counter"
    )


MODEL = Model(
    id="gatt_rsc_2a53",
    vendor="Bluetooth SIG",
    name="RSC Measurement 2A53 (service 1814): speed and cadence, of which nothing is kept",
    metrics=(),
    decode=_decode,
    examples=(
        Example(b"04000360", "nothing_is_kept", "running, 3 m/s, 96 steps a minute"),
        Example(b"0780025a6400d2040000", "nothing_is_kept", "with stride length and distance"),
        Example(b"0400", "wrong_length"),
        Example(b"f4000360", "not_this_format"),
    ),
    source="Bluetooth Running Speed and Cadence Service, GATT Specification Supplement: RSC Measurement",
)
