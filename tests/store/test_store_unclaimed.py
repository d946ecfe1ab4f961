from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from store import booking, due, readings, unclaimed
from store.model import Flag, Reading
from store.unclaimed import Unclaimed

NOON = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def home(conn: psycopg.Connection) -> int:
    """Household 1 with members 1 and 2 since 2026-01-01; person 3 lives elsewhere; source 1 is its scale."""
    conn.execute("insert into health.people (birth_date, sex) select '1950-01-01', 'female' from generate_series(1, 3)")
    conn.execute("insert into health.households default values")
    conn.execute(
        "insert into health.household_members select 1, p, tstzrange('2026-01-01', null) from generate_series(1, 2) p"
    )
    conn.execute("insert into health.sources (kind, label) values ('device', '体重計')")
    return 1


def a_number(value: float, metric: str = "weight", *, at: datetime = NOON, flags: int = 0) -> Unclaimed:
    return Unclaimed(1, metric, at, 1, value, 0, flags, at)


def test_a_claimed_measurement_becomes_the_persons_own_whole(conn: psycopg.Connection, home: int) -> None:
    unclaimed.add(conn, [a_number(61.7), a_number(22, "body_fat"), a_number(70, at=NOON + timedelta(hours=1))])
    assert unclaimed.claim(conn, 2, household_id=home, source_id=1, at=NOON) == 2
    found = readings.between(conn, 2, ["weight", "body_fat"], NOON, NOON + timedelta(days=1))
    assert {(row.metric, row.value) for row in found} == {("weight", 61.7), ("body_fat", 22)}
    assert [row.value for row in unclaimed.of_person(conn, 1)] == [70]
    with conn.transaction():
        assert due.take(conn, "days") == [(2, date(2026, 11, 1))]


def test_the_first_claim_wins_and_a_redelivery_does_not_open_it_again(conn: psycopg.Connection, home: int) -> None:
    unclaimed.add(conn, [a_number(61.7)])
    assert unclaimed.claim(conn, 1, household_id=home, source_id=1, at=NOON) == 1
    unclaimed.add(conn, [a_number(61.7)])
    assert unclaimed.claim(conn, 2, household_id=home, source_id=1, at=NOON) == 0
    assert unclaimed.claim(conn, 1, household_id=home, source_id=1, at=NOON) == 0
    assert unclaimed.of_person(conn, 2) == []


def test_only_who_was_a_member_then_sees_and_claims(conn: psycopg.Connection, home: int) -> None:
    before = NOON - timedelta(days=400)
    unclaimed.add(conn, [a_number(61.7), a_number(61.7, at=before)])
    assert unclaimed.of_person(conn, 3) == []
    assert unclaimed.claim(conn, 3, household_id=home, source_id=1, at=NOON) == 0
    assert [row.at for row in unclaimed.of_person(conn, 1)] == [NOON]
    assert unclaimed.claim(conn, 1, household_id=home, source_id=1, at=before) == 0


def test_one_weighing_heard_many_times_waits_once(conn: psycopg.Connection, home: int) -> None:
    heard = [a_number(61.7, at=NOON + timedelta(seconds=s), flags=int(Flag.ARRIVAL_TIME)) for s in (0, 3, 6)]
    unclaimed.add(conn, heard[:2], windows={1: 60})
    unclaimed.add(conn, heard[2:], windows={1: 60})
    assert len(unclaimed.of_person(conn, 1)) == 1


def this(at: datetime = NOON) -> dict[str, Any]:
    return {"household_id": 1, "source_id": 1, "at": at}


def last_weight(conn: psycopg.Connection, person: int) -> float | None:
    row = conn.execute(
        "select value from health.last_values where person_id = %s and metric = 'weight'", (person,)
    ).fetchone()
    return row[0] if row else None


def test_taking_back_opens_it_for_everybody_and_the_value_before_is_the_newest_again(
    conn: psycopg.Connection, home: int
) -> None:
    earlier = NOON - timedelta(days=1)
    unclaimed.add(conn, [a_number(61.0, at=earlier), a_number(75.5)])
    assert [unclaimed.claim(conn, 1, **this(at)) for at in (earlier, NOON)] == [1, 1]
    assert last_weight(conn, 1) == 75.5
    assert [unclaimed.undo(conn, 1, **this()) for _ in range(2)] == [1, 0]
    assert last_weight(conn, 1) == 61.0
    assert [row.value for row in unclaimed.of_person(conn, 2)] == [75.5]
    assert [row.value for row in readings.between(conn, 1, ["weight"], earlier, NOON + timedelta(1))] == [61.0]
    assert unclaimed.undo(conn, 1, **this(earlier)) == 1
    assert last_weight(conn, 1) is None
    with conn.transaction():
        assert set(due.take(conn, "days")) == {(1, date(2026, 10, 31)), (1, date(2026, 11, 1))}


def test_what_a_person_holds_is_taken_back_by_nobody_else(conn: psycopg.Connection, home: int) -> None:
    unclaimed.add(conn, [a_number(61.7)])
    unclaimed.claim(conn, 1, **this())
    assert (
        unclaimed.undo(conn, 2, **this()) == unclaimed.nobody(conn, 2, **this()) == unclaimed.claim(conn, 2, **this())
    )
    assert last_weight(conn, 1) == 61.7
    assert unclaimed.holder(conn, **this()) == 1


def test_nobodys_waits_for_nobody_until_a_member_says_otherwise(conn: psycopg.Connection, home: int) -> None:
    unclaimed.add(conn, [a_number(15.2), a_number(400, "impedance")])
    assert unclaimed.nobody(conn, 3, **this()) == 0
    assert unclaimed.nobody(conn, 1, **this()) == 2
    assert unclaimed.of_person(conn, 2) == []
    assert len(unclaimed.set_aside(conn, 2, NOON)) == 2
    assert unclaimed.undo(conn, 3, **this()) == 0
    assert unclaimed.undo(conn, 2, **this()) == 2
    assert len(unclaimed.of_person(conn, 1)) == 2
    assert conn.execute("select from health.not_mine").fetchall() == []
    unclaimed.nobody(conn, 1, **this())
    assert unclaimed.claim(conn, 2, **this()) == 2


def test_the_gates_choice_can_be_confirmed_or_claimed_by_another_member_who_then_keeps_it(
    conn: psycopg.Connection, home: int
) -> None:
    unclaimed.add(conn, [a_number(61.7)])
    with conn.transaction():
        booking.move(conn, [booking.Move(**this(), person_id=1, how="gate", probability=0.97)])
    assert [row.value for row in unclaimed.by_gate(conn, 1, NOON)] == [61.7]
    assert unclaimed.by_gate(conn, 2, NOON) == unclaimed.of_person(conn, 2) == []
    assert unclaimed.claim(conn, 2, **this()) == 1
    assert (last_weight(conn, 1), last_weight(conn, 2)) == (None, 61.7)
    assert unclaimed.claim(conn, 1, **this()) == 0
    assert [row.value for row in unclaimed.claimed(conn, 2, NOON - timedelta(days=999))] == [61.7]


def test_a_newer_reading_of_ones_own_stays_the_newest(conn: psycopg.Connection, home: int) -> None:
    newer = Reading(1, "weight", NOON + timedelta(hours=1), 9, 61.1, 0, 0, NOON)
    readings.add(conn, [newer])
    unclaimed.add(conn, [a_number(61.7)])
    unclaimed.claim(conn, 1, **this())
    assert last_weight(conn, 1) == 61.1
    unclaimed.undo(conn, 1, **this())
    assert last_weight(conn, 1) == 61.1


def test_of_two_who_tap_at_once_one_has_it(conn: psycopg.Connection, database: str, home: int) -> None:
    moments = [NOON + timedelta(minutes=minute) for minute in range(12)]
    unclaimed.add(conn, [a_number(61.7, at=at) for at in moments])

    def tap(person: int) -> int:
        with psycopg.connect(database, autocommit=True) as own:
            return sum(_claimed(own, person, at) for at in (moments if person == 1 else reversed(moments)))

    with ThreadPoolExecutor() as both:
        won = list(both.map(tap, (1, 2)))
    assert sum(won) == len(moments)
    rows = conn.execute("select person_id, at from health.readings order by at").fetchall()
    assert [at for _, at in rows] == moments
    assert rows == conn.execute("select claimed_by, at from health.unclaimed order by at").fetchall()


def _claimed(conn: psycopg.Connection, person: int, at: datetime) -> int:
    with conn.transaction():
        return unclaimed.claim(conn, person, **this(at))


def test_a_newer_value_stored_meanwhile_is_not_lost_from_the_newest(
    conn: psycopg.Connection, database: str, home: int
) -> None:
    unclaimed.add(conn, [a_number(61.7)])
    unclaimed.claim(conn, 1, **this())
    with psycopg.connect(database) as storing, ThreadPoolExecutor() as aside:
        readings.add(storing, [Reading(1, "weight", NOON + timedelta(hours=1), 9, 61.1, 0, 0, NOON)])  # not committed
        undoing = aside.submit(_undone, database)
        with pytest.raises(TimeoutError):
            undoing.result(timeout=0.5)  # it waits
        storing.commit()
        assert undoing.result(timeout=20) == 1
    assert last_weight(conn, 1) == 61.1


def _undone(database: str) -> int:
    with psycopg.connect(database) as conn:
        return unclaimed.undo(conn, 1, **this())


def test_another_value_for_the_same_moment_is_told(conn: psycopg.Connection, home: int) -> None:
    unclaimed.add(conn, [a_number(61.7)])
    second = [a_number(61.7), a_number(70.2)]
    unclaimed.add(conn, second)
    assert unclaimed.contradicted(conn, second) == second[1:]
    assert unclaimed.contradicted(conn, second[:1]) == unclaimed.contradicted(conn, []) == []
