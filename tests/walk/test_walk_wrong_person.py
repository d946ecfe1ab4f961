"""A weighing that was booked to the wrong person: saying so repairs values, day figures, advice and the work list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
from psycopg_pool import ConnectionPool

from advice_engine import run
from ingest import figures
from store import advice, days, households, last_values, people, readings, unclaimed
from store.clock import civil_day
from store.model import Reading
from store.people import Person
from store.unclaimed import Unclaimed

NOW = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0)  # 10 in the morning
USUAL_KG, WRONG_KG = 66.0, 69.0


def member(conn: psycopg.Connection, home: int, sex: str) -> Person:
    one = people.add(conn, birth_date=date(1956, 1, 1), sex=sex, name="見本")
    households.join(conn, home, one.person_id, NOW - timedelta(days=60))
    return one


def weighings(conn: psycopg.Connection, home: int, person: Person) -> list[dict[str, object]]:
    """Ten usual days of the person's own; then three heavier mornings on the shared scale, claimed by mistake."""
    own, shared = _scale(conn), _scale(conn)
    usual = [
        Reading(person.person_id, "weight", NOW - timedelta(days=day), own, USUAL_KG, 0, 0, NOW) for day in range(3, 13)
    ]
    readings.add(conn, usual)
    wrong = [Unclaimed(home, "weight", NOW - timedelta(days=day), shared, WRONG_KG, 0, 0, NOW) for day in range(3)]
    unclaimed.add(conn, wrong)
    named = [{"household_id": home, "source_id": shared, "at": one.at} for one in wrong]
    assert [unclaimed.claim(conn, person.person_id, **one) for one in named] == [1, 1, 1]  # type: ignore[arg-type]
    return named


def _scale(conn: psycopg.Connection) -> int:
    row = conn.execute(
        "insert into health.sources (kind, label) values ('device', '体重計') returning source_id"
    ).fetchone()
    assert row is not None
    return int(row[0])


def work(db: ConnectionPool) -> None:
    while figures.work_once(db) or run.work_once(db, NOW):
        pass


def said(conn: psycopg.Connection, person: Person) -> set[str]:
    return {row.rule_id for row in advice.open_for(conn, person.person_id)}


def test_a_red_flag_that_rested_on_somebody_elses_weight_closes(conn: psycopg.Connection, db: ConnectionPool) -> None:
    home = households.add(conn)
    he = member(conn, home, "male")
    member(conn, home, "female")
    with conn.transaction():
        wrong = weighings(conn, home, he)
    work(db)
    assert "weight_gain_fast" in said(conn, he)
    assert he.person_id in {row.person_id for row in advice.worklist(conn, he.town)}

    for one in wrong:
        with conn.transaction():
            assert unclaimed.undo(conn, he.person_id, **one) == 1  # type: ignore[arg-type]
    work(db)

    assert "weight_gain_fast" not in said(conn, he)
    assert he.person_id not in {row.person_id for row in advice.worklist(conn, he.town)}
    assert [row.value for row in last_values.of_person(conn, he.person_id)] == [USUAL_KG]
    today = civil_day(NOW)
    assert days.between(conn, he.person_id, ["weight"], today - timedelta(days=2), today) == []
    assert len(unclaimed.of_person(conn, he.person_id)) == 3
    assert conn.execute("select count(*) from health.due").fetchone() == (0,)
