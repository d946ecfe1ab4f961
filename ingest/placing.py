"""When was it measured, and whose is it? Pure: from a sample, its arrival and the device's registrations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from store.model import Flag, Member, Registration, Sample

CLOCK_AHEAD = timedelta(minutes=10)  # a device's clock may run ahead of arrival by this much
OLDEST = timedelta(days=400)  # older is a broken clock: a year of a device's memory, and some weeks to bring it

_AHEAD = -CLOCK_AHEAD
_ARRIVAL, _REPLACED = int(Flag.ARRIVAL_TIME), int(Flag.CLOCK_REPLACED)  # plain numbers: asked for every sample
_DAY = timedelta(days=1)
_NONE: tuple[Member, ...] = ()


def placed_in_time(sample: Sample, arrival: datetime) -> tuple[datetime, int]:
    """The time to store and how it came about.

    The device's own time when it is plausible (``CLOCK_AHEAD``, ``OLDEST``); else the moment of arrival, which
    for an interval is its end. A battery change throws a device's clock back by years; the bounds are ours. A sample
    without a time whose device has a clock (never set: year 0) says so itself, by ``CLOCK_REPLACED``.
    """
    at = sample.at
    if at is not None and _AHEAD <= arrival - at <= OLDEST:
        return at, 0
    length = timedelta(seconds=0 if sample.metric == "steps_day" else sample.seconds)
    if at is None:
        return arrival - length, 0 if sample.flags & _REPLACED else _ARRIVAL
    return arrival - length, _REPLACED


def moment_of(sample: Sample, at: datetime, arrival: datetime) -> datetime:
    """The moment at which ownership is asked: the end of what was measured, at the latest its arrival.

    Of an interval the end counts: the hour in which a pedometer was registered is its new owner's.
    """
    length = _DAY if sample.metric == "steps_day" else timedelta(seconds=sample.seconds)
    return min(at + length, arrival)


def registration_at(known: Sequence[Registration], moment: datetime, arrival: datetime) -> Registration | None:
    """The registration in force then; a device clock slightly behind may point to just before it began."""
    for asked in (moment, min(moment + CLOCK_AHEAD, arrival)):
        for registration in known:
            if registration.holds(asked):
                return registration
    return None


def owner(registration: Registration, members: Mapping[int, tuple[Member, ...]], moment: datetime) -> int | None:
    """The person, or None when a household's device can't tell which of its members it was: never guessed."""
    if registration.person_id is not None or registration.household_id is None:
        return registration.person_id
    present = _present(members.get(registration.household_id, _NONE), moment)
    return present[0] if len(present) == 1 else None


def _present(members: Iterable[Member], moment: datetime) -> list[int]:
    return [m.person_id for m in members if m.valid_from <= moment and (m.valid_to is None or moment < m.valid_to)]


def offset_minutes(at: datetime) -> int:
    """The offset in which the device said the time; a moment of ours (UTC) counts as Japanese time."""
    offset = at.utcoffset()
    return 540 if at.tzinfo is UTC or offset is None else round(offset.total_seconds() / 60)
