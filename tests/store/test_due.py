from datetime import date, timedelta

import psycopg

from store import due

DAY = date(2026, 11, 1)


def test_marks_are_taken_once_and_without_duplicates(conn: psycopg.Connection) -> None:
    due.mark(conn, "days", [(2, DAY), (1, DAY), (2, DAY)])
    due.mark(conn, "days", [(2, DAY)])
    with conn.transaction():
        assert due.take(conn, "days") == [(1, DAY), (2, DAY)]
    assert due.take(conn, "days") == []


def test_marks_are_back_when_their_worker_dies(conn: psycopg.Connection, database: str) -> None:
    due.mark(conn, "advice", [(1, DAY)])
    with psycopg.connect(database) as dying:
        assert due.take(dying, "advice") == [(1, DAY)]
        dying.rollback()
    assert due.take(conn, "advice") == [(1, DAY)]


def test_two_workers_never_take_the_same_mark(conn: psycopg.Connection, database: str) -> None:
    due.mark(conn, "days", [(1, DAY)])
    with psycopg.connect(database) as first:
        assert due.take(first, "days") == [(1, DAY)]
        assert due.take(conn, "days") == []


def test_what_one_worker_holds_does_not_keep_another_from_the_rest(conn: psycopg.Connection, database: str) -> None:
    for person in (1, 2, 3):
        due.mark(conn, "days", [(person, DAY)])
    with psycopg.connect(database) as first:
        assert due.take(first, "days", 1) == [(3, DAY)]
        assert due.take(conn, "days", 1) == [(2, DAY)]
    assert due.take(conn, "days") == [(1, DAY)]


def test_a_long_list_is_taken_in_parts_the_newest_day_first(conn: psycopg.Connection) -> None:
    pairs = [(person, day) for day in (DAY, DAY + timedelta(days=1)) for person in range(1000)]
    due.mark(conn, "days", pairs)
    first = due.take(conn, "days", 300)
    assert 300 <= len(first) < 600 and {day for _, day in first} == {DAY + timedelta(days=1)}
    rest = [pair for _ in range(20) for pair in due.take(conn, "days", 300)]
    assert sorted(first + rest) == sorted(pairs)


def test_what_is_parked_waits_until_it_is_unparked(conn: psycopg.Connection) -> None:
    due.park(conn, "days", [(1, DAY), (2, DAY), (2, DAY + timedelta(days=1))])
    assert due.take(conn, "days") == []
    assert due.unpark(conn, "days") == 3
    assert due.take(conn, "days") == [(1, DAY), (2, DAY), (2, DAY + timedelta(days=1))]


def test_a_commit_wakes_the_readers(conn: psycopg.Connection, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute("listen phr_days")
        due.mark(conn, "days", [(1, DAY)])
        assert [note.channel for note in listener.notifies(timeout=60, stop_after=1)] == ["phr_days"]
