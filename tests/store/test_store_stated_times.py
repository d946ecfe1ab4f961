"""What was said beside a reading's time is kept once, and only where something was said."""

from datetime import UTC, datetime, timedelta

import psycopg

from store import stated_times
from store.stated_times import StatedTime

AT = datetime(2026, 11, 1, 7, 10, tzinfo=UTC)
LATER, SHOWN, GATEWAY = AT + timedelta(days=1), AT - timedelta(days=3), AT + timedelta(seconds=5)


def test_the_times_beside_a_reading_come_back_by_its_key(conn: psycopg.Connection) -> None:
    rows = [(7, "weight", AT, SHOWN, None), (7, "weight", LATER, None, GATEWAY)]
    stated_times.add(conn, rows)
    keys = [(7, "weight", AT), (7, "weight", LATER), (8, "weight", AT), (7, "impedance", AT)]
    assert stated_times.of(conn, keys) == {row[:3]: StatedTime(*row) for row in rows}


def test_what_was_said_first_stays(conn: psycopg.Connection) -> None:
    stated_times.add(conn, [(7, "weight", AT, SHOWN, None), (7, "weight", AT, None, GATEWAY)])
    stated_times.add(conn, [(7, "weight", AT, LATER, GATEWAY)])
    assert stated_times.of(conn, [(7, "weight", AT)]) == {(7, "weight", AT): StatedTime(7, "weight", AT, SHOWN, None)}


def test_where_nothing_was_said_nothing_is_kept(conn: psycopg.Connection) -> None:
    stated_times.add(conn, [])
    stated_times.add(conn, [(7, "weight", AT, None, None)])
    assert stated_times.of(conn, []) == stated_times.of(conn, [(7, "weight", AT)]) == {}
    assert conn.execute("select count(*) from health.stated_times").fetchone() == (0,)


def test_a_memory_read_out_again_with_more_drift_keeps_its_first_times(conn: psycopg.Connection) -> None:
    stated_times.add(conn, [(7, "weight", AT, SHOWN, None), (7, "weight", LATER, SHOWN + timedelta(days=1), None)])
    minute = timedelta(minutes=1)
    again = [(7, "weight", AT + minute, SHOWN, None), (7, "weight", LATER, SHOWN + timedelta(days=1), None)]
    assert stated_times.settled(conn, again) == {(7, "weight", AT + minute): AT}


def test_the_same_face_of_a_clock_that_was_set_anew_is_another_moment(conn: psycopg.Connection) -> None:
    stated_times.add(conn, [(7, "weight", AT, SHOWN, None)])
    others = [
        (7, "weight", AT + timedelta(hours=2), SHOWN, None),
        (8, "weight", AT + timedelta(minutes=1), SHOWN, None),
        (7, "impedance", AT + timedelta(minutes=1), SHOWN, None),
        (7, "weight", AT + timedelta(minutes=1), None, GATEWAY),
    ]
    assert stated_times.settled(conn, others) == stated_times.settled(conn, []) == {}
