"""A band that broadcasts its step counter, as an OpenMQTTGateway or Theengs gateway hears it (Mi Band, Amazfit).

The counter starts again at midnight or at a reset, so a number alone is no day's total: differences are taken later.
``act_bpm`` is the pulse of some activity, not of rest: it is not read.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

import msgspec

from devices.json_text import parse
from devices.model import Example, Model
from store.model import Sample


class _Band(msgspec.Struct):
    steps: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]


_DECODER = msgspec.json.Decoder(_Band)


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    return (Sample("steps_counter", float(parse(_DECODER, payload).steps)),)


MODEL = Model(
    id="pedometer_counter",
    vendor="Xiaomi, Amazfit",
    name="Mi Band and smart watches, step counter (OpenMQTTGateway / Theengs JSON)",
    metrics=("steps_counter",),
    decode=_decode,
    examples=(
        Example(
            b'{"brand":"Xiaomi/Amazfit","model_id":"MB/SW","type":"BODY","steps":3012,"act_bpm":88}',
            (Sample("steps_counter", 3012.0),),
        ),
        Example(b'{"steps":0}', (Sample("steps_counter", 0.0),), "just after midnight"),
        Example(b'{"model_id":"MB/SW","type":"BODY","act_bpm":88}', "not_this_format", "a pulse without steps"),
        Example(b'{"steps":-1}', "not_this_format"),
        Example(b"steps 3012", "not_json"),
    ),
    source="Theengs decoder: Miband (public decoder of OpenMQTTGateway)",
    repeats_seconds=120,
    counter_modulus=65536,  # the band broadcasts two bytes
    counter_daily=True,
)
