"""The fields of the form in which a 保健師 types in what a citizen wrote down."""

from __future__ import annotations

from dataclasses import dataclass

from store.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Field:
    """One number of the form, in its metric's unit; ``low`` to ``high`` is what can be kept."""

    name: str
    what: str
    unit: str
    low: float
    high: float
    step: str


def _field(metric: str, what: str) -> Field:
    known = METRICS[metric]
    return Field(metric, what, known.unit_ja, known.low, known.high, "0.1" if known.digits else "1")


FIELDS = (
    _field("bp_sys", "血圧(上)"),
    _field("bp_dia", "血圧(下)"),
    _field("pulse", "脈拍"),
    _field("weight", "体重"),
    _field("temperature", "体温"),
    _field("steps_day", "1日の歩数"),
)
