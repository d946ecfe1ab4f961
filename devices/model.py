"""The shape of one device or gateway format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from store.model import Sample

Decode = Callable[[bytes, tzinfo], tuple[Sample, ...]]


@dataclass(frozen=True, slots=True)
class Example:
    """A payload seen in the wild or built from the standard, and what it must give.

    ``says`` holds the samples, or the reason slug of the refusal.
    """

    payload: bytes
    says: tuple[Sample, ...] | str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One format: how its bytes become samples.

    ``decode(payload, zone)`` is pure: it gives at least one sample in canonical units or raises
    ``store.model.NotUnderstood``; nothing else. ``zone`` is the zone to read the device's own clock in,
    which carries none. ``repeats_seconds`` is how long the same value without a time of its own counts as
    the same measurement (scales broadcast one weighing many times); 0 when the format carries times.
    ``counter_modulus`` is where the device's step counter begins again at 0 because its field is full (65536 for two
    bytes); 0 when it does not; ``counter_daily`` whether it begins again at midnight. A format that names no metric
    reads a device of which nothing is kept, and says so.
    """

    id: str
    vendor: str
    name: str
    metrics: tuple[str, ...]
    decode: Decode
    examples: tuple[Example, ...]
    source: str  # standard and table, or the public decoder that documents the format
    repeats_seconds: int = 0
    counter_modulus: int = 0
    counter_daily: bool = False
