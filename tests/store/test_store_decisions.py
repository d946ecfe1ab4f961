from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from store import decisions
from store.decisions import Decision

NOW = datetime.now(UTC)  # what is a year old may go
ONE = Decision(
    person_id=1, facts_hash="aa", spoke=["flag", "walk"], shown=["flag"], held={"walk": "red flag first"}, push={}
)


@pytest.fixture(autouse=True)
def two_people(conn: psycopg.Connection) -> None:
    """Persons 1 and 2 of a fresh database."""
    conn.execute("insert into health.people (birth_date, sex) values ('1950-04-01', 'male'), ('1955-04-01', 'female')")


def rows(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "select person_id, facts_hash, spoke, shown, held, push, at from health.decisions order by decision_id"
    ).fetchall()


def test_a_decision_is_kept_whole(conn: psycopg.Connection) -> None:
    told = replace(ONE, push={"flag": "log"})
    assert decisions.add(conn, [told], NOW) == 1
    assert rows(conn) == [(1, "aa", ["flag", "walk"], ["flag"], {"walk": "red flag first"}, {"flag": "log"}, NOW)]


def test_the_same_about_the_same_facts_is_one_row(conn: psycopg.Connection) -> None:
    decisions.add(conn, [replace(ONE, push={"flag": "log"})], NOW)
    assert decisions.add(conn, [ONE], NOW + timedelta(days=1)) == 0
    assert decisions.add(conn, [replace(ONE, person_id=2)], NOW) == 1


@pytest.mark.parametrize(
    "changed",
    [{"facts_hash": "bb"}, {"spoke": ["flag"]}, {"shown": []}, {"held": {"walk": "veto"}}, {"push": {"x": "log"}}],
)
def test_whatever_differs_from_the_last_is_a_row(conn: psycopg.Connection, changed: dict[str, object]) -> None:
    decisions.add(conn, [ONE], NOW)
    assert decisions.add(conn, [replace(ONE, **changed)], NOW + timedelta(hours=1)) == 1  # type: ignore[arg-type]
    assert decisions.add(conn, [ONE], NOW + timedelta(hours=2)) == (0 if "push" in changed else 1)


def test_the_log_can_only_grow(conn: psycopg.Connection) -> None:
    decisions.add(conn, [ONE], NOW)
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        conn.execute("delete from health.decisions")
