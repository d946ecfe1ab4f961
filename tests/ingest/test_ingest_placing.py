"""When was it measured? The rules of `docs/devices.md`, one by one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.placing import CLOCK_AHEAD, OLDEST, offset_minutes, placed_in_time
from store.clock import JST
from store.model import Flag, Sample

ARRIVAL = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
HANOI = timezone(timedelta(hours=7))


def said(at: datetime | None, *, seconds: int = 0, flags: int = 0, metric: str = "steps") -> Sample:
    return Sample(metric, 300.0, at, seconds, flags)


@pytest.mark.parametrize(
    "late", [-CLOCK_AHEAD, timedelta(0), timedelta(days=42), OLDEST], ids=["ahead", "now", "42 days", "oldest"]
)
def test_a_plausible_time_is_taken_as_it_is(late: timedelta) -> None:
    assert placed_in_time(said(ARRIVAL - late), ARRIVAL) == (ARRIVAL - late, 0)


@pytest.mark.parametrize(
    "shown",
    [
        ARRIVAL + CLOCK_AHEAD + timedelta(seconds=1),
        ARRIVAL - OLDEST - timedelta(seconds=1),
        datetime(1970, 1, 19, 16, 12, 8, tzinfo=JST),
        datetime(1582, 1, 1, tzinfo=JST),
        datetime(9998, 12, 31, tzinfo=JST),
    ],
)
def test_an_impossible_time_gives_way_to_the_arrival(shown: datetime) -> None:
    assert placed_in_time(said(shown), ARRIVAL) == (ARRIVAL, Flag.CLOCK_REPLACED)


def test_no_time_at_all_is_the_arrival() -> None:
    assert placed_in_time(said(None), ARRIVAL) == (ARRIVAL, Flag.ARRIVAL_TIME)


def test_a_clock_never_set_is_told_from_no_clock() -> None:
    assert placed_in_time(said(None, flags=Flag.CLOCK_REPLACED), ARRIVAL) == (ARRIVAL, 0)


@given(st.integers(1, 86_400))
def test_an_interval_without_a_good_time_ends_at_its_arrival(seconds: int) -> None:
    began = ARRIVAL - timedelta(seconds=seconds)
    assert placed_in_time(said(datetime(1970, 1, 1, tzinfo=UTC), seconds=seconds), ARRIVAL)[0] == began
    assert placed_in_time(said(None, seconds=seconds), ARRIVAL)[0] == began


def test_a_days_total_without_a_good_time_is_the_day_of_its_arrival() -> None:
    total = said(datetime(1970, 1, 1, tzinfo=UTC), seconds=86_400, metric="steps_day")
    assert placed_in_time(total, ARRIVAL) == (ARRIVAL, Flag.CLOCK_REPLACED)


def test_a_time_from_abroad_keeps_its_offset() -> None:
    at, _ = placed_in_time(said(ARRIVAL.astimezone(HANOI)), ARRIVAL)
    assert (at, offset_minutes(at)) == (ARRIVAL, 420)


def test_a_moment_without_a_zone_counts_as_japanese_time() -> None:
    assert offset_minutes(ARRIVAL) == offset_minutes(ARRIVAL.astimezone(JST)) == 540
