"""A backup of a TimescaleDB restores into another one: what lies in columns, too, and the fences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from store import audit, backups, readings, sealer, vault, verifying
from store.model import Reading

NOW = datetime.now(UTC)
_CHUNKS = """
select count(*), count(*) filter (where is_compressed) from timescaledb_information.chunks
 where hypertable_name = 'raw_readings'
"""


def weights(person: int, count: int, since: datetime) -> list[Reading]:
    return [Reading(person, "weight", since + timedelta(hours=n), 1, 60.0 + n, 0, 0, NOW) for n in range(count)]


def test_a_backup_of_a_timescale_database_restores_into_an_empty_one(
    database: str, conn: psycopg.Connection, empty_server: str, tmp_path: Path
) -> None:
    conn.execute("insert into health.people (birth_date, sex) select '1950-01-01', 'female' from generate_series(1, 2)")
    with conn.transaction():
        for person in (1, 2):
            readings.add(conn, [*weights(person, 60, NOW - timedelta(days=100)), *weights(person, 9, NOW)])
    conn.execute("select compress_chunk(c) from show_chunks('health.raw_readings', older_than => interval '56 days') c")
    audit.note(conn, actor="staff:1", role="nurse", person_id=1, action="read", items="x", purpose="guidance")
    with conn.transaction():
        assert sealer.seal(conn) == 1
    before = conn.execute("select * from health.readings order by person_id, at").fetchall()
    chunks = conn.execute(_CHUNKS).fetchone()
    private, public = vault.new_pair()
    file = tmp_path / "night.backup"
    backups.make(database, file, public)
    backups.restore(empty_server, file, private)
    with psycopg.connect(empty_server, autocommit=True) as new:
        assert new.execute("select * from health.readings order by person_id, at").fetchall() == before
        assert len(before) == 138 and chunks is not None and chunks[1] > 0
        assert new.execute(_CHUNKS).fetchone() == chunks
        with new.transaction():
            seen = verifying.verify(new)
            assert (seen.rows, seen.broken) == (1, 0)
        with new.transaction():
            readings.add(new, weights(1, 3, NOW + timedelta(days=1)))
        assert new.execute("select count(*) from health.readings").fetchone() == (141,)
        with new.transaction():
            new.execute("set local role phr_api")
            assert new.execute("select count(*) from health.readings").fetchone() == (0,)
