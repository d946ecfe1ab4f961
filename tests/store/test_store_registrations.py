from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from store import gateways, registrations

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SCALE = ("gw-1", "scale")


@pytest.fixture
def people(conn: psycopg.Connection) -> list[int]:
    gateways.add(conn, "gw-1", "secret")
    rows = conn.execute(
        "insert into health.people (birth_date, sex) values ('1950-01-01', 'female'), ('1948-01-01', 'male')"
        " returning person_id"
    )
    return [row[0] for row in rows]


def a_scale(conn: psycopg.Connection, person_id: int, since: datetime) -> registrations.Registration:
    return registrations.add(
        conn,
        gateway_id="gw-1",
        device="scale",
        model="theengs_scale",
        label="体重計(居間)",
        person_id=person_id,
        valid_from=since,
    )


def test_a_registered_device_is_found_with_its_person_and_label(conn: psycopg.Connection, people: list[int]) -> None:
    made = a_scale(conn, people[0], NOW)
    assert registrations.at(conn, [SCALE, ("gw-1", "unknown")], NOW) == {SCALE: made}
    assert registrations.at(conn, [SCALE], NOW - timedelta(seconds=1)) == {}
    assert registrations.of_person(conn, people[0]) == [made]


def test_a_device_handed_on_keeps_its_past(conn: psycopg.Connection, people: list[int]) -> None:
    old = a_scale(conn, people[0], NOW)
    later = NOW + timedelta(days=9)
    registrations.end(conn, old.registration_id, later)
    registrations.end(conn, old.registration_id, later + timedelta(days=1))
    new = a_scale(conn, people[1], later)
    assert registrations.at(conn, [SCALE], later - timedelta(seconds=1))[SCALE].person_id == people[0]
    assert registrations.at(conn, [SCALE], later)[SCALE] == new
    assert old.source_id != new.source_id
    assert [row.person_id for row in registrations.history(conn, [SCALE])[SCALE]] == people


def test_a_device_has_one_registration_at_a_time(conn: psycopg.Connection, people: list[int]) -> None:
    a_scale(conn, people[0], NOW)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        a_scale(conn, people[1], NOW + timedelta(days=1))


def test_a_member_sees_the_devices_of_the_household(conn: psycopg.Connection, people: list[int]) -> None:
    home = conn.execute("insert into health.households default values returning household_id").fetchone()[0]
    conn.execute("insert into health.household_members (household_id, person_id) values (%s, %s)", (home, people[1]))
    shared = registrations.add(
        conn, gateway_id="gw-1", device="bp", model="gatt_blood_pressure_2a35", label="血圧計", household_id=home
    )
    assert registrations.of_person(conn, people[1]) == [shared]
    assert registrations.of_person(conn, people[0]) == []
    assert [member.person_id for member in registrations.members(conn, [home])[home]] == [people[1]]
