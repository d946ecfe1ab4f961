"""One weighing as samples: what all scales share."""

from __future__ import annotations

from datetime import datetime

from store.metrics import METRICS
from store.model import NotUnderstood, Sample

_IMPEDANCE = METRICS["impedance"]


def weighing(
    kg: float, at: datetime | None = None, impedance: float | None = None, *, flags: int = 0
) -> tuple[Sample, ...]:
    """Weight and, when the electrodes had contact, impedance (ohm). Raises NotUnderstood ``nothing_on_scale``.

    Scales send 0 after stepping off, and numbers such as 0, 3000 or 65533 as impedance through socks: that is "not
    measured", and must not cost the weight beside it.
    """
    if kg <= 0:
        raise NotUnderstood("nothing_on_scale", "a weight of zero: sent after stepping off")
    weight = Sample("weight", round(kg, 3), at, flags=flags)
    if impedance is None or not has_contact(impedance):
        return (weight,)
    return (weight, Sample("impedance", float(impedance), at, flags=flags))


def has_contact(ohm: float) -> bool:
    """Whether bare feet were on the electrodes: the rest are the scale's ways to say "not measured"."""
    return _IMPEDANCE.low <= ohm <= _IMPEDANCE.high
