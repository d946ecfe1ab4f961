"""The readings as a hypertable: layout, policies, and what comes late into chunks that are columns already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from advice_engine import gather
from ingest import days as figures
from store import days, migrations, readings, rejections, unclaimed
from store.clock import civil_day
from store.model import Reading, Rejection, Unclaimed

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)


def weight(value: float, at: datetime = LONG_AGO, person: int = 1) -> Reading:
    return Reading(person, "weight", at, 1, value, 0, 0, NOW)


def hours(count: int, steps: float, person: int = 1) -> list[Reading]:
    return [Reading(person, "steps", LONG_AGO + timedelta(hours=n), 2, steps, 3600, 0, NOW) for n in range(count)]


def pack(conn: psycopg.Connection) -> None:
    """What the policy does after 56 days."""
    conn.execute("select compress_chunk(c) from show_chunks('health.raw_readings') as c")


def packed(conn: psycopg.Connection) -> bool:
    found = conn.execute(
        "select bool_and(is_compressed), count(*) from timescaledb_information.chunks"
        " where hypertable_name = 'raw_readings'"
    ).fetchone()
    return found is not None and found[0] is True and found[1] > 0


def stored(conn: psycopg.Connection, metric: str) -> list[float]:
    rows = conn.execute("select value from health.readings where metric = %s order by at, source_id", (metric,))
    return [value for (value,) in rows]


def day_of(conn: psycopg.Connection, metric: str) -> list[float]:
    day = civil_day(LONG_AGO)
    return [row.mean for row in days.between(conn, 1, [metric], day, day + timedelta(days=1))]


def put(conn: psycopg.Connection, batch: Sequence[Reading]) -> None:
    with conn.transaction():
        figures.recompute(conn, readings.add(conn, batch))


@pytest.fixture
def home(conn: psycopg.Connection) -> int:
    conn.execute("insert into health.people (birth_date, sex) select '1950-01-01', 'female' from generate_series(1, 3)")
    conn.execute("insert into health.households default values")
    conn.execute(
        "insert into health.household_members (household_id, person_id, valid)"
        " select 1, n, tstzrange('2020-01-01', null) from generate_series(1, 2) as n"
    )
    conn.execute("insert into health.sources (kind, label) values ('device', '体重計')")
    return 1


def test_every_migration_is_applied_and_a_second_run_applies_nothing(database: str, conn: psycopg.Connection) -> None:
    applied = [name for (name,) in conn.execute("select name from public.phr_migrations order by name")]
    assert applied == [migration.name for migration in migrations.all_migrations()]
    assert migrations.migrate(database) == []


def test_readings_lie_in_chunks_of_28_days_a_segment_for_each_person(conn: psycopg.Connection) -> None:
    assert conn.execute(
        "select column_name, time_interval from timescaledb_information.dimensions"
        " where hypertable_name = 'raw_readings'"
    ).fetchall() == [("at", timedelta(days=28))]
    assert conn.execute(
        "select segmentby, orderby from timescaledb_information.hypertable_columnstore_settings"
        " where hypertable = 'health.raw_readings'::regclass"
    ).fetchall() == [("person_id", "metric,at,source_id")]
    indexes = {name for (name,) in conn.execute("select indexname from pg_indexes where tablename = 'raw_readings'")}
    assert indexes == {"readings_pkey", "readings_at_brin"}


def test_the_policy_packs_what_is_older_than_56_days_and_leaves_the_rest(conn: psycopg.Connection) -> None:
    [now] = conn.execute("select now()").fetchone() or ()
    put(conn, [weight(60, now - timedelta(days=100)), weight(61, now - timedelta(days=43))])
    conn.execute(
        "do $$ declare job integer := (select job_id from timescaledb_information.jobs"
        " where hypertable_name = 'raw_readings'); begin call run_job(job); end $$"
    )
    states = conn.execute(
        "select is_compressed from timescaledb_information.chunks where hypertable_name = 'raw_readings'"
        " order by range_start"
    ).fetchall()
    assert states == [(True,), (False,)]
    assert stored(conn, "weight") == [60, 61]


def test_what_comes_again_into_a_packed_chunk_is_stored_once(conn: psycopg.Connection) -> None:
    put(conn, [weight(60), *hours(48, 300)])
    pack(conn)
    assert packed(conn)
    put(conn, [weight(60), *hours(48, 300)])
    assert stored(conn, "weight") == [60]
    assert stored(conn, "steps") == [300] * 48


def test_what_comes_late_into_a_packed_chunk_changes_the_days_figure(conn: psycopg.Connection) -> None:
    put(conn, [weight(60)])
    pack(conn)
    put(conn, [weight(62, LONG_AGO + timedelta(minutes=5))])
    assert stored(conn, "weight") == [60, 62]
    assert day_of(conn, "weight") == [61]


def test_a_step_interval_that_grows_in_a_packed_chunk_keeps_the_higher_count(conn: psycopg.Connection) -> None:
    put(conn, hours(3, 300))
    pack(conn)
    put(conn, hours(3, 450))
    assert stored(conn, "steps") == [450] * 3


def test_a_contradiction_with_a_packed_reading_is_told(conn: psycopg.Connection) -> None:
    put(conn, [weight(60)])
    pack(conn)
    with conn.transaction():
        readings.add(conn, [weight(70)])
        assert [reading.value for reading in readings.contradicted(conn, [weight(70)])] == [70]
    assert stored(conn, "weight") == [60]


def test_a_weighing_claimed_and_given_back_goes_into_a_packed_chunk_and_out_again(
    conn: psycopg.Connection, db: ConnectionPool, home: int
) -> None:
    put(conn, [weight(55, person=3)])
    pack(conn)
    unclaimed.add(conn, [Unclaimed(home, "weight", LONG_AGO, 1, 60.0, 0, 0, NOW)])
    assert unclaimed.claim(conn, 1, household_id=home, source_id=1, at=LONG_AGO) == 1
    assert sorted(stored(conn, "weight")) == [55, 60]
    assert figures.work_once(db) > 0
    assert day_of(conn, "weight") == [60]
    assert unclaimed.undo(conn, 1, household_id=home, source_id=1, at=LONG_AGO) == 1
    assert stored(conn, "weight") == [55]
    assert figures.work_once(db) > 0
    assert day_of(conn, "weight") == []


def test_a_late_batch_may_unpack_as_much_as_it_needs(conn: psycopg.Connection) -> None:
    put(conn, [reading for person in range(1, 21) for reading in hours(60, 300, person)])
    pack(conn)
    [kept] = conn.execute(
        "select s from pg_db_role_setting as d, unnest(d.setconfig) as s where s like 'timescaledb.max_tuples%'"
    ).fetchone() or ("",)
    name, _, value = kept.partition("=")
    late = [reading for person in range(1, 21) for reading in hours(60, 450, person)]
    conn.execute("select set_config(%s, '100', false)", (name,))
    with pytest.raises(psycopg.Error, match="limit exceeded"):
        put(conn, late)
    conn.execute("select set_config(%s, %s, false)", (name, value))  # what every new session of this database has
    put(conn, late)
    assert stored(conn, "steps") == [450] * 1200


def test_marked_days_of_packed_readings_are_figured_and_facts_gathered(db: ConnectionPool, home: int) -> None:
    with db.connection() as conn:
        readings.add(conn, [weight(60), *hours(24, 300)])
        pack(conn)
    assert figures.work_once(db) > 0
    with db.connection() as conn:
        totals = conn.execute("select sum(total) from health.days where metric = 'steps'").fetchone()
        assert totals == (7200,)
        assert set(gather.gather(conn, [1], civil_day(NOW))) == {1}


def test_the_content_of_a_rejection_goes_90_days_after_it_was_resolved(conn: psycopg.Connection) -> None:
    rejections.add(conn, [Rejection("phr/v1/gw/x", "not_json", "", b"raw", NOW) for _ in range(3)])
    conn.execute("update health.rejections set resolved_at = now() - interval '91 days' where rejection_id = 1")
    conn.execute("update health.rejections set resolved_at = now() where rejection_id = 2")
    conn.execute("call health.forget_raw_job(0, '{}')")
    assert conn.execute("select raw from health.rejections order by rejection_id").fetchall() == [
        (b"",),
        (b"raw",),
        (b"raw",),
    ]
