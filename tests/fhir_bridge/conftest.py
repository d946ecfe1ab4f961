"""A citizen who carries an identifier and has consented, and a way to import for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from citizens import Citizen
from invented_bundles import CARD, raw

from fhir_bridge.importing import Report, import_bytes
from store import identifiers


@pytest.fixture
def move_in(conn: psycopg.Connection) -> Callable[..., Citizen]:
    def add(*names: tuple[str, str], birth: str = "1960-02-03") -> Citizen:
        row = conn.execute(
            "insert into health.people (birth_date, sex) values (%s, 'female') returning person_id", (birth,)
        ).fetchone()
        assert row
        for system, value in names or (CARD,):
            identifiers.add(conn, row[0], system, value)
        return Citizen(conn, row[0])

    return add


@pytest.fixture
def citizen(move_in: Callable[..., Citizen]) -> Citizen:
    """Born 1960-02-03, carries CARD, agreed to everything from everybody."""
    one = move_in()
    one.agrees()
    return one


@pytest.fixture
def take(conn: psycopg.Connection) -> Callable[..., Report]:
    """Import a body (or bytes) in a transaction of its own."""

    def import_one(body: Any, name: str = "record.json") -> Report:
        with conn.transaction():
            return import_bytes(conn, body if isinstance(body, bytes) else raw(body), name, datetime.now(UTC))

    return import_one
