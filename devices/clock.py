"""Clocks of devices and gateways: what a reading keeps of them, and how a clock known to be off is put right. Pure.

The rules stand in ``docs/devices.md``, "When was it measured?". Whether a time is plausible is judged when the message
has arrived (``ingest.placing``), the same for all formats.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from store.model import Flag, Sample

SMALLEST_DRIFT = timedelta(minutes=2)  # below, the clock is as right as a household's clocks are
LARGEST_DRIFT = timedelta(days=400)  # above, it is no drift but a clock that was never set

_MINUTE = timedelta(minutes=1)


def remark(at: datetime | None) -> int:
    """The flag of a device clock without a zone: read as Japanese time, or (None) showing no date at all."""
    return int(Flag.CLOCK_REPLACED if at is None else Flag.ZONE_ASSUMED)


def drift(device: datetime, gateway: datetime) -> timedelta | None:
    """By how much the device's clock is behind, from both clocks read at one moment; None when it is left as it is.

    Left are differences up to ``SMALLEST_DRIFT`` and above ``LARGEST_DRIFT``. Whole minutes: the same memory read out
    twice within minutes gives the same times, though the two clocks were not read at the same split second.
    """
    off = gateway - device
    return _MINUTE * round(off / _MINUTE) if SMALLEST_DRIFT < abs(off) <= LARGEST_DRIFT else None


def corrected(sample: Sample, by: timedelta) -> Sample:
    """The sample with its time put right by ``drift``; what the device showed stays as ``device_at``."""
    if sample.at is None:
        return sample
    try:
        at = sample.at + by
    except OverflowError:  # at the ends of the calendar: left as it is, and judged implausible on arrival
        return sample
    return replace(sample, at=at, flags=sample.flags | Flag.CLOCK_CORRECTED, device_at=sample.at)
