"""A device changes hands: what was measured before stays, what came since then moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from store import due, gateways, handing_on, households, people, readings, registrations, stated_times, unclaimed
from store.clock import civil_day
from store.handing_on import To
from store.model import Reading, Registration, Unclaimed

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
BORDER = NOW - timedelta(days=3)


@pytest.fixture
def family(conn: psycopg.Connection) -> list[int]:
    return [people.add(conn, birth_date=date(1950, 1, 1), sex="female", name=name).person_id for name in ("い", "ろ")]


@pytest.fixture
def home(conn: psycopg.Connection, family: list[int]) -> int:
    made = households.add(conn)
    for person in family:
        households.join(conn, made, person, NOW - timedelta(days=90))
    gateways.add(conn, "gw-1", "any", made)
    return made


def a_device(conn: psycopg.Connection, **owner: int) -> Registration:
    return registrations.add(
        conn, gateway_id="gw-1", device="band", model="phr_readings", label="活動量計",
        valid_from=NOW - timedelta(days=60), **owner,
    )  # fmt: skip


def told(owner: int, source: int, days: float, value: float, metric: str = "weight", seconds: int = 0) -> Reading:
    return Reading(owner, metric, NOW - timedelta(days=days), source, value, seconds, 0, NOW)


def kept(conn: psycopg.Connection, person: int) -> list[float]:
    rows = conn.execute("select value from health.readings where person_id = %s order by at, metric", (person,))
    return [value for (value,) in rows]


def newest(conn: psycopg.Connection, person: int) -> list[float]:
    rows = conn.execute("select value from health.last_values where person_id = %s order by metric", (person,))
    return [value for (value,) in rows]


def marks(conn: psycopg.Connection, work: due.Work) -> set[tuple[int, date]]:
    with conn.transaction():
        return set(due.take(conn, work))


def test_from_one_person_to_another_in_the_past(conn: psycopg.Connection, family: list[int], home: int) -> None:
    me, other = family
    old = a_device(conn, person_id=me)
    readings.add(conn, [told(me, old.source_id, days, days) for days in (5, 4, 2, 1)])
    conn.execute("delete from health.due")
    new = handing_on.hand_on(conn, old, To(person_id=other, label="ろの活動量計"), BORDER)
    assert (kept(conn, me), kept(conn, other)) == ([5, 4], [2, 1])
    assert (newest(conn, me), newest(conn, other)) == ([4], [1])
    assert new.source_id != old.source_id and new.label == "ろの活動量計"
    touched = {civil_day(NOW - timedelta(days=days)) for days in (2, 1)}
    assert marks(conn, "days") == {(who, day) for who in family for day in touched}
    [history] = registrations.history(conn, [("gw-1", "band")]).values()
    assert [(row.person_id, row.valid_from) for row in history] == [(me, old.valid_from), (other, BORDER)]


def test_an_interval_goes_with_its_end_and_a_counter_counts_towards_the_day_after(
    conn: psycopg.Connection, family: list[int], home: int
) -> None:
    me, other = family
    old = a_device(conn, person_id=me)
    ends_before = Reading(me, "steps", BORDER - timedelta(minutes=30), old.source_id, 10, 1800 - 1, 0, NOW)
    ends_at = Reading(me, "steps", BORDER - timedelta(minutes=15), old.source_id, 20, 900, 0, NOW)
    counter = told(me, old.source_id, 1, 3000, "steps_counter")
    readings.add(conn, [ends_before, ends_at, counter])
    handing_on.hand_on(conn, old, To(person_id=other), BORDER)
    assert (kept(conn, me), kept(conn, other)) == ([10], [20, 3000])
    days = {civil_day(BORDER), civil_day(NOW - timedelta(days=1)), civil_day(NOW)}
    assert marks(conn, "days") == {(who, day) for who in family for day in days}


def test_from_a_person_to_the_household_its_numbers_wait_for_their_owners(
    conn: psycopg.Connection, family: list[int], home: int
) -> None:
    old = a_device(conn, person_id=family[0])
    readings.add(conn, [told(family[0], old.source_id, days, days) for days in (5, 2)])
    new = handing_on.hand_on(conn, old, To(household_id=home), BORDER)
    assert kept(conn, family[0]) == [5]
    assert [(row.value, row.source_id) for row in unclaimed.of_person(conn, family[1])] == [(2, new.source_id)]
    assert (home, civil_day(NOW - timedelta(days=2))) in marks(conn, "gate")


def test_from_the_household_to_a_person_but_for_what_somebody_claimed(
    conn: psycopg.Connection, family: list[int], home: int
) -> None:
    me, other = family
    old = a_device(conn, household_id=home)
    rows = [told(home, old.source_id, days, days) for days in (5, 2, 1, 0.5)]
    unclaimed.add(conn, [Unclaimed(home, r.metric, r.at, r.source_id, r.value, 0, 0, NOW) for r in rows])
    unclaimed.claim(conn, me, household_id=home, source_id=old.source_id, at=rows[1].at)
    conn.execute("update health.unclaimed set claimed_by = %s, claimed_how = 'gate' where value = 1", (me,))
    readings.add(conn, [told(me, old.source_id, 1, 1)])  # the gate's answer
    handing_on.hand_on(conn, old, To(person_id=other), BORDER)
    assert (kept(conn, me), kept(conn, other)) == ([2], [1, 0.5])
    left = conn.execute("select value, claimed_how from health.unclaimed order by at").fetchall()
    assert left == [(5, None), (2, "person")]


def test_what_else_was_said_of_the_time_goes_along(conn: psycopg.Connection, family: list[int], home: int) -> None:
    old = a_device(conn, person_id=family[0])
    rows = [told(family[0], old.source_id, days, days) for days in (5, 2)]
    readings.add(conn, rows)
    stated_times.add(conn, [(old.source_id, row.metric, row.at, row.at, None) for row in rows])
    new = handing_on.hand_on(conn, old, To(person_id=family[1]), BORDER)
    said = conn.execute("select source_id, at from health.stated_times order by at").fetchall()
    assert said == [(old.source_id, rows[0].at), (new.source_id, rows[1].at)]


def test_a_replaced_device_has_a_new_source_and_may_have_another_format(
    conn: psycopg.Connection, family: list[int], home: int
) -> None:
    old = a_device(conn, person_id=family[0])
    readings.add(conn, [told(family[0], old.source_id, 5, 61)])
    conn.execute("delete from health.due")
    new = handing_on.hand_on(conn, old, To(person_id=family[0], model="pedometer_counter"), NOW)
    assert (new.model, new.label, new.person_id) == ("pedometer_counter", old.label, family[0])
    assert kept(conn, family[0]) == [61] and newest(conn, family[0]) == [61]
    assert marks(conn, "days") == set()


@pytest.mark.parametrize("shared", [True, False])
def test_nobody_elses_readings_are_read_while_nothing_can_be_stored(
    conn: psycopg.Connection, family: list[int], home: int, shared: bool
) -> None:
    me, other = family
    old = a_device(conn, household_id=home) if shared else a_device(conn, person_id=me)
    conn.execute(
        "insert into health.readings (person_id, metric, at, source_id, value)"
        " select 1000 + p, 'weight', %s - make_interval(mins => n), 7, 60 from generate_series(1, 100) p,"
        " generate_series(1, 200) n",
        (NOW,),
    )
    readings.add(conn, [told(me, old.source_id, 1, 61.7)])
    conn.execute("analyze health.readings")
    read = (
        "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relid = 'health.readings'::regclass"
        " and pg_stat_force_next_flush() is not null"
    )
    conn.execute("select pg_stat_force_next_flush()")
    [(before,)] = conn.execute(read)
    handing_on.owners(conn, old, BORDER)
    handing_on.hand_on(conn, old, To(person_id=other), BORDER)
    conn.execute("select pg_stat_force_next_flush()")
    [(after,)] = conn.execute(read)
    assert kept(conn, other) == [61.7]
    assert after - before < 100
