from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from store import due, readings, unclaimed
from store.model import Flag
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
