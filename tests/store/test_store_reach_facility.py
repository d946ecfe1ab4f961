"""Staff of a facility that works for a town: the database shows them who agreed to that facility, nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from invented_person import invent
from psycopg_pool import ConnectionPool

from store import consents, openings, reaching, staff
from store.people import Person
from store.pool import open_pool
from store.sessions import NurseOnDuty

NOW = datetime.now(UTC)
CENTRE, OTHER = ("0688888888", "港の保健センター"), ("0677777777", "山の診療所")


@pytest.fixture
def api(database: str) -> Iterator[ConnectionPool]:
    with open_pool(database, role="phr_api") as opened:
        yield opened


@pytest.fixture
def her(db: ConnectionPool) -> Person:
    """A person of whom everything is known, with open advice, who agreed to the town's guidance."""
    return invent(db, NOW)


def of(conn: psycopg.Connection, facility: tuple[str, str] | None, town: str = "062049") -> NurseOnDuty:
    made = staff.add(conn, name="保健 しおり", town=town, facility=facility)
    return NurseOnDuty(made.staff_id, made.name, town, facility=made.facility)


def seen(api: ConnectionPool, nurse: NurseOnDuty, her: Person) -> set[str]:
    """In which tables the nurse who turned to her sees anything of anybody."""
    tables = ("health.people", "identity.persons", "health.advice", "health.readings", "health.consents")
    with api.connection() as conn:
        reaching.begin(conn, nurse)
        reaching.turn_to(conn, her.public_id)
        return {one for one in tables if conn.execute(f"select 1 from {one} limit 1".encode()).fetchone()}


def agree(conn: psycopg.Connection, her: Person, to: str) -> int:
    given = {"purpose": "guidance", "recipient": to, "items": ["*"], "text_version": "1", "given_by": "self"}
    return consents.give(conn, her.person_id, **given, valid_from=NOW - timedelta(days=1))  # type: ignore[arg-type]


def test_only_the_facility_that_was_agreed_to_sees_her_and_only_as_long(
    api: ConnectionPool, conn: psycopg.Connection, her: Person
) -> None:
    named, other, far = of(conn, CENTRE), of(conn, OTHER), of(conn, CENTRE, town="064611")
    assert seen(api, named, her) == set()  # to the town is not to everybody who works for it
    consent = agree(conn, her, CENTRE[0])
    everything = {"health.people", "identity.persons", "health.advice", "health.readings"}
    assert seen(api, named, her) == everything
    assert seen(api, other, her) == seen(api, far, her) == set()
    assert seen(api, of(conn, None), her) == everything
    assert consents.withdraw(conn, her.person_id, consent, datetime.now(UTC))
    assert seen(api, named, her) == set()


def test_an_emergency_of_the_towns_opens_nothing_for_a_facility(
    api: ConnectionPool, conn: psycopg.Connection, her: Person
) -> None:
    named = of(conn, CENTRE)
    asked = {"person_id": her.person_id, "town": "062049", "ground": "safety", "reason": "三日前から電話に出ない"}
    openings.add(conn, staff_id=named.staff_id, **asked, lasts=timedelta(hours=1))  # type: ignore[arg-type]
    assert seen(api, named, her) == set()
    with api.connection() as fenced, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reaching.begin(fenced, named)
        openings.add(fenced, staff_id=named.staff_id, **asked, lasts=timedelta(hours=1))  # type: ignore[arg-type]


def test_a_facilitys_code_has_ten_digits_and_its_staff_supervise_nobody(conn: psycopg.Connection) -> None:
    assert staff.facilities(conn) == {}
    of(conn, CENTRE)
    of(conn, CENTRE)
    assert staff.facilities(conn) == dict([CENTRE])
    with pytest.raises(psycopg.errors.CheckViolation):
        staff.add(conn, name="保健", facility=("12", "短い"))
    with pytest.raises(psycopg.errors.CheckViolation):
        staff.add(conn, name="保健", role="supervisor", facility=CENTRE)
