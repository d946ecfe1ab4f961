from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ingest.known import Known
from store import households, registrations
from store.registrations import Device

NOW = datetime.now(UTC)
Devices = dict[str, registrations.Registration]


def owners(known: Known, conn: psycopg.Connection, *heard: Device) -> list[list[int | None]]:
    with conn.transaction():
        devices, _ = known.now(conn, heard)
        return [[row.person_id for row in devices[device]] for device in heard]


def test_who_asks_again_is_told_from_memory(
    conn: psycopg.Connection, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, phone = Known(), ("gw-1", "phone")
    first = owners(known, conn, phone, ("gw-1", "nobody's"))
    assert first == [[devices["phone"].person_id], []]
    monkeypatch.setattr(registrations, "history", lambda conn, missing: pytest.fail("asked again"))
    assert owners(known, conn, phone, ("gw-1", "nobody's")) == first


def test_a_device_registered_or_ended_is_known_at_once(
    conn: psycopg.Connection, people: list[int], devices: Devices
) -> None:
    known, device = Known(), ("gw-1", "new")
    assert owners(known, conn, device) == [[]]
    made = registrations.add(
        conn, gateway_id="gw-1", device="new", model="phr_readings", label="", person_id=people[0], valid_from=NOW
    )
    assert owners(known, conn, device) == [[people[0]]]
    registrations.end(conn, made.registration_id, NOW + timedelta(hours=1))
    with conn.transaction():
        devices, _ = known.now(conn, [device])
        assert devices[device][0].valid_to == NOW + timedelta(hours=1)


def test_a_registration_that_is_not_committed_is_not_known_and_is_so_afterwards(
    conn: psycopg.Connection, database: str, people: list[int], devices: Devices
) -> None:
    known, device = Known(), ("gw-1", "new")
    with psycopg.connect(database) as registering:
        registrations.add(
            registering, gateway_id="gw-1", device="new", model="phr_readings", label="", person_id=people[0]
        )
        assert owners(known, conn, device) == [[]]
    assert owners(known, conn, device) == [[people[0]]]


def test_who_joins_a_household_is_known_at_once(conn: psycopg.Connection, people: list[int], devices: Devices) -> None:
    home = households.add(conn)
    households.join(conn, home, people[0])
    registrations.add(conn, gateway_id="gw-1", device="shared", model="theengs_scale", label="", household_id=home)
    known, scale = Known(), ("gw-1", "shared")

    def members() -> list[int]:
        with conn.transaction():
            _, homes = known.now(conn, [scale])
            return [one.person_id for one in homes[home]]

    assert members() == people[:1]
    households.join(conn, home, people[1])
    assert members() == people[:2]


def test_two_who_register_at_once_do_not_wait_for_each_other(
    database: str, conn: psycopg.Connection, people: list[int], devices: Devices
) -> None:
    with psycopg.connect(database) as one, psycopg.connect(database, options="-c lock_timeout=20s") as other:
        for number, registering in enumerate((one, other)):
            registrations.add(
                registering,
                gateway_id="gw-1",
                device=f"new-{number}",
                model="phr_readings",
                label="",
                person_id=people[0],
            )
        registrations.hold_alone(other)
    assert owners(Known(), conn, ("gw-1", "new-0"), ("gw-1", "new-1")) == [[people[0]], [people[0]]]
