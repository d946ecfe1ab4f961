from datetime import date

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


def test_a_commit_wakes_the_readers(conn: psycopg.Connection, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute("listen phr_days")
        due.mark(conn, "days", [(1, DAY)])
        assert [note.channel for note in listener.notifies(timeout=5, stop_after=1)] == ["phr_days"]
