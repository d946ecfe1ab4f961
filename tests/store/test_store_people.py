from datetime import date
from uuid import uuid4

import psycopg

from store import people, staff


def test_a_person_is_found_by_either_id(conn: psycopg.Connection) -> None:
    added = people.add(
        conn, birth_date=date(1960, 1, 1), sex="female", name="遊佐 りん", kana="ユザ リン", phone="0234"
    )
    assert people.by_id(conn, added.person_id) == people.by_public_id(conn, added.public_id) == added
    assert people.by_id(conn, added.person_id + 1) is None
    assert people.by_public_id(conn, uuid4()) is None


def test_names_lie_apart_from_health_data(conn: psycopg.Connection) -> None:
    added = people.add(
        conn, birth_date=date(1960, 1, 1), sex="female", name="遊佐 りん", kana="ユザ リン", phone="0234"
    )
    assert people.name_of(conn, added.person_id) == "遊佐 りん"
    assert people.name_of(conn, added.person_id + 1) is None
    assert people.contacts(conn, [added.person_id]) == {
        added.person_id: people.Contact("遊佐 りん", "ユザ リン", "0234")
    }
    assert "遊佐" not in str(conn.execute("select * from health.people").fetchall())


def test_staff_are_listed_in_the_order_they_came(conn: psycopg.Connection) -> None:
    first, second = staff.add(conn, name="保健 しおり"), staff.add(conn, name="看護 みどり", town="062031")
    assert staff.listing(conn) == [first, second]
    assert staff.by_id(conn, second.staff_id) == second
    assert staff.by_id(conn, second.staff_id + 1) is None
