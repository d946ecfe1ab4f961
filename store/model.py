"""Frozen rows that all floors share. Pure: no database, no network.

What comes by the million (Sample, Reading) is a msgspec Struct: made in a fifth of a frozen dataclass's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

from msgspec import Struct


class Flag(IntFlag):
    """Remarks on a reading's quality, added up in one column. A flag never deletes a value."""

    ARRIVAL_TIME = 1  # the device gave no time: `at` is the moment of arrival
    CLOCK_REPLACED = 2  # the device's clock was impossible: `at` is the moment of arrival
    BODY_MOVED = 4  # GATT 2A35 status bit 0
    CUFF_LOOSE = 8  # GATT 2A35 status bit 1
    IRREGULAR_PULSE = 16  # GATT 2A35 status bit 2
    ESTIMATE = 32  # computed by the device from something else (body fat from impedance)
    POSITION_IMPROPER = 64  # GATT 2A35 status bit 5: arm or wrist not at heart level
    ZONE_ASSUMED = 128  # the device's clock names no zone: it was read as Japanese time
    CLOCK_CORRECTED = (
        256  # the device's clock was off by a known amount: `at` is put right, device_at is what it showed
    )
    JUMP = 512  # no body changes that fast: kept, but not part of a day's figure until a neighbour confirms it
    RESTORED = 1024  # counted from a counter that began anew (reset, wrap): see ingest/steps.py
    BEFORE_MEAL = 2048  # GATT 2A34 meal 1; this and the next three as the owner told the meter
    AFTER_MEAL = 4096  # GATT 2A34 meal 2
    FASTING = 8192  # GATT 2A34 meal 3
    BEDTIME = 16384  # GATT 2A34 meal 5


class Sample(Struct, frozen=True, gc=False):
    """One number as a device said it, in the metric's canonical unit (``store.metrics``).

    ``at`` is aware, or None when the device gave no time. For an interval (steps, sleep) ``at`` is its
    start and ``seconds`` its length; an instant has ``seconds == 0``. Samples of one measurement (systolic,
    diastolic, pulse) share ``at`` and come from one message, and are stored or refused together.

    ``at`` keeps the UTC offset in which the device said it. ``device_at`` is what the device's clock showed where
    ``at`` is not that; ``gateway_at`` the gateway's clock, where the message tells it.
    """

    metric: str
    value: float
    at: datetime | None = None
    seconds: int = 0
    flags: int = 0
    device_at: datetime | None = None
    gateway_at: datetime | None = None


class NotUnderstood(Exception):
    """A payload that is refused, with a machine-readable reason and a sentence for people.

    ``reason`` is a slug (``too_short``, ``object_not_person``); ``detail`` says what to do or what was
    expected and never repeats a health value. ``understood`` holds the samples of the same message that
    are sound all the same (a bundle with one bad reading): store them, and keep the message as a rejection.
    """

    def __init__(self, reason: str, detail: str = "", understood: tuple[Sample, ...] = ()) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.understood = understood


class Reading(Struct, frozen=True, gc=False):
    """One stored number of one person: the row of ``health.readings``."""

    person_id: int
    metric: str
    at: datetime
    source_id: int
    value: float
    seconds: int
    flags: int
    received_at: datetime
    utc_offset: int = 540  # minutes


class Unclaimed(Struct, frozen=True, gc=False):
    """One number of one household: the row of ``health.unclaimed``, in the metric's canonical unit."""

    household_id: int
    metric: str
    at: datetime
    source_id: int
    value: float
    seconds: int
    flags: int
    received_at: datetime
    utc_offset: int = 540  # minutes


@dataclass(frozen=True, slots=True)
class Rejection:
    """What could not be understood, kept whole: the row of ``health.rejections``."""

    origin: str  # the MQTT topic or the file's name
    reason: str
    detail: str
    raw: bytes
    received_at: datetime
    gateway_id: str | None = None
    device: str | None = None  # last level of the topic
    person_id: int | None = None  # who posted it
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """Which device of which gateway speaks for whom: the row of ``health.registrations`` with its source's label.

    Exactly one of ``person_id`` and ``household_id`` is set. ``valid_to`` is exclusive; None is open.
    """

    registration_id: int
    gateway_id: str
    device: str
    model: str
    person_id: int | None
    household_id: int | None
    source_id: int
    valid_from: datetime
    valid_to: datetime | None
    label: str = ""

    def holds(self, moment: datetime) -> bool:
        """Whether it is in force at this moment."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


@dataclass(frozen=True, slots=True)
class Member:
    """One person's time in a household."""

    household_id: int
    person_id: int
    valid_from: datetime
    valid_to: datetime | None
