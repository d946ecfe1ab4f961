import json
import threading
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from peers import exhaust
from psycopg_pool import ConnectionPool

from devices.payloads import phr_readings, theengs_scale
from ingest import gating, storing
from ingest.message import Message
from store import due, registrations, rejections, unclaimed
from store.clock import civil_day

NOW = datetime.now(UTC).replace(microsecond=0)
EARLIER = NOW - timedelta(hours=3)
Devices = dict[str, registrations.Registration]


def arrive(db: ConnectionPool, device: str, *payloads: bytes, at: datetime = NOW) -> None:
    messages = [
        Message(f"phr/v1/gw-1/{device}", payload, at + timedelta(microseconds=n), packet_id=n + 1)
        for n, payload in enumerate(payloads)
    ]
    with db.connection() as conn:
        storing.store(conn, "slot", storing.decoded(conn, messages))


def weight(kg: float, at: datetime) -> bytes:
    return phr_readings([("weight", kg, "kg", at)])


def marks(db: ConnectionPool, work: due.Work) -> list[tuple[int, date]]:
    with db.connection() as conn:
        return due.take(conn, work)


@pytest.fixture
def home(conn: psycopg.Connection, people: list[int], devices: Devices) -> int:
    """A household of the first two people, with the scale ``shared``."""
    row = conn.execute("insert into health.households default values returning household_id").fetchone()
    assert row is not None
    conn.execute(
        "insert into health.household_members"
        " select %s, unnest(%s::bigint[]), tstzrange(now() - interval '9 days', null)",
        (row[0], people[:2]),
    )
    registrations.add(
        conn,
        gateway_id="gw-1",
        device="shared",
        model="phr_readings",
        label="体重計",
        household_id=row[0],
        valid_from=NOW - timedelta(days=9),
    )
    return int(row[0])


def test_a_weight_of_a_shared_scale_makes_the_gate_of_its_household_due(db: ConnectionPool, home: int) -> None:
    arrive(db, "shared", phr_readings([("pulse", 61, "/min", EARLIER)]))
    assert marks(db, "gate") == []
    arrive(db, "shared", weight(61.7, EARLIER), weight(61.9, EARLIER - timedelta(minutes=1)))
    assert marks(db, "gate") == sorted({(home, civil_day(EARLIER)), (home, civil_day(EARLIER - timedelta(minutes=1)))})
    assert marks(db, "days") == []


def test_a_second_value_for_a_moment_of_a_shared_scale_is_kept_as_a_rejection(
    db: ConnectionPool, conn: psycopg.Connection, home: int
) -> None:
    arrive(db, "shared", weight(61.7, EARLIER))
    arrive(db, "shared", weight(61.7, EARLIER))
    assert conn.execute("select reason from health.rejections").fetchall() == []
    arrive(db, "shared", weight(80.2, EARLIER))
    assert conn.execute("select reason, raw from health.rejections").fetchall() == [
        ("contradicts_stored", weight(80.2, EARLIER))
    ]
    assert conn.execute("select value from health.unclaimed").fetchall() == [(61.7,)]


def test_what_a_broken_clock_showed_is_stored_beside_the_reading(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    arrive(db, "phone", weight(61.7, long_ago))
    assert conn.execute("select at, device_at, gateway_at from health.stated_times").fetchall() == [
        (NOW, long_ago, None)
    ]


def test_only_what_could_come_twice_unseen_is_written_into_the_ledger(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    arrive(db, "phone", weight(61.7, EARLIER), weight(61.7, EARLIER - timedelta(days=1)))
    assert conn.execute("select packet_id from health.arrivals").fetchall() == []
    arrive(db, "scale", theengs_scale(61.7), b"broken")
    assert conn.execute("select packet_id from health.arrivals order by 1").fetchall() == [(1,), (2,)]
    arrive(db, "phone", weight(99.0, EARLIER))
    assert conn.execute("select reason from health.rejections order by rejection_id").fetchall() == [
        ("not_json",),
        ("contradicts_stored",),
    ]


def test_the_zone_in_which_a_time_was_said_is_kept(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    arrive(db, "phone", weight(61.7, EARLIER.astimezone(timezone(timedelta(hours=-3, minutes=-30)))))
    arrive(db, "scale", theengs_scale(61.7))
    assert conn.execute("select metric, utc_offset from health.readings order by flags").fetchall() == [
        ("weight", -210),
        ("weight", 540),
    ]


def test_a_message_held_twice_when_the_connection_ended_is_stored_once(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    later = NOW + timedelta(minutes=20)  # beyond the time in which the scale repeats itself
    twice = [
        Message("phr/v1/gw-1/scale", theengs_scale(61.7), NOW, packet_id=7, connection=1),
        Message("phr/v1/gw-1/scale", b"broken", NOW, packet_id=8, connection=1),
        Message("phr/v1/gw-1/scale", theengs_scale(61.7), later, packet_id=7, connection=2, duplicate=True),
        Message("phr/v1/gw-1/scale", b"broken", later, packet_id=8, connection=2, duplicate=True),
    ]
    with db.connection() as own:
        storing.store(own, "slot", storing.decoded(own, twice))
    assert conn.execute("select at from health.readings").fetchall() == [(NOW,)]
    assert conn.execute("select received_at from health.rejections").fetchall() == [(NOW,)]


def test_two_workers_that_hear_one_weighing_at_once_store_it_once(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    with db.connection() as first:
        message = Message("phr/v1/gw-1/scale", theengs_scale(61.7), NOW, packet_id=1)
        storing.store(first, "one", storing.decoded(first, [message]))
        other = threading.Thread(
            target=arrive, args=(db, "scale", theengs_scale(61.7)), kwargs={"at": NOW + timedelta(milliseconds=200)}
        )
        other.start()
        other.join(0.3)
    other.join()
    assert conn.execute("select at from health.readings").fetchall() == [(NOW,)]


def test_a_memory_read_out_again_after_its_clock_drifted_on_is_stored_once(
    db: ConnectionPool, conn: psycopg.Connection, devices: Devices
) -> None:
    measured = NOW - timedelta(days=9)

    def memory(behind: int) -> bytes:
        clock = {"device": (NOW - timedelta(minutes=behind)).isoformat(), "gateway": NOW.isoformat()}
        reading = {"metric": "weight", "value": 61.7, "unit": "kg", "at": measured.isoformat()}
        return json.dumps({"clock": clock, "readings": [reading]}).encode()

    arrive(db, "phone", memory(behind=10))
    arrive(db, "phone", memory(behind=13))
    first = measured + timedelta(minutes=10)
    assert conn.execute("select at from health.readings").fetchall() == [(first,)]
    assert conn.execute("select at, device_at from health.stated_times").fetchall() == [(first, measured)]


def test_two_workers_with_weighings_of_each_others_scales_never_wait_for_each_other(
    db: ConnectionPool, conn: psycopg.Connection, people: list[int], home: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scale of one person and a shared one in each batch: what has no time of its own is looked up under locks."""
    own = [
        registrations.add(
            conn, gateway_id="gw-1", device=f"own-{n}", model="theengs_scale", label="", person_id=people[2],
            valid_from=NOW - timedelta(days=9),
        )
        for n in range(2)
    ]  # fmt: skip
    shared = [
        registrations.add(
            conn, gateway_id="gw-1", device=f"shared-{n}", model="theengs_scale", label="", household_id=home,
            valid_from=NOW - timedelta(days=9),
        )
        for n in range(2)
    ]  # fmt: skip
    for one, other in zip(own, reversed(shared), strict=True):  # they share a lock
        conn.execute(
            "insert into health.sources (source_id, kind, label) overriding system value values (%s, 'device', '')",
            (one.source_id + 64,),
        )
        conn.execute(
            "update health.registrations set source_id = %s where registration_id = %s",
            (one.source_id + 64, other.registration_id),
        )
    both, add = threading.Barrier(2), unclaimed.add

    def add_when_both_have_come_so_far(*args: Any, **named: Any) -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait(1)
        add(*args, **named)

    monkeypatch.setattr(unclaimed, "add", add_when_both_have_come_so_far)
    faults: list[Exception] = []

    def work(number: int) -> None:
        messages = [
            Message(f"phr/v1/gw-1/{device}-{number}", theengs_scale(61.7), NOW + timedelta(microseconds=n), packet_id=n)
            for n, device in enumerate(("own", "shared"), 1)
        ]
        try:
            with db.connection() as working:
                storing.store(working, f"slot-{number}", storing.decoded(working, messages))
        except psycopg.Error as fault:
            faults.append(fault)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert faults == []
    assert conn.execute("select (select count(*) from health.readings), (select count(*) from health.unclaimed)"
                        ).fetchone() == (2, 2)  # fmt: skip


def test_what_somebody_who_lives_alone_says_is_not_theirs_stays_so_when_it_comes_again(
    db: ConnectionPool, conn: psycopg.Connection, people: list[int], home: int
) -> None:
    me = people[0]
    conn.execute("delete from health.household_members where person_id = %s", (people[1],))
    [(scale,)] = conn.execute("select source_id from health.registrations where household_id = %s", (home,))
    arrive(db, "shared", weight(61.7, EARLIER), weight(15.2, NOW))
    assert [row.value for row in unclaimed.by_gate(conn, me, EARLIER)] == [15.2, 61.7]
    marks(db, "days")
    parcel: dict[str, Any] = {"household_id": home, "source_id": scale, "at": NOW}
    with conn.transaction():
        assert [unclaimed.undo(conn, me, **parcel) for _ in range(2)] == [1, 0]
    assert marks(db, "days") == [(me, civil_day(NOW))]
    arrive(db, "shared", weight(15.2, NOW), phr_readings([("body_fat", 9, "%", NOW)]))
    arrive(db, "shared", weight(15.9, NOW))
    mine = "select value from health.readings where person_id = %s order by value"
    assert conn.execute(mine, (me,)).fetchall() == [(61.7,)]
    assert conn.execute("select value from health.last_values").fetchall() == [(61.7,)]
    assert rejections.open_by_reason(conn) == {"contradicts_stored": 1}
    exhaust(gating.work_once, db)
    assert [row.value for row in unclaimed.of_person(conn, me)] == [9, 15.2]
    assert [row.value for row in unclaimed.by_gate(conn, me, EARLIER)] == [61.7]
    with conn.transaction():
        assert unclaimed.claim(conn, me, **parcel) == 2
    assert conn.execute(mine, (me,)).fetchall() == [(9,), (15.2,), (61.7,)]


def test_nobody_says_it_of_another_persons_reading_or_of_a_device_of_their_own(
    db: ConnectionPool, conn: psycopg.Connection, people: list[int], home: int, devices: Devices
) -> None:
    conn.execute("delete from health.household_members where person_id = %s", (people[1],))
    [(scale,)] = conn.execute("select source_id from health.registrations where household_id = %s", (home,))
    arrive(db, "shared", weight(61.7, EARLIER))
    arrive(db, "phone", weight(61.8, EARLIER))
    before = conn.execute("select * from health.readings order by value").fetchall()
    with conn.transaction():
        assert unclaimed.undo(conn, people[1], household_id=home, source_id=scale, at=EARLIER) == 0
        phone = devices["phone"].source_id
        assert unclaimed.undo(conn, people[0], household_id=home, source_id=phone, at=EARLIER) == 0
        assert unclaimed.undo(conn, people[0], household_id=home + 1, source_id=scale, at=EARLIER) == 0
    assert conn.execute("select * from health.readings order by value").fetchall() == before
    assert [row.value for row in unclaimed.by_gate(conn, people[0], EARLIER)] == [61.7]
