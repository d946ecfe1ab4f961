"""Xiaomi scales as an OpenMQTTGateway or Theengs gateway hears them: decoded JSON, without a time.

The gateway's own clock (``UTCtime``, ``unixtime``), where it is sent at all, is not read: it differs in every
repetition of one weighing and would make each a new one.
"""

from __future__ import annotations

from datetime import tzinfo

import msgspec

from devices.json_text import Number, parse
from devices.model import Example, Model
from devices.units import LB_KG
from devices.weighing import weighing
from store.model import NotUnderstood, Sample

_KG = {"kg": 1.0, "lb": LB_KG, "lbs": LB_KG}  # `lbs`: decoders before 2022


class _Weighing(msgspec.Struct):
    weighing_mode: str
    unit: str
    weight: Number
    impedance: Number | None = None


_DECODER = msgspec.json.Decoder(_Weighing)


def _decode(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
    said = parse(_DECODER, payload)
    if said.weighing_mode == "object":
        raise NotUnderstood("object_not_person", "the scale says that it weighed a thing")
    if said.weighing_mode != "person":
        raise NotUnderstood("mode_unknown", 'expected weighing_mode "person" or "object"')
    if said.unit not in _KG:
        raise NotUnderstood("unit_unknown", 'expected unit "kg" or "lb"')
    return weighing(said.weight * _KG[said.unit], impedance=said.impedance)


_MI = b'"brand":"Xiaomi","model":"Mi Smart Scale","model_id":"XMTZC01HM/XMTZC04HM","type":"SCALE"'
_MI_BODY = b'"brand":"Xiaomi","model":"Mi Body Composition Scale","model_id":"XMTZC02HM/XMTZC05HM","type":"SCALE"'

MODEL = Model(
    id="theengs_scale",
    vendor="Xiaomi",
    name="Mi Smart Scale, Mi Body Composition Scale (OpenMQTTGateway / Theengs JSON)",
    metrics=("weight", "impedance"),
    decode=_decode,
    examples=(
        Example(
            b"{" + _MI + b',"weighing_mode":"person","unit":"kg","weight":61.75}',
            (Sample("weight", 61.75),),
        ),
        Example(
            b"{" + _MI_BODY + b',"weighing_mode":"person","unit":"kg","weight":61.75,"impedance":503}',
            (Sample("weight", 61.75), Sample("impedance", 503.0)),
        ),
        Example(
            b"{" + _MI_BODY + b',"weighing_mode":"person","unit":"kg","weight":61.75,"impedance":65533}',
            (Sample("weight", 61.75),),
            "socks on: no contact, the weight stays",
        ),
        Example(
            b"{" + _MI + b',"weighing_mode":"person","unit":"lb","weight":136.1}',
            (Sample("weight", 61.734),),
        ),
        Example(
            b"{" + _MI + b',"weighing_mode":"object","unit":"kg","weight":4.2}',
            "object_not_person",
            "a suitcase or a cat",
        ),
        Example(b"{" + _MI + b',"weighing_mode":"person","unit":"kg","weight":0}', "nothing_on_scale", "stepped off"),
        Example(b'{"brand":"Xiaomi","model_id":"MB/SW","type":"BODY","steps":3012}', "not_this_format", "a band"),
    ),
    source="Theengs decoder: XMTZC04HM, XMTZC05HM (public decoder of OpenMQTTGateway)",
    repeats_seconds=120,
)
