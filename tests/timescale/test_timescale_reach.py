"""The second fence before the readings where they are a hypertable: a view of the table's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from store import households, reaching, readings
from store.model import Reading
from store.sessions import Citizen

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=100)


def weights(person: int, count: int, since: datetime = LONG_AGO) -> list[Reading]:
    return [Reading(person, "weight", since + timedelta(hours=n), 1, 60.0, 0, 0, NOW) for n in range(count)]


@pytest.fixture
def people(conn: psycopg.Connection) -> psycopg.Connection:
    """Persons 1 and 2 with readings of 100 days ago, in columns, and of now."""
    conn.execute("insert into health.people (birth_date, sex) select '1950-01-01', 'female' from generate_series(1, 2)")
    with conn.transaction():
        readings.add(conn, [*weights(1, 40), *weights(2, 40), *weights(1, 4, NOW), *weights(2, 4, NOW)])
    conn.execute("select compress_chunk(c) from show_chunks('health.raw_readings', older_than => interval '56 days') c")
    return conn


@contextmanager
def asking(conn: psycopg.Connection, person: int | None) -> Iterator[psycopg.Connection]:
    with conn.transaction():
        conn.execute("set local role phr_api")
        if person is not None:
            reaching.begin(conn, Citizen(person, uuid4()))
        yield conn


def whose(conn: psycopg.Connection) -> list[tuple[int, int]]:
    return conn.execute("select person_id, count(*) from health.readings group by 1 order by 1").fetchall()


def test_a_citizen_sees_and_changes_own_readings_alone(people: psycopg.Connection) -> None:
    with asking(people, None) as asked:
        assert whose(asked) == []
    with asking(people, 1) as asked:
        assert whose(asked) == [(1, 44)]
        assert asked.execute("update health.readings set value = 1").rowcount == 44
        assert (
            asked.execute("delete from health.readings where at < %s", (LONG_AGO + timedelta(hours=2),)).rowcount == 2
        )
        assert readings.between(asked, 2, ["weight"], LONG_AGO, NOW) == []
    assert whose(people) == [(1, 42), (2, 44)]
    assert people.execute("select count(*) from health.readings where value = 1").fetchone() == (42,)


def test_nothing_is_stored_for_another_and_much_for_oneself(people: psycopg.Connection) -> None:
    later = NOW + timedelta(days=1)
    with asking(people, 1) as asked:
        readings.add(asked, [*weights(1, 300, later), *weights(1, 40)])
    with pytest.raises(psycopg.Error, match="check option"), asking(people, 1) as asked:
        readings.add(asked, weights(2, 1, later))
    assert whose(people) == [(1, 344), (2, 44)]


def test_a_proxy_who_may_only_see_enters_nothing(people: psycopg.Connection) -> None:
    later = NOW + timedelta(days=1)
    for scope, entered in (("{see}", False), ("{see,enter}", True)):
        people.execute("delete from health.entitlements")
        people.execute(
            "insert into health.entitlements (person_id, proxy_id, kind, relation, scope, valid, evidence, noted_by)"
            " values (2, 1, 'caregiver', '娘', %s, tstzrange(now() - interval '1 day', null), '委任状', 'staff:1')",
            (scope,),
        )
        with asking(people, 1) as asked:
            reaching.act_for(asked, 2)
            assert whose(asked) == [(2, 44)]
            if entered:
                readings.add(asked, weights(2, 1, later))
                continue
            for change in ("update health.readings set value = 1", "delete from health.readings"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), asked.transaction():
                    asked.execute(change.encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege), asked.transaction():
                readings.add(asked, weights(2, 1, later))
    assert whose(people) == [(1, 44), (2, 45)]


def test_the_table_behind_the_view_is_not_the_apis(people: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), asking(people, 1) as asked:
        asked.execute("select 1 from health.raw_readings")


def test_while_numbers_move_those_of_the_household_are_within_reach_and_no_others(people: psycopg.Connection) -> None:
    homes = [households.add(people), households.add(people)]
    for person, home in enumerate(homes, 1):
        households.join(people, home, person, LONG_AGO)
    with asking(people, 1) as asked, reaching.moving(asked):
        assert whose(asked) == [(1, 44)]
    people.execute("delete from health.household_members where person_id = 2")
    households.join(people, homes[0], 2, LONG_AGO)
    with asking(people, 1) as asked, reaching.moving(asked):
        assert whose(asked) == [(1, 44), (2, 44)]


def test_the_view_reads_one_persons_days_by_the_key_and_leaves_other_chunks_out(people: psycopg.Connection) -> None:
    with asking(people, 1) as asked:
        plan = asked.execute(
            "explain (costs off) select value from health.readings where person_id = 1 and metric = 'weight'"
            " and at >= now() - interval '9 days'"
        ).fetchall()
    text = "\n".join(line for (line,) in plan)
    assert "Index Cond: ((person_id = 1) AND (metric = 'weight'" in text or "Chunks excluded" in text
    assert "Seq Scan on _hyper" not in text and "DecompressChunk" not in text
