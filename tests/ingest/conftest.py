"""What the ingest tests share: a gateway that publishes, the worker's settings, registered devices."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from peers import Peer, peer

from ingest.broker import Broker
from store import gateways, registrations
from store.settings import Settings


@pytest.fixture
def gateway(broker: Broker, passwords: dict[str, str]) -> Iterator[Peer]:
    """Gateway ``gw-1``, connected."""
    with peer(broker.port, "gw-1", passwords["gw-1"]) as connected:
        yield connected


@pytest.fixture
def receive() -> str:
    """How the worker reads from the broker; test modules that matter to it ask for both ways."""
    return "fast"


@pytest.fixture
def settings(broker: Broker, database: str, passwords: dict[str, str], receive: str) -> Settings:
    return Settings(
        database_url=database,
        mqtt_port=broker.port,
        mqtt_password=passwords["ingest"],
        mqtt_slot="ingest-test",
        ingest_receive=receive,
    )


@pytest.fixture
def people(conn: psycopg.Connection) -> list[int]:
    """Three people; the first has every device of gateway gw-1 that ``devices`` registers."""
    rows = conn.execute(
        "insert into health.people (birth_date, sex) select '1950-01-01', 'female' from generate_series(1, 3)"
        " returning person_id"
    )
    return [row[0] for row in rows]


@pytest.fixture
def devices(conn: psycopg.Connection, people: list[int]) -> dict[str, registrations.Registration]:
    """Devices ``scale``, ``band``, ``bp`` and ``phone`` of gateway gw-1, the first person's for 60 days."""
    gateways.add(conn, "gw-1", "any")
    [since] = conn.execute("select now() - interval '60 days'").fetchone() or ()
    models = {
        "scale": "theengs_scale",
        "band": "pedometer_counter",
        "bp": "gatt_blood_pressure_2a35",
        "phone": "phr_readings",
    }
    return {
        device: registrations.add(
            conn, gateway_id="gw-1", device=device, model=model, label=device, person_id=people[0], valid_from=since
        )
        for device, model in models.items()
    }
