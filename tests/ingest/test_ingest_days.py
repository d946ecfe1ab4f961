from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg_pool import ConnectionPool

from ingest import days as figures
from store import days, due, readings
from store.clock import day_start
from store.days import DayRow
from store.metrics import METRICS
from store.model import Reading

DAY = date(2026, 11, 1)
NEXT = DAY + timedelta(days=1)


def a(metric: str, value: float, hour: float, *, seconds: int = 0, source: int = 1) -> Reading:
    at = day_start(DAY) + timedelta(hours=hour)
    return Reading(1, metric, at, source, value, seconds, 0, at)


def day_rows(conn: psycopg.Connection, batch: Sequence[Reading]) -> list[DayRow]:
    figures.recompute(conn, readings.add(conn, batch))
    return days.between(conn, 1, list(METRICS), DAY - timedelta(days=60), NEXT)


def steps(conn: psycopg.Connection, batch: Sequence[Reading]) -> dict[date, float | None]:
    return {row.day: row.total for row in day_rows(conn, batch) if row.metric == "steps"}


def test_a_measured_day_has_count_mean_lowest_highest_and_last(conn: psycopg.Connection) -> None:
    batch = [a("weight", 62, 7), a("weight", 61, 21), a("weight", 63, 12), a("weight", 60, 24)]
    assert day_rows(conn, batch) == [
        DayRow(DAY, "weight", 3, None, 62, 61, 63, 61),
        DayRow(NEXT, "weight", 1, None, 60, 60, 60, 60),
    ]


def test_checkup_and_unsummed_metrics_have_no_day(conn: psycopg.Connection) -> None:
    assert day_rows(conn, [a("ldl", 120, 9), a("office_bp_sys", 150, 9), a("impedance", 500, 9)]) == []


def test_interval_steps_add_up_and_midnight_splits_by_time(conn: psycopg.Connection) -> None:
    batch = [a("steps", 400, 8, seconds=3600), a("steps", 100, 9), a("steps", 900, 23.5, seconds=5400)]
    assert steps(conn, batch) == {DAY: 800, NEXT: 600}


def test_a_counter_gives_what_it_grew_by(conn: psycopg.Connection) -> None:
    assert steps(conn, [a("steps_counter", 1000, 7), a("steps_counter", 1500, 12)]) == {DAY: 500}


def test_a_counter_that_falls_was_reset_and_all_of_it_is_new(conn: psycopg.Connection) -> None:
    batch = [a("steps_counter", value, hour) for value, hour in ((1000, 7), (1500, 12), (200, 13), (300, 14))]
    assert steps(conn, batch) == {DAY: 800}


def test_the_first_counter_of_a_day_goes_on_from_the_day_before_and_is_split_by_time(conn: psycopg.Connection) -> None:
    batch = [a("steps_counter", 1000, 7), a("steps_counter", 1500, 22), a("steps_counter", 1700, 32)]
    assert steps(conn, batch) == {DAY: 540, NEXT: 160}


def test_a_counter_reset_at_midnight_starts_anew(conn: psycopg.Connection) -> None:
    batch = [a("steps_counter", 1000, 7), a("steps_counter", 1500, 22), a("steps_counter", 300, 31)]
    assert steps(conn, batch) == {DAY: 500, NEXT: 300}


def test_a_counter_alone_tells_nothing(conn: psycopg.Connection) -> None:
    assert steps(conn, [a("steps_counter", 9000, 7)]) == {}
    three_days_later = [a("steps_counter", 40_000, 7 + 72)]
    assert steps(conn, three_days_later) == {}


def test_a_late_counter_corrects_the_next_day_too(conn: psycopg.Connection) -> None:
    assert steps(conn, [a("steps_counter", 1000, 8), a("steps_counter", 1600, 32)]) == {DAY: 400, NEXT: 200}
    assert steps(conn, [a("steps_counter", 1500, 22)]) == {DAY: 520, NEXT: 80}


def test_a_late_counter_corrects_the_days_before_and_after_a_day_without_any(conn: psycopg.Connection) -> None:
    assert steps(conn, [a("steps_counter", 1000, -12)]) == {}
    assert steps(conn, [a("steps_counter", 5800, 36)]) == {DAY - timedelta(days=1): 1200, DAY: 2400, NEXT: 1200}
    conn.execute("delete from health.readings where value = 5800")
    figures.recompute(conn, [(1, NEXT)])
    assert days.between(conn, 1, ["steps"], DAY - timedelta(days=60), NEXT) == []


def test_the_last_day_total_counts(conn: psycopg.Connection) -> None:
    assert steps(conn, [a("steps_day", 5000, 12), a("steps_day", 7000, 22), a("steps_day", 9, 1)]) == {DAY: 7000}


def test_two_sources_are_never_added_up(conn: psycopg.Connection) -> None:
    batch = [
        a("steps", 4000, 8, seconds=3600, source=1),
        a("steps", 500, 10, seconds=3600, source=1),
        a("steps_day", 5200, 0, source=2),
        a("steps_counter", 0, 6, source=3),
        a("steps_counter", 4800, 20, source=3),
    ]
    assert steps(conn, batch) == {DAY: 5200}


def test_a_night_belongs_to_the_day_of_waking_and_naps_add_up(conn: psycopg.Connection) -> None:
    night = a("sleep", 420, -1, seconds=7 * 3600)
    rows = day_rows(conn, [night, a("sleep", 30, 13, seconds=1800), a("sleep", 300, 0, seconds=300 * 60, source=2)])
    assert rows == [DayRow(DAY, "sleep", 3, 450, 450, 450, 450, 450)]


def test_a_reading_42_days_late_gets_the_day_it_was_measured(conn: psycopg.Connection) -> None:
    late = a("weight", 61, 7 - 42 * 24)
    assert [row.day for row in day_rows(conn, [a("weight", 60, 7), late])] == [date(2026, 9, 20), DAY]


def test_a_day_whose_readings_are_gone_loses_its_rows(conn: psycopg.Connection) -> None:
    day_rows(conn, [a("weight", 61, 7), a("steps_day", 5000, 7)])
    conn.execute("delete from health.readings where metric = 'weight'")
    figures.recompute(conn, [(1, DAY)])
    assert [row.metric for row in days.between(conn, 1, list(METRICS), DAY, DAY)] == ["steps"]


def test_unchanged_figures_are_not_written_again(conn: psycopg.Connection) -> None:
    day_rows(conn, [a("weight", 61, 7)])
    before = conn.execute("select ctid, updated_at from health.days").fetchall()
    figures.recompute(conn, [(1, DAY), (1, DAY), (2, DAY)])
    assert conn.execute("select ctid, updated_at from health.days").fetchall() == before


ARRIVALS = [
    a("weight", 61.1, 7),
    a("weight", 60.7, 12),
    a("bp_sys", 131, 7),
    a("steps", 333, 8, seconds=3600),
    a("steps", 777, 23.7, seconds=3600),
    a("steps", 90, 9, seconds=100, source=2),
    a("steps_counter", 100, 1, source=3),
    a("steps_counter", 900, 9, source=3),
    a("steps_counter", 50, 10, source=3),
    a("steps_counter", 450, 25, source=3),
    a("steps_day", 800, 0, source=4),
    a("steps_day", 950, 0, source=4),
    a("sleep", 400, -1, seconds=24_000),
]


@settings(max_examples=30, deadline=None)
@given(
    order=st.permutations(ARRIVALS),
    again=st.lists(st.sampled_from(ARRIVALS), max_size=6),
    cuts=st.sets(st.integers(1, 18), max_size=4),
)
def test_figures_do_not_depend_on_order_repetition_or_batches(
    server: str, order: list[Reading], again: list[Reading], cuts: set[int]
) -> None:
    with psycopg.connect(server.format(database="phr_template")) as conn:
        expected = day_rows(conn, ARRIVALS)
        conn.rollback()
        stream = [*order, *again]
        borders = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
        for start, stop in zip(borders, borders[1:], strict=False):  # noqa: RUF007
            found = day_rows(conn, stream[start:stop])
        assert found == expected
        conn.rollback()


def test_work_takes_the_marks_and_passes_the_people_on(db: ConnectionPool) -> None:
    with db.connection() as conn:
        readings.add(conn, [a("weight", 61, 7)])
    assert figures.work_once(db) == 1
    assert figures.work_once(db) == 0
    with db.connection() as conn:
        assert due.take(conn, "advice") == [(1, DAY)]
        assert len(days.between(conn, 1, ["weight"], DAY, DAY)) == 1


def test_the_civil_day_is_japanese_whatever_the_sessions_zone(conn: psycopg.Connection) -> None:
    conn.execute("set timezone = 'America/New_York'")
    at = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)  # 00:00 of 2 November in Japan, a day of 25 hours in New York
    assert [row.day for row in day_rows(conn, [Reading(1, "weight", at, 1, 60, 0, 0, at)])] == [NEXT]
