"""Steps of one day from several devices: never summed twice, never dropped."""

import csv
import random
from collections.abc import Mapping
from pathlib import Path

import pytest
import walkers
from hypothesis import given
from hypothesis import strategies as st
from walkers import HOUR, START

from ingest.counters import DAY, GAP, Device, grown
from ingest.steps import Count, Merged, merge
from store.model import Flag

BAND, PHONE, CLIP = 1, 2, 3
DAILY, WIDE = Device(modulus=65536, daily=True), Device(modulus=65536)


def walked(source: int, hour: float, hours: float, steps: float) -> Count:
    return Count(source, "steps", START + hour * HOUR, round(hours * HOUR), steps)


def said(source: int, steps: float) -> Count:
    return Count(source, "steps_day", START, 86_400, steps)


def in_order(*sources: int) -> dict[int, Device]:
    return {source: Device(rank) for rank, source in enumerate(sources)}


def total(*counts: Count, devices: Mapping[int, Device] | None = None) -> float | None:
    merged = merge(counts, {}, START, devices or {})
    return None if merged is None else merged.total


def counted(*shown: tuple[float, float], device: Device = Device(), day: int = 0) -> list[tuple[float, float]]:  # noqa: B008
    """(end in hours, steps) of each growth."""
    pairs = [(START + hour * HOUR, value) for hour, value in shown]
    return [(round((one.end - START) / HOUR, 6), one.steps) for one in grown(BAND, pairs, START + day * DAY, device)]


# One counter


def test_a_counter_that_begins_again_at_midnight_gives_the_new_day_what_it_shows() -> None:
    shown = [(22, 6000.0), (31, 300.0), (34, 7000.0)]
    assert counted(*shown, device=DAILY) == [(22, 6000)]
    assert counted(*shown, device=DAILY, day=1) == [(31, 300), (34, 6700)]


def test_a_late_riser_with_more_steps_than_yesterday_has_them_all_today() -> None:
    assert counted((20, 1500), (35, 3000), device=DAILY, day=1) == [(35, 3000)]


def test_a_counter_that_has_not_begun_again_yet_just_after_midnight_counts_on() -> None:
    shown = [(23.9, 8000.0), (24.05, 8002.0), (24.2, 5.0)]
    assert counted(*shown, device=DAILY, day=1) == [(24.05, pytest.approx(2 / 3)), (24.2, 5)]


def test_a_counter_of_two_bytes_that_wraps_counts_on() -> None:
    assert counted((9, 65_000), (10, 464), device=WIDE) == [(10, 1000)]
    assert counted((9, 65_000), (10, 464)) == [(10, 464)]  # nobody said that this one wraps


def test_an_empty_battery_is_no_wrap() -> None:
    assert counted((9, 12_000), (10, 400), device=WIDE) == [(10, 400)]


def test_a_counter_sent_again_after_a_re_sync_walks_no_step() -> None:
    again = [(12 + n / 3600, value) for n, value in enumerate((4000.0, 4600.0, 5000.0), 1)]
    shown = [(9, 4000.0), (10, 4600.0), (12, 5000.0), *again, (13, 5200.0)]
    assert sum(steps for _, steps in counted(*shown)) == 1200


def test_a_nought_for_a_moment_walks_no_step() -> None:
    assert sum(steps for _, steps in counted((9, 8000), (9.1, 0), (9.2, 8010))) == 10


def test_a_counter_that_stays_at_nought_began_anew() -> None:
    shown = [(6, 0.0), (9, 3000.0), (10, 0.0), (11, 0.0), (12, 4000.0)]
    assert sum(steps for _, steps in counted(*shown)) == 7000


def test_a_growth_that_began_anew_says_so() -> None:
    shown = [(START + 9 * HOUR, 5000.0), (START + 10 * HOUR, 700.0)]
    assert [one.flags for one in grown(BAND, shown, START, Device())] == [Flag.RESTORED]


def test_over_more_than_two_days_a_growth_can_not_be_told_to_a_day() -> None:
    assert counted((9, 1000), (9 + 48, 9000), day=1) == [(48, 4000)]
    assert counted((9, 1000), (9.01 + 48, 9000), day=1) == []


def test_a_late_reading_between_two_others_changes_no_sum() -> None:
    shown = [(8, 100.0), (9, 900.0), (11, 2500.0), (15, 2600.0)]
    for late in shown[1:-1]:
        rest = [one for one in shown if one != late]
        assert sum(steps for _, steps in counted(*rest)) == sum(steps for _, steps in counted(*shown))


# Several devices


def test_one_device_that_sends_hours_after_quarters_is_counted_once() -> None:
    quarters = [walked(BAND, 9 + n / 4, 0.25, 100) for n in range(3)]
    assert total(*quarters, walked(BAND, 9, 1, 300)) == 300
    assert total(*quarters, walked(BAND, 9, 1, 420)) == 420


def test_two_devices_worn_together_are_counted_once_and_the_rest_is_filled() -> None:
    counts = [walked(BAND, 9, 1, 1000), walked(PHONE, 9, 1, 990), walked(PHONE, 11, 1, 500)]
    assert total(*counts, devices=in_order(BAND)) == 1500
    assert total(*counts) == 1490


def test_the_persons_own_order_decides_where_two_devices_counted() -> None:
    counts = [walked(BAND, 9, 1, 1000), walked(PHONE, 9, 1, 1300), walked(CLIP, 9, 1, 700)]
    assert [total(*counts, devices=in_order(first)) for first in (BAND, PHONE, CLIP)] == [1000, 1300, 700]
    assert total(*counts) == 1300


def test_a_device_that_lies_on_the_table_takes_no_time_from_another() -> None:
    assert total(walked(BAND, 9, 3, 0), walked(PHONE, 9, 1, 800), devices=in_order(BAND, PHONE)) == 800


def test_a_longer_count_around_a_better_one_adds_what_exceeds_it_in_its_free_time() -> None:
    merged = merge([walked(BAND, 9, 1, 1000), walked(PHONE, 9, 2, 1400)], {}, START, in_order(BAND, PHONE))
    assert merged is not None and merged.total == 1400
    assert [(one.source_id, (one.start - START) / HOUR, one.steps) for one in merged.segments] == [
        (BAND, 9, 1000),
        (PHONE, 10, 400),
    ]


def test_a_count_that_is_half_covered_by_a_long_one_adds_half_at_most() -> None:
    assert total(walked(BAND, 9, 2, 200), walked(PHONE, 10.5, 1, 900), devices=in_order(BAND, PHONE)) == 650


def test_a_day_total_is_the_day_when_its_device_comes_first() -> None:
    counts = [said(BAND, 5000), walked(PHONE, 9, 1, 6000)]
    assert total(*counts, devices=in_order(BAND)) == 5000


def test_another_day_total_counts_where_it_exceeds_all_that_was_counted() -> None:
    counts = [walked(BAND, 9, 1, 4000), walked(PHONE, 15, 1, 1000)]
    assert total(*counts, said(CLIP, 4800)) == 5000
    assert total(*counts, said(CLIP, 5600)) == 5600
    assert total(said(CLIP, 7000), said(PHONE, 5600)) == 7000


def test_of_several_totals_of_one_device_the_highest_is_its_day() -> None:
    later = said(BAND, 7000)._replace(at=START + 9 * HOUR)
    assert total(said(BAND, 5000), later) == 7000


def test_midnight_splits_an_interval_by_time() -> None:
    late = walked(BAND, 23, 3, 900)
    assert total(late) == 300
    assert merge([late], {}, START + DAY, {}) == Merged(600, 1, ((START + DAY, START + DAY + 2 * HOUR, 1, 600, 0),))


def test_nothing_known_is_no_figure_and_nought_known_is_nought() -> None:
    assert total() is None
    assert merge([], {BAND: [(START + HOUR, 5000.0)]}, START, {}) is None
    assert total(walked(BAND, 9, 1, 0)) == 0


# Walkers whose truth is known


def test_merged_days_of_invented_walkers_are_what_they_walked() -> None:
    days = 0
    for seed in range(250):
        draw = random.Random(seed)
        minutes, worn = walkers.truth(draw), walkers.devices(draw)
        for one in worn:
            walkers.report(one, minutes, draw)
        for day in range(walkers.DAYS):
            merged, right = walkers.merged(worn, day), walkers.oracle(minutes, worn, day)
            # after a re-sync a counter's growth begins seconds late: a thousandth of the day at most
            assert (merged.total if merged else 0) == pytest.approx(right, rel=1e-3), (seed, day)
            days += right > 0
    assert days > 500


def fitbit(shared: Path) -> list[float]:
    with (shared / "data" / "fitbit_2016" / "daily_steps.csv").open() as file:
        return [float(row["steps"]) for row in csv.DictReader(file)]


@pytest.mark.interop
def test_real_days_are_the_same_however_their_steps_are_told(shared: Path) -> None:
    real = fitbit(shared)
    assert len(real) > 1300
    for number, steps in enumerate(real):
        draw = random.Random(number)
        cuts = sorted({0, *(draw.randrange(1440) for _ in range(30)), 1440})
        shares = [draw.random() for _ in cuts[1:]]
        parts = [steps * share // sum(shares) for share in shares]
        parts[0] += steps - sum(parts)
        spans = list(zip(cuts, cuts[1:], parts, strict=False))
        intervals = [Count(BAND, "steps", START + a * 60, (b - a) * 60, part) for a, b, part in spans]
        counter, value = [(START, 0.0)], 0.0
        for _, end, part in spans:
            value += part
            counter.append((START + end * 60 - 1, value))
        handed_on = [one._replace(source_id=PHONE) for one in intervals[len(intervals) // 2 :]]
        assert total(said(BAND, steps)) == steps
        assert total(*intervals) == steps
        assert total(*intervals, said(PHONE, steps)) == steps
        assert total(*intervals, *handed_on) == steps
        assert total(*intervals[: len(intervals) // 2], *handed_on) == steps
        told = merge([], {BAND: counter}, START, {})
        assert told is not None and told.total == pytest.approx(steps)


# What holds whatever is told

hours = st.integers(-4, 100).map(lambda quarters: quarters / 4)
an_interval = st.builds(
    walked, st.integers(1, 3), hours, st.sampled_from([0, 0.25, 0.5, 1, 3, 24]), st.integers(0, 3000)
)
a_total = st.builds(said, st.integers(1, 3), st.integers(0, 9000))
told = st.lists(st.one_of(an_interval, an_interval, an_interval, a_total), max_size=14)
orders = st.permutations([1, 2, 3]).flatmap(lambda order: st.sampled_from([in_order(*order[:n]) for n in range(4)]))
a_counter = st.lists(
    st.tuples(st.integers(-47, 71), st.sampled_from([0, 5, 300, 301, 900, 5000, 64_000, 65_500])),
    max_size=12,
    unique_by=lambda one: one[0],
).map(lambda shown: [(START + hour * HOUR, float(value)) for hour, value in sorted(shown)])


@given(told, orders, st.randoms())
def test_neither_order_nor_repetition_matters(
    counts: list[Count], order: dict[int, Device], shuffle: random.Random
) -> None:
    mixed = [*counts, *shuffle.sample(counts, len(counts) // 2)]
    shuffle.shuffle(mixed)
    once, again = merge(counts, {}, START, order), merge(mixed, {}, START, order)
    assert (once and (once.total, once.segments)) == (again and (again.total, again.segments))


@given(told, a_counter, orders)
def test_segments_lie_in_the_day_apart_from_each_other_and_add_up(
    counts: list[Count], shown: list[tuple[float, float]], order: dict[int, Device]
) -> None:
    merged = merge(counts, {1: shown}, START, order)
    if merged is None:
        return
    timed = [one for one in merged.segments if one.end - one.start < DAY]
    assert all(START <= one.start <= one.end <= START + DAY and one.steps > 0 for one in merged.segments)
    assert all(one.end <= after.start for one, after in zip(timed, timed[1:], strict=False))  # noqa: RUF007
    assert merged.total == pytest.approx(sum(one.steps for one in merged.segments))


@given(told, orders)
def test_a_device_of_the_lowest_rank_never_lowers_the_day(counts: list[Count], order: dict[int, Device]) -> None:
    ranked = {source: Device(rank) for rank, source in enumerate([*order, *({1, 2, 3} - set(order))])}
    lowest = max(ranked, key=lambda source: ranked[source].rank or 0)
    without = total(*(one for one in counts if one.source_id != lowest), devices=ranked)
    assert (total(*counts, devices=ranked) or 0) >= (without or 0) - 1e-6


@given(told)
def test_without_an_order_no_device_alone_says_more_than_all(counts: list[Count]) -> None:
    each = [total(*(one for one in counts if one.source_id == source)) or 0 for source in (1, 2, 3)]
    assert max(each) - 1e-6 <= (total(*counts) or 0) <= sum(each) + 1e-6


@given(a_counter, st.sampled_from([Device(), DAILY, WIDE]))
def test_a_day_needs_only_the_readings_near_it(shown: list[tuple[float, float]], device: Device) -> None:
    near = [one for one in shown if START - GAP <= one[0] <= START + DAY + GAP]
    assert grown(1, shown, START, device) == grown(1, near, START, device)
    assert all(one.steps >= 0 for one in grown(1, shown, START, device))


@given(a_counter, st.sampled_from([Device(), WIDE]))
def test_two_days_share_the_growth_between_them(shown: list[tuple[float, float]], device: Device) -> None:
    """What the evening gives the morning, the morning has from the evening: by the same steps a second."""
    before = [one for one in grown(1, shown, START, device) if one.end == START + DAY]
    after = [one for one in grown(1, shown, START + DAY, device) if one.start == START + DAY]
    crossing = any(one[0] == START + DAY for one in shown)
    if before and after and not crossing:
        pace = [one.steps / (one.end - one.start) for one in (*before, *after)]
        assert pace[0] == pytest.approx(pace[1])
