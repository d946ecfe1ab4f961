from datetime import date

import psycopg
import pytest
from psycopg.types.range import DateRange

from store import exports, identifiers, links, reaching, staff
from store.pool import open_pool
from store.sessions import NurseOnDuty


@pytest.fixture
def people(conn: psycopg.Connection) -> list[int]:
    rows = conn.execute(
        "insert into health.people (birth_date, sex) values ('1960-01-01', 'male'), ('1961-01-01', 'female')"
        " returning person_id"
    )
    return [row[0] for row in rows]


def test_an_identifier_names_its_person_and_nobody_else(conn: psycopg.Connection, people: list[int]) -> None:
    identifiers.add(conn, people[0], "urn:oid:1.2.3", "34567")
    identifiers.add(conn, people[0], "urn:oid:1.2.3", "34567")
    assert identifiers.person_of(conn, "urn:oid:1.2.3", "34567") == people[0]
    assert identifiers.person_of(conn, "urn:oid:1.2.4", "34567") is None
    assert identifiers.person_of(conn, "urn:oid:1.2.3", "３４５６７") is None


def test_an_identifier_of_somebody_else_is_never_moved(conn: psycopg.Connection, people: list[int]) -> None:
    identifiers.add(conn, people[0], "s", "1")
    with pytest.raises(identifiers.TakenIdentifier):
        identifiers.add(conn, people[1], "s", "1")
    assert identifiers.person_of(conn, "s", "1") == people[0]


def test_identifiers_of_two_people_give_both_of_them(conn: psycopg.Connection, people: list[int]) -> None:
    identifiers.add(conn, people[0], "a", "1")
    identifiers.add(conn, people[1], "b", "2")
    assert identifiers.people_of(conn, [("a", "1"), ("x", "9")]) == {people[0]}
    assert identifiers.people_of(conn, [("a", "1"), ("b", "2")]) == set(people)
    assert identifiers.people_of(conn, [("a", "2"), ("b", "1")]) == set()
    assert identifiers.people_of(conn, []) == set()


def test_the_database_ties_one_number_to_one_person_whoever_asks(conn: psycopg.Connection, people: list[int]) -> None:
    """Two who look at the same moment both find that it is nobody's: what they write decides."""
    again = (
        "insert into identity.identifiers (person_id, identifier_id, system, value_hash, value, valid)"
        " select %s, gen_random_uuid(), system, value_hash, value, %s from identity.identifiers limit 1"
    )
    with conn.transaction():
        identifiers.add(conn, people[0], "s", "1")
        conn.execute("update identity.identifiers set valid = %s", (DateRange(None, date(2026, 4, 1)),))
    with pytest.raises(psycopg.errors.ExclusionViolation):
        conn.execute(again, (people[1], DateRange(date(2026, 3, 31), None)))
    assert conn.execute(again, (people[1], DateRange(date(2026, 4, 1), None))).rowcount == 1


def test_a_link_that_was_wrong_takes_the_copy_along_that_holds_what_it_brought(
    conn: psycopg.Connection, people: list[int], database: str
) -> None:
    identifiers.add(conn, people[0], "s", "1")
    [link] = identifiers.matches(conn, [("s", "1")])
    for person_id in people:
        exports.ask(conn, person_id)
    conn.execute("update identity.exports set state = 'working'")
    conn.execute("insert into identity.export_pieces select export_id, 0, person_id, 'x' from identity.exports")
    made = staff.add(conn, name="保健 しおり")
    with open_pool(database, role="phr_api") as doors, doors.connection() as desk:
        reaching.begin(desk, NurseOnDuty(made.staff_id, made.name, made.town))
        assert links.undo(desk, link.link_id, "読みちがい") == people[0]
    left = conn.execute("select person_id from identity.export_pieces").fetchall()
    assert [exports.of_person(conn, one)[0].state for one in people] == ["stopped", "working"]
    assert left == [(people[1],)]
