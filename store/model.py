"""Frozen rows that all floors share. Pure: no database, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag


class Flag(IntFlag):
    """Remarks on a reading's quality, added up in one column. A flag never deletes a value."""

    ARRIVAL_TIME = 1  # the device gave no time: `at` is the moment of arrival
    CLOCK_REPLACED = 2  # the device's clock was impossible: `at` is the moment of arrival
    BODY_MOVED = 4  # GATT 2A35 status bit 0
    CUFF_LOOSE = 8  # GATT 2A35 status bit 1
    IRREGULAR_PULSE = 16  # GATT 2A35 status bit 2
    ESTIMATE = 32  # computed by the device from something else (body fat from impedance)
    POSITION_IMPROPER = 64  # GATT 2A35 status bit 5: arm or wrist not at heart level


@dataclass(frozen=True, slots=True)
class Sample:
    """One number as a device said it, in the metric's canonical unit (``store.metrics``).

    ``at`` is aware, or None when the device gave no time. For an interval (steps, sleep) ``at`` is its
    start and ``seconds`` its length; an instant has ``seconds == 0``. Samples of one measurement (systolic,
    diastolic, pulse) share ``at`` and come from one message, and are stored or refused together.
    """

    metric: str
    value: float
    at: datetime | None = None
    seconds: int = 0
    flags: int = 0


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


@dataclass(frozen=True, slots=True)
class Reading:
    """One stored number of one person: the row of ``health.readings``."""

    person_id: int
    metric: str
    at: datetime
    source_id: int
    value: float
    seconds: int
    flags: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """One number of one household: the row of ``health.unclaimed``, in the metric's canonical unit."""

    household_id: int
    metric: str
    at: datetime
    source_id: int
    value: float
    seconds: int
    flags: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Rejection:
    """What could not be understood, kept whole: the row of ``health.rejections``."""

    origin: str  # the MQTT topic or the file's name
    reason: str
    detail: str
    raw: bytes
    received_at: datetime
    gateway_id: str | None = None


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
