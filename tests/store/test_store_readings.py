from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise, product

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg.rows import class_row

from store import due, readings
from store.copied import COLUMNS
from store.model import Flag, Reading
from store.repeats import first_heard

NOON = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)  # 12:00 in Japan
DAY = date(2026, 11, 1)


def a_reading(value: float = 61.7, *, metric: str = "weight", at: datetime = NOON, **more: int) -> Reading:
    more = {"person_id": 1, "source_id": 1, "seconds": 0, "flags": 0} | more
    return Reading(metric=metric, at=at, value=value, received_at=at, **more)


def timeless(seconds_after: float, value: float = 61.7) -> Reading:
    return a_reading(value, at=NOON + timedelta(seconds=seconds_after), flags=int(Flag.ARRIVAL_TIME))


def stored(conn: psycopg.Connection, metric: str = "weight") -> list[tuple[datetime, float]]:
    rows = readings.between(conn, 1, [metric], NOON - timedelta(days=99), NOON + timedelta(days=99))
    return [(row.at, row.value) for row in rows]


def test_a_redelivered_reading_is_stored_once(conn: psycopg.Connection) -> None:
    assert readings.add(conn, [a_reading(), a_reading()]) == [(1, DAY)]
    assert readings.add(conn, [a_reading(99.0)]) == []
    assert stored(conn) == [(NOON, 61.7)]


def test_what_was_stored_comes_back_whole(conn: psycopg.Connection) -> None:
    batch = [a_reading(flags=int(Flag.ESTIMATE), seconds=60), a_reading(20.5, metric="body_fat", source_id=7)]
    readings.add(conn, batch)
    found = readings.between(conn, 1, ["weight", "body_fat"], NOON, NOON + timedelta(seconds=1))
    assert sorted(found, key=lambda row: row.metric, reverse=True) == batch


def test_only_new_rows_make_a_day_due(conn: psycopg.Connection) -> None:
    readings.add(conn, [a_reading()])
    late = a_reading(at=NOON - timedelta(days=42))
    assert readings.add(conn, [a_reading(), late]) == [(1, date(2026, 9, 20))]


def test_the_day_changes_at_midnight_in_japan(conn: psycopg.Connection) -> None:
    before, after = datetime(2026, 11, 1, 14, 59, 59, tzinfo=UTC), datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
    assert readings.add(conn, [a_reading(at=before), a_reading(at=after)]) == [(1, DAY), (1, date(2026, 11, 2))]


def test_an_interval_makes_every_day_it_touches_due(conn: psycopg.Connection) -> None:
    start = datetime(2026, 11, 1, 14, 30, tzinfo=UTC)  # 23:30
    assert readings.add(conn, [a_reading(50, metric="steps", at=start, seconds=1800)]) == [(1, DAY)]
    across = a_reading(50, metric="steps", at=start + timedelta(seconds=1), seconds=1800)
    assert readings.add(conn, [across]) == [(1, DAY), (1, date(2026, 11, 2))]


def test_a_step_interval_reported_again_keeps_the_higher_count_in_any_order(conn: psycopg.Connection) -> None:
    for source, values in enumerate([(10, 30, 20), (30, 20, 10), (20, 10, 30)], start=1):
        for value in values:
            readings.add(conn, [a_reading(value, metric="steps_day", source_id=source)])
    readings.add(conn, [a_reading(value, metric="steps_day", source_id=4) for value in (10, 30, 20)])
    assert [value for _, value in stored(conn, "steps_day")] == [30, 30, 30, 30]


def test_the_last_value_is_the_newest_in_time_not_in_arrival(conn: psycopg.Connection) -> None:
    readings.add(conn, [a_reading(60.0), a_reading(62.0, at=NOON + timedelta(hours=1))])
    readings.add(conn, [a_reading(61.0, at=NOON + timedelta(minutes=30))])
    assert conn.execute("select at, value from health.last_values").fetchall() == [(NOON + timedelta(hours=1), 62.0)]


def test_one_weighing_heard_many_times_is_one_reading(conn: psycopg.Connection) -> None:
    readings.add(conn, [timeless(0), timeless(2)], windows={1: 30})
    readings.add(conn, [timeless(4), timeless(5, value=61.8)], windows={1: 30})
    assert stored(conn) == [(NOON, 61.7), (NOON + timedelta(seconds=5), 61.8)]


def test_the_same_weight_after_the_window_is_another_weighing(conn: psycopg.Connection) -> None:
    readings.add(conn, [timeless(0)], windows={1: 30})
    readings.add(conn, [timeless(31)], windows={1: 30})
    assert len(stored(conn)) == 2


def test_a_reading_with_its_own_time_is_never_taken_for_a_repeat(conn: psycopg.Connection) -> None:
    readings.add(conn, [a_reading(), a_reading(at=NOON + timedelta(seconds=1))], windows={1: 30})
    assert len(stored(conn)) == 2


def test_a_reading_goes_into_the_callers_transaction_alone(database: str, conn: psycopg.Connection) -> None:
    with psycopg.connect(database) as other:
        readings.add(other, [a_reading()])
        other.rollback()
    assert stored(conn) == []


@settings(max_examples=25, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 200), min_size=1, max_size=12).map(sorted),
    cuts=st.sets(st.integers(1, 11), max_size=4),
)
def test_repeats_do_not_depend_on_how_the_stream_is_cut(server: str, seconds: list[int], cuts: set[int]) -> None:
    heard = [timeless(second + number / 1000) for number, second in enumerate(seconds)]
    borders = [0, *sorted(cuts), len(heard)]
    with psycopg.connect(server.format(database="phr_template")) as whole:
        expected = first_heard(whole, heard, {1: 30}, table="readings", owner="person_id")
        for start, stop in pairwise(borders):
            readings.add(whole, heard[start:stop], windows={1: 30})
        assert [at for at, _ in stored(whole)] == [row.at for row in expected]
        whole.rollback()


def a_pressure(seconds_after: int, sys: float, dia: float) -> list[Reading]:
    at, flags = NOON + timedelta(seconds=seconds_after), int(Flag.ARRIVAL_TIME)
    return [a_reading(v, metric=m, at=at, flags=flags) for m, v in (("bp_sys", sys), ("bp_dia", dia))]


def test_a_second_pressure_that_shares_one_number_with_the_first_stays_whole(conn: psycopg.Connection) -> None:
    for second, dia in ((0, 80), (20, 78), (40, 78)):
        readings.add(conn, a_pressure(second, 120, dia), windows={1: 30})
    assert [value for _, value in stored(conn, "bp_sys")] == [120, 120]
    assert [value for _, value in stored(conn, "bp_dia")] == [80, 78]


def test_a_repeat_that_brings_one_more_number_adds_that_number(conn: psycopg.Connection) -> None:
    later = NOON + timedelta(seconds=3)
    impedance = a_reading(503, metric="impedance", at=later, flags=int(Flag.ARRIVAL_TIME))
    readings.add(conn, [timeless(0)], windows={1: 30})
    readings.add(conn, [timeless(3), impedance], windows={1: 30})
    readings.add(
        conn, [replace(row, at=NOON + timedelta(seconds=6)) for row in (timeless(3), impedance)], windows={1: 30}
    )
    assert (stored(conn), stored(conn, "impedance")) == ([(NOON, 61.7)], [(later, 503)])


def test_another_value_for_the_same_moment_is_told_and_the_first_stays(conn: psycopg.Connection) -> None:
    first, second = a_reading(120, metric="bp_sys"), a_reading(118, metric="bp_sys")
    batch = [first, second, a_reading(5, metric="steps"), a_reading(9, metric="steps")]
    readings.add(conn, batch)
    assert readings.contradicted(conn, batch) == [second]
    readings.add(conn, [first])
    assert readings.contradicted(conn, [first]) == []
    assert stored(conn, "bp_sys") == [(NOON, 120)]


def test_of_two_intervals_with_one_count_the_shorter_stands_in_any_order(conn: psycopg.Connection) -> None:
    evening = NOON + timedelta(hours=11, minutes=30)
    quarter, whole = (a_reading(400, metric="steps", at=evening, seconds=seconds) for seconds in (900, 5400))
    for batch in ([quarter, whole], [whole, quarter]):
        conn.execute("delete from health.readings")
        for one in batch:
            changed = readings.add(conn, [one])
        assert [row.seconds for row in readings.between(conn, 1, ["steps"], evening, evening + timedelta(1))] == [900]
    assert changed == [(1, DAY), (1, DAY + timedelta(days=1))]  # the day that it no longer touches has changed too


def test_one_reading_that_is_known_already_keeps_no_other_from_being_stored(conn: psycopg.Connection) -> None:
    known, tomorrow = a_reading(), NOON + timedelta(days=1)
    assert readings.write(conn, [known]) == readings.Written({DAY: [1]}, new=True)
    batch = [known, a_reading(62.0, at=tomorrow), a_reading(20.5, metric="body_fat")]
    assert readings.write(conn, batch) == readings.Written({DAY: [1], date(2026, 11, 2): [1]}, new=False)
    assert stored(conn) == [(NOON, 61.7), (tomorrow, 62.0)]
    assert readings.write(conn, batch) == readings.Written({}, new=False)


@settings(max_examples=40, deadline=None)
@given(
    batches=st.lists(
        st.lists(
            st.builds(
                a_reading,
                st.sampled_from([60.0, 61.0, 62.0]),
                metric=st.sampled_from(["weight", "steps"]),
                at=st.sampled_from([NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=11, minutes=50)]),
                seconds=st.sampled_from([0, 900]),
                person_id=st.integers(1, 2),
            ),
            max_size=6,
        ),
        max_size=6,
    )
)
def test_straight_or_merged_the_same_is_stored(server: str, batches: list[list[Reading]]) -> None:
    def came_to(few: int) -> list[object]:
        seen: list[object] = []
        with psycopg.connect(server.format(database="phr_template")) as conn, pytest.MonkeyPatch.context() as patch:
            patch.setattr(readings, "_FEW", few)
            for batch in batches:
                seen.append(readings.write(conn, batch).days)
            for table in ("readings", "last_values"):
                seen.append(conn.execute(f"select * from health.{table} order by 1, 2, 3").fetchall())
            seen.append(due.take(conn, "days"))
            conn.rollback()
        return seen

    straight, merged = came_to(0), came_to(99)
    assert straight == merged
    assert merged[-1] == sorted({pair for days in merged[: len(batches)] for pair in days})


def test_every_column_arrives_as_it_was(conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    tokyo, new_york = timezone(timedelta(hours=9)), timezone(timedelta(hours=-5))
    ats = [NOON, NOON.astimezone(tokyo), datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=new_york)]
    batch = [
        Reading(n + few, metric, at, 2**40 + n, 0.1 + n, n, 2**10 + n, NOON + timedelta(microseconds=n), -300 + n)
        for few in (0, 100)
        for n, (at, metric) in enumerate(product(ats, ["weight", "tg_fasting"]))
    ]
    for few in (0, 100):
        monkeypatch.setattr(readings, "_FEW", few)
        readings.add(conn, [row for row in batch if few <= row.person_id < few + 100])
    with conn.cursor(row_factory=class_row(Reading)) as cursor:
        kept = cursor.execute(f"select {COLUMNS} from health.readings order by person_id").fetchall()
    assert kept == batch


def test_a_batch_that_does_not_fit_leaves_the_callers_transaction_to_the_caller(conn: psycopg.Connection) -> None:
    with conn.transaction():
        readings.add(conn, [a_reading()])
        readings.add(conn, [a_reading(), a_reading(62.0, at=NOON + timedelta(hours=1))])
        assert len(stored(conn)) == 2
    with pytest.raises(psycopg.DataError), conn.transaction():
        readings.add(conn, [a_reading(at=NOON + timedelta(hours=2)), a_reading(metric="no\0word")])
    assert len(stored(conn)) == 2


def test_a_batch_of_a_whole_town_leaves_no_mark_longer_than_a_worker_can_hold(conn: psycopg.Connection) -> None:
    town = [a_reading(person_id=person) for person in range(1, 1001)]
    readings.add(conn, town[:1])  # known: so the batch is merged
    assert len(readings.add(conn, town)) == 999
    marks = conn.execute("select cardinality(people) from health.due order by 1 desc").fetchall()
    assert marks[0] <= (due.A_ROW,) and sum(number for (number,) in marks) == 1000
    with conn.transaction():
        taken = due.take(conn, "days", 100)
        assert 100 <= len(taken) <= due.A_ROW
