from collections.abc import Iterator
from datetime import timedelta
from time import monotonic, sleep

import psycopg
import pytest

from store import slots

LATER = timedelta(minutes=10)


@pytest.fixture
def other(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True, options="-c lock_timeout=200ms") as opened:
        yield opened


def test_a_slot_has_one_holder_and_is_free_when_the_holders_connection_goes(
    conn: psycopg.Connection, other: psycopg.Connection, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as first:
        held = slots.take(first, "ingest-1")
        assert held and slots.take(other, "ingest-1") is None
        assert slots.take(other, "ingest-2")
        assert slots.left_behind(conn, again=LATER) == []
    deadline = monotonic() + 30
    while slots.left_behind(conn, again=LATER) != ["ingest-1"]:  # the server notices a moment after we have hung up
        assert monotonic() < deadline
        sleep(0.02)
    taken = slots.take(other, "ingest-1")
    assert taken and taken.since > held.since
    slots.release(other, "ingest-1")
    assert slots.left_behind(conn, again=LATER) == ["ingest-1"]


def test_who_lost_a_slot_can_store_no_more(conn: psycopg.Connection, other: psycopg.Connection) -> None:
    held = slots.take(conn, "ingest-1")
    assert held
    with conn.transaction():
        slots.confirm(conn, held)
    slots.release(conn, "ingest-1")
    taken = slots.take(other, "ingest-1")
    assert taken
    with pytest.raises(slots.NotHeld), conn.transaction():
        slots.confirm(conn, held)
    slots.drained(conn, held)  # says nothing about the new holder's
    assert conn.execute("select drained_at from health.slots").fetchone() == (None,)


def test_a_slot_is_not_taken_while_a_former_holder_is_storing(
    conn: psycopg.Connection, other: psycopg.Connection
) -> None:
    held = slots.take(conn, "ingest-1")
    assert held
    with conn.transaction():
        slots.confirm(conn, held)
        slots.release(conn, "ingest-1")  # as if the connection that holds the lock broke in the middle
        assert slots.take(other, "ingest-1") is None
    assert slots.take(other, "ingest-1")


def test_a_drained_slot_is_looked_at_again_after_a_while(conn: psycopg.Connection) -> None:
    held = slots.take(conn, "ingest-1")
    assert held
    slots.drained(conn, held)
    slots.release(conn, "ingest-1")
    assert slots.left_behind(conn, again=LATER) == []
    conn.execute("update health.slots set drained_at = now() - interval '11 minutes'")
    assert slots.left_behind(conn, again=LATER) == ["ingest-1"]
    assert slots.take(conn, "ingest-1")
    assert conn.execute("select drained_at from health.slots").fetchone() == (None,)


def test_all_slots_are_in_one_group_whose_name_nobody_guesses(
    conn: psycopg.Connection, other: psycopg.Connection
) -> None:
    held = slots.take(conn, "ingest-1"), slots.take(other, "ingest-2")
    [name] = {one.group for one in held if one}
    assert name.startswith("ingest-") and len(name) == len("ingest-") + 32
