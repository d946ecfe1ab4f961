"""What no body can have weighed is marked, kept, and left out of the day's figure."""

import random
from datetime import date, timedelta

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from ingest import days as figures
from ingest.jumps import BOUNDS, DAY, Point, jumps
from store import days, readings
from store.clock import day_start
from store.model import Flag, Reading

FIRST = date(2026, 10, 1)
WEIGHT = BOUNDS["weight"]


def marked(*weights: tuple[float, float]) -> list[float]:
    """(day, kg) pairs in; the weights that are jumps."""
    series = [Point(day * DAY, 1, value) for day, value in weights]
    return sorted(one.value for one in jumps(sorted(series), WEIGHT))


def test_a_suitcase_on_a_heavy_persons_own_scale_is_a_jump() -> None:
    assert marked((0, 100), (1, 100.4), (2, 99.8), (2.4, 15), (3, 100.1)) == [15]
    assert marked((0, 100), (1, 100.4), (2, 15), (2.4, 100), (3, 16)) == [15, 16]


def test_the_latest_reading_is_a_jump_until_another_day_confirms_it() -> None:
    assert marked((0, 80), (1, 80.2), (2, 70)) == [70]
    assert marked((0, 80), (1, 80.2), (2, 70), (2.01, 70.1)) == [70, 70.1]
    assert marked((0, 80), (1, 80.2), (2, 70), (3, 70.3)) == []


def test_of_two_that_contradict_each_other_the_first_stands_until_a_third_decides() -> None:
    assert marked((0, 15), (1, 100)) == [100]
    assert marked((0, 15), (1, 100), (2, 100.3)) == [15]


def test_one_reading_alone_and_one_after_weeks_are_no_jumps() -> None:
    assert marked((0, 61)) == []
    assert marked((0, 61), (1, 61.2), (20, 52)) == []


def test_clothes_a_dialysis_and_a_slow_loss_are_no_jumps() -> None:
    assert marked(*((n, 60 + (n % 2) * 3.5) for n in range(20))) == []
    assert marked(*((n, 90 - 0.3 * n) for n in range(60))) == []


def test_many_readings_of_a_scale_gone_mad_are_judged_quickly_and_stay_stored() -> None:
    draw = random.Random(7)
    series = [Point(n, 1, draw.uniform(2, 400)) for n in range(20_000)]
    assert jumps(series, WEIGHT)


series = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([15.0, 58.0, 60.0, 61.0, 66.0, 68.0, 100.0])),
    max_size=30,
    unique_by=lambda one: one[0],
).map(lambda pairs: [Point(tenth * 8_640.0, 1, value) for tenth, value in sorted(pairs)])


@given(series, st.integers(0, 400))
def test_what_is_far_away_in_time_changes_no_judgement(points: list[Point], tenth: int) -> None:
    now = tenth * 8_640.0  # whole seconds: a boundary is met exactly
    near = [one for one in points if abs(one.at - now) <= 28 * DAY]
    judged = {one for one in points if abs(one.at - now) <= 14 * DAY}
    assert jumps(points, WEIGHT) & judged == jumps(near, WEIGHT) & judged


@given(series)
def test_nothing_that_most_readings_agree_with_is_a_jump(points: list[Point]) -> None:
    for one in jumps(points, WEIGHT):
        near = [other.value for other in points if other != one and abs(other.at - one.at) <= 14 * DAY]
        assert sum(abs(other - one.value) <= 4 for other in near) < len(near) / 2


def weighed(day: int, value: float, hour: float = 7) -> Reading:
    at = day_start(FIRST + timedelta(days=day)) + timedelta(hours=hour)
    return Reading(1, "weight", at, 1, value, 0, 0, at)


def shown(conn: psycopg.Connection) -> dict[int, float]:
    rows = days.between(conn, 1, ["weight"], FIRST, FIRST + timedelta(days=60))
    return {(row.day - FIRST).days: row.mean for row in rows}


def flagged(conn: psycopg.Connection) -> list[float]:
    rows = conn.execute("select value from health.readings where flags & %s <> 0 order by value", (int(Flag.JUMP),))
    return [value for (value,) in rows]


def store(conn: psycopg.Connection, *batch: Reading) -> None:
    figures.recompute(conn, readings.add(conn, batch))


def test_a_jump_is_kept_marked_and_in_no_figure(conn: psycopg.Connection) -> None:
    store(conn, weighed(0, 100), weighed(1, 100.6), weighed(2, 15), weighed(2, 100.2, hour=21))
    assert shown(conn) == {0: 100, 1: 100.6, 2: 100.2}
    store(conn, weighed(3, 16))
    assert shown(conn) == {0: 100, 1: 100.6, 2: 100.2}
    assert flagged(conn) == [15, 16]


def test_the_days_of_a_real_change_come_back_with_its_second_reading(conn: psycopg.Connection) -> None:
    store(conn, weighed(0, 80), weighed(1, 80.2), weighed(2, 70))
    assert (shown(conn), flagged(conn)) == ({0: 80, 1: 80.2}, [70])
    store(conn, weighed(3, 70.4))
    assert (shown(conn), flagged(conn)) == ({0: 80, 1: 80.2, 2: 70, 3: 70.4}, [])


def test_a_late_reading_and_one_that_leaves_judge_their_neighbours_anew(conn: psycopg.Connection) -> None:
    store(conn, weighed(5, 15), weighed(6, 100))
    assert (shown(conn), flagged(conn)) == ({5: 15}, [100])
    store(conn, weighed(0, 100.3))
    assert (shown(conn), flagged(conn)) == ({0: 100.3, 6: 100}, [15])
    conn.execute("delete from health.readings where value = 100.3")
    figures.recompute(conn, [(1, FIRST)])
    assert (shown(conn), flagged(conn)) == ({5: 15}, [100])


def test_body_fat_has_a_bound_of_its_own(conn: psycopg.Connection) -> None:
    points = [Point(n * DAY, 1, value) for n, value in enumerate((28.0, 29.5, 41.0, 30.0))]
    assert {one.value for one in jumps(points, BOUNDS["body_fat"])} == {41.0}
