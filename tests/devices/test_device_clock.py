"""A device's clock: what a reading says of it, and a known drift put right."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.catalogue import decode
from devices.clock import LARGEST_DRIFT, SMALLEST_DRIFT, corrected, drift
from store.clock import JST
from store.model import Flag, NotUnderstood, Sample

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=JST)
SHOWN = datetime(2026, 11, 20, 7, 10, tzinfo=JST)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=JST))


def batch(**more: Any) -> tuple[Sample, ...]:
    readings = [{"metric": "weight", "value": 61.2, "unit": "kg", "at": SHOWN.isoformat()}]
    return decode("phr_readings", json.dumps({"readings": readings} | more).encode())


def clocks(off: timedelta) -> dict[str, str]:
    return {"device": (NOW - off).isoformat(), "gateway": NOW.isoformat()}


@pytest.mark.parametrize(
    ("off", "by"),
    [
        (timedelta(0), None),
        (timedelta(seconds=120), None),
        (timedelta(seconds=121), timedelta(minutes=2)),
        (timedelta(hours=-9), timedelta(hours=-9)),
        (timedelta(days=400), timedelta(days=400)),
        (timedelta(days=401), None),
        (timedelta(days=-20_000), None),
    ],
)
def test_a_drift_counts_between_two_minutes_and_400_days(off: timedelta, by: timedelta | None) -> None:
    assert drift(NOW - off, NOW) == by
    [sample] = batch(clock=clocks(off))
    if by is None:
        assert (sample.at, sample.flags, sample.device_at) == (SHOWN, 0, None)
    else:
        assert (sample.at, sample.flags, sample.device_at) == (SHOWN + by, Flag.CLOCK_CORRECTED, SHOWN)
    assert sample.gateway_at == NOW


@given(moments, moments)
def test_a_clock_put_right_shows_what_the_gateway_shows(device: datetime, gateway: datetime) -> None:
    by = drift(device, gateway)
    off = abs(gateway - device)
    assert (by is None) == (off <= SMALLEST_DRIFT or off > LARGEST_DRIFT)
    if by is not None:
        shown = corrected(Sample("weight", 61.2, device), by)
        assert shown.at is not None and abs(shown.at - gateway) <= timedelta(seconds=30)
        assert shown.device_at == device


@given(moments, st.timedeltas(timedelta(minutes=3), timedelta(days=300)), st.integers(0, 59))
def test_a_memory_read_out_again_a_minute_later_has_the_same_times(
    device: datetime, off: timedelta, seconds: int
) -> None:
    device, off = device.replace(microsecond=0), timedelta(minutes=off // timedelta(minutes=1))
    later = timedelta(seconds=seconds)
    assert drift(device, device + off) == drift(device + later, device + off + later + timedelta(seconds=2))


def test_the_gateways_own_time_stands_beside_the_devices() -> None:
    [sample] = batch(gateway_at="2026-11-21T00:00:05Z")
    assert (sample.at, sample.flags) == (SHOWN, 0)
    assert sample.gateway_at == datetime(2026, 11, 21, 0, 0, 5, tzinfo=UTC)
    [sample] = batch(gateway_at="2026-11-21T09:00:05+09:00", clock=clocks(timedelta(days=1)))
    assert sample.gateway_at == NOW + timedelta(seconds=5)


def test_a_time_keeps_the_offset_in_which_it_was_said() -> None:
    hanoi = SHOWN.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+07:00").tzinfo)
    reading = {"metric": "weight", "value": 61.2, "unit": "kg", "at": hanoi.isoformat()}
    [sample] = batch(readings=[reading], clock=clocks(timedelta(days=1)))
    for at in (sample.at, sample.device_at):
        assert at is not None and at.utcoffset() == timedelta(hours=7)


def test_the_sound_readings_of_a_bad_batch_are_put_right_too() -> None:
    good = {"metric": "weight", "value": 61.2, "unit": "kg", "at": SHOWN.isoformat()}
    with pytest.raises(NotUnderstood) as caught:
        batch(readings=[good, good | {"at": NOW.isoformat(), "unit": "stone"}], clock=clocks(timedelta(days=1)))
    [sample] = caught.value.understood
    assert (sample.at, sample.device_at) == (SHOWN + timedelta(days=1), SHOWN)


@pytest.mark.parametrize("clock", [{"device": NOW.isoformat()}, clocks(timedelta(0)) | {"gateway": "09:00"}, 7])
def test_a_batch_whose_clocks_cannot_be_read_is_refused_whole(clock: object) -> None:
    with pytest.raises(NotUnderstood, match="not_this_format"):
        batch(clock=clock)


def test_a_reading_without_a_time_has_nothing_to_put_right() -> None:
    [sample] = batch(readings=[{"metric": "weight", "value": 61.2, "unit": "kg"}], clock=clocks(timedelta(days=1)))
    assert (sample.at, sample.flags, sample.device_at, sample.gateway_at) == (None, 0, None, NOW)


@pytest.mark.parametrize("year", ["0000", "ffff"])
def test_a_clock_that_shows_no_date_is_told_from_no_clock(year: str) -> None:
    [unset] = decode("gatt_weight_2a9d", f"021437{year}0b01070a1e".encode())
    [without] = decode("gatt_weight_2a9d", b"001437")
    assert (unset.at, unset.flags) == (None, Flag.CLOCK_REPLACED)
    assert (without.at, without.flags) == (None, 0)


def test_a_correction_at_the_end_of_the_calendar_leaves_the_time() -> None:
    last = Sample("weight", 61.2, datetime(9998, 12, 31, tzinfo=JST))
    assert corrected(last, timedelta(days=400)) == last
