from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from store import entitlements, people
from store.clock import day_start
from store.people import Person

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def mother(conn: psycopg.Connection) -> Person:
    return people.add(conn, birth_date=date(1980, 1, 1), sex="female", name="母")


@pytest.fixture
def child(conn: psycopg.Connection) -> Person:
    return people.add(conn, birth_date=date(2012, 2, 29), sex="male", name="子")


def entitle(conn: psycopg.Connection, child: Person, mother: Person, **other: object) -> int:
    given = {"kind": "parent", "relation": "母", "evidence": "戸籍", "noted_by": "staff:1"} | other
    given = {"valid_from": NOW - DAY, "valid_to": None} | given
    return entitlements.add(conn, person_id=child.person_id, proxy_id=mother.person_id, **given)  # type: ignore[arg-type]


def may(conn: psycopg.Connection, child: Person, mother: Person, at: datetime = NOW) -> int | None:
    return entitlements.in_force(conn, proxy_id=mother.person_id, person_id=child.person_id, at=at)


def test_nobody_acts_for_anybody_without_an_entitlement(
    conn: psycopg.Connection, child: Person, mother: Person
) -> None:
    assert may(conn, child, mother) is None
    given = entitle(conn, child, mother)
    assert may(conn, child, mother) == given
    assert may(conn, mother, child) is None  # nor the other way round
    assert [(one.public_id, one.relation) for one in entitlements.of_proxy(conn, mother.person_id, NOW)] == [
        (child.public_id, "母")
    ]
    assert [one.in_force for one in entitlements.of_person(conn, child.person_id, NOW)] == [True]


def test_a_parent_acts_until_the_child_is_18_and_a_caregiver_until_the_period_ends(
    conn: psycopg.Connection, child: Person, mother: Person
) -> None:
    birthday = day_start(date(2030, 3, 1))  # 18 years after 29 February
    entitle(conn, child, mother)
    assert may(conn, child, mother, birthday - timedelta(seconds=1))
    assert may(conn, child, mother, birthday) is None
    entitle(conn, mother, child, kind="caregiver", valid_to=NOW + DAY)
    assert may(conn, mother, child, NOW + DAY - timedelta(seconds=1))
    assert may(conn, mother, child, NOW + DAY) is None
    assert may(conn, mother, child, NOW - 2 * DAY) is None


@pytest.mark.parametrize("by", ["self", "proxy"])
def test_either_of_the_two_ends_it_and_nobody_else(
    conn: psycopg.Connection, child: Person, mother: Person, by: str
) -> None:
    given = entitle(conn, child, mother)
    owner, other = (child, mother) if by == "self" else (mother, child)
    assert not entitlements.end(conn, given, person_id=other.person_id, by=by)
    assert entitlements.end(conn, given, person_id=owner.person_id, by=by)
    assert not entitlements.end(conn, given, person_id=owner.person_id, by=by)
    later = datetime.now(UTC)
    assert may(conn, child, mother, later) is None and entitlements.of_proxy(conn, mother.person_id, later) == []
    assert [one.in_force for one in entitlements.of_person(conn, child.person_id, later)] == [False]


def test_nobody_is_their_own_proxy(conn: psycopg.Connection, child: Person) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        entitle(conn, child, child)
