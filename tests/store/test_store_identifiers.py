import psycopg
import pytest

from store import identifiers


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
