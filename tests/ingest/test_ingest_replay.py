"""A rejection is read once more: nothing lost, nothing doubled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from devices import payloads
from ingest import posting, storing
from ingest.message import Message
from ingest.replay import Replayed, replay
from store import gateways, registrations, rejections
from store.model import Rejection

NOW = datetime.now(UTC).replace(microsecond=0)
WEIGHT = payloads.phr_readings([("weight", 61.2, "kg", NOW - timedelta(hours=1))])


def arrive(db: ConnectionPool, payload: bytes, device: str = "phone", **more: object) -> None:
    message = Message(f"phr/v1/gw-1/{device}", payload, NOW, packet_id=1, **more)  # type: ignore[arg-type]
    with db.connection() as conn:
        storing.store(conn, "slot", storing.decoded(conn, [message]))


def again(db: ConnectionPool, rejection_id: int = 1) -> Replayed:
    with db.connection() as conn:
        return replay(conn, rejection_id)


def stored(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute("select person_id, metric, value, received_at from health.readings order by 2, at").fetchall()


@pytest.fixture
def person(conn: psycopg.Connection) -> int:
    gateways.add(conn, "gw-1", "any")
    row = conn.execute(
        "insert into health.people (birth_date, sex) values ('1950-01-01', 'female') returning person_id"
    ).fetchone()
    assert row
    return int(row[0])


def register(conn: psycopg.Connection, person: int, model: str = "phr_readings") -> None:
    registrations.add(
        conn, gateway_id="gw-1", device="phone", model=model, label="x", person_id=person,
        valid_from=NOW - timedelta(days=2),
    )  # fmt: skip


def test_what_came_before_its_device_was_registered_is_stored_with_its_own_time(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    arrive(db, WEIGHT)
    assert again(db) == Replayed(1, "refused", "unregistered_device")
    register(conn, person)
    assert again(db) == Replayed(1, "stored", readings=1)
    assert again(db) == Replayed(1, "closed")
    assert stored(conn) == [(person, "weight", 61.2, NOW)]
    kept = rejections.by_id(conn, 1)
    assert kept is not None and kept.resolution == "replayed" and kept.raw == WEIGHT
    assert conn.execute("select count(*) from health.due where work = 'days'").fetchone() == (1,)


def test_a_number_without_a_time_keeps_the_moment_of_its_arrival(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    arrive(db, payloads.phr_readings([("weight", 61.2, "kg", None)]))
    conn.execute("update health.rejections set received_at = received_at - interval '1 day'")
    register(conn, person)
    again(db)
    assert conn.execute("select at from health.readings").fetchall() == [(NOW - timedelta(days=1),)]


def test_what_is_still_refused_keeps_its_place_with_the_new_reason(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    arrive(db, b"no json")
    register(conn, person)
    assert again(db) == Replayed(1, "refused", "not_json")
    assert rejections.open_by_reason(conn) == {"not_json": 1}


def test_of_a_batch_with_one_bad_reading_nothing_is_lost_and_nothing_doubled(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    register(conn, person)
    rows = [("weight", 61.0, "kg", NOW - timedelta(hours=2)), ("weight", 9999.0, "kg", NOW - timedelta(hours=1))]
    arrive(db, payloads.phr_readings([*rows, ("temperature", 36.5, "Cel", None)]))
    assert len(stored(conn)) == 2
    for _ in range(2):
        assert again(db) == Replayed(1, "refused", "out_of_range", 2)
    assert len(stored(conn)) == 2
    mended = json.dumps(json.loads(payloads.phr_readings(rows))).replace("9999.0", "62.0")  # as if the format were
    conn.execute("update health.rejections set raw = %s", (mended.encode(),))
    assert again(db) == Replayed(1, "stored", readings=2)
    assert [row[2] for row in stored(conn)] == [36.5, 61.0, 62.0]


def test_a_contradiction_stays_one(conn: psycopg.Connection, db: ConnectionPool, person: int) -> None:
    register(conn, person)
    arrive(db, WEIGHT)
    arrive(db, WEIGHT.replace(b"61.2", b"62.2"))
    assert again(db) == Replayed(1, "refused", "contradicts_stored", 1)
    assert [row[2] for row in stored(conn)] == [61.2]
    assert rejections.open_by_reason(conn) == {"contradicts_stored": 1}


def test_a_retained_message_is_retained_in_the_second_reading_too(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    arrive(db, payloads.phr_readings([("weight", 61.2, "kg", None)]), retained=True)
    register(conn, person)
    assert again(db) == Replayed(1, "refused", "retained_without_time")


def test_a_rehearsal_changes_nothing(conn: psycopg.Connection, db: ConnectionPool, person: int) -> None:
    arrive(db, WEIGHT)
    register(conn, person)
    with db.connection() as own:
        assert replay(own, 1).became == "stored"
        own.rollback()
    assert stored(conn) == [] and rejections.open_by_reason(conn) == {"unregistered_device": 1}


def test_what_a_telephone_posted_is_read_again_for_its_person(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    bad = WEIGHT.replace(b'"kg"', b'"stone"')
    with db.connection() as own:
        posting.take_in(own, person_id=person, device="pixel", model="phr_readings", payload=bad, now=NOW)
    assert again(db).reason == "bad_readings"
    conn.execute("update health.rejections set raw = %s", (WEIGHT,))  # as if the format were mended
    assert again(db) == Replayed(1, "stored", readings=1)
    assert stored(conn) == [(person, "weight", 61.2, NOW)]


def test_a_household_devices_numbers_wait_for_their_owner(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    arrive(db, WEIGHT, device="scale")
    home = conn.execute("insert into health.households default values returning household_id").fetchone()
    assert home
    registrations.add(
        conn, gateway_id="gw-1", device="scale", model="phr_readings", label="x", household_id=home[0],
        valid_from=NOW - timedelta(days=2),
    )  # fmt: skip
    assert again(db) == Replayed(1, "stored", readings=1)
    assert stored(conn) == []
    assert conn.execute("select value, claimed_by from health.unclaimed").fetchall() == [(61.2, None)]


def test_a_record_file_is_to_be_imported_again(conn: psycopg.Connection, db: ConnectionPool) -> None:
    rejections.add(conn, [Rejection("bundle.json", "not_json", "", b"{", NOW)])
    assert again(db) == Replayed(1, "file", "not_json")
    assert again(db, 99) == Replayed(99, "closed")
    assert rejections.open_by_reason(conn) == {"not_json": 1}


def test_what_the_database_can_not_hold_stays_refused(
    conn: psycopg.Connection, db: ConnectionPool, person: int
) -> None:
    arrive(db, WEIGHT)
    register(conn, person)
    conn.execute("alter table health.readings add constraint broken check (value < 1)")
    assert again(db) == Replayed(1, "refused", "not_stored")
    conn.execute("alter table health.readings drop constraint broken")
    assert again(db).became == "stored"
