"""One person of a test's database, and what the database holds of their records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg

from store import consents, records

NOW = datetime.now(UTC)


class Citizen:
    """One person of the test's database."""

    def __init__(self, conn: psycopg.Connection, person_id: int) -> None:
        self.conn, self.person_id = conn, person_id

    def agrees(self, recipient: str = "*", items: Sequence[str] = ("*",)) -> int:
        return consents.give(
            self.conn, self.person_id, purpose="phr_records", recipient=recipient, items=items, text_version="1",
            given_by="self", valid_from=NOW - timedelta(days=400),
        )  # fmt: skip


def readings(conn: psycopg.Connection, person_id: int) -> dict[str, float]:
    rows = conn.execute("select metric, value from health.readings where person_id = %s", (person_id,)).fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def shown(conn: psycopg.Connection, citizen: Citizen) -> list[str]:
    return [row.title for row in records.timeline(conn, citizen.person_id)]


def traces(conn: psycopg.Connection) -> list[int]:
    """How many rows each table holds that could keep anything of a record's content."""
    tables = ("health.records", "health.documents", "health.readings", "health.rejections", "health.last_values")
    return [conn.execute(f"select count(*) from {table}").fetchone()[0] for table in tables]  # type: ignore[index]
