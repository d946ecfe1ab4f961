"""Real PostgreSQL for every test that asks for it: one server a run, one database a test, cloned from a template.

And a real Mosquitto: one broker a test, on a port of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import disk_usage, rmtree
from tempfile import mkdtemp

import hypothesis
import ports
import psycopg
import pytest
from psycopg import sql
from psycopg_pool import ConnectionPool

from ingest import broker as mosquitto
from store import embedded, migrations, pool

os.environ["PHR_MASTER_KEY"] = "A" * 43  # also of the workers that tests start
SHARED = Path(__file__).resolve().parents[2] / "shared"
_numbers = count(1)
# How long an example takes on a busy machine says nothing about the product.
hypothesis.settings.register_profile("any machine", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("any machine")


def _roomy_memory() -> str | None:
    """A folder in memory where the machine has one with room: a thousand databases are made and dropped."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and disk_usage(memory).free > 4 * 2**30 else None


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Connection string of a PostgreSQL server with the migrated database ``phr_template``."""
    folder = Path(mkdtemp(prefix="phr-test-", dir=_roomy_memory()))
    with embedded.server(folder / "pg") as uri:
        with psycopg.connect(uri.format(database="postgres"), autocommit=True) as conn:
            # Nothing here outlives the run: what the tests kill are our processes and the server, not the machine.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                conn.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
            conn.execute("select pg_reload_conf()")
        migrations.migrate(embedded.database(uri, "phr_template"))
        yield uri
    rmtree(folder)


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """Connection string of a fresh, migrated, empty database of this test's own."""
    with _fresh(server) as uri:
        yield uri


@pytest.fixture(scope="module")
def file_database(server: str) -> Iterator[str]:
    """The same for all tests of a file that never count what others left: it says so by a ``database`` of its own."""
    with _fresh(server) as uri:
        yield uri


@contextmanager
def _fresh(server: str) -> Iterator[str]:
    name = f"phr_{next(_numbers)}"
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        # As files, not page by page through the log: a third of the work is spared.
        conn.execute(
            sql.SQL("create database {} template phr_template strategy file_copy").format(sql.Identifier(name))
        )
    yield server.format(database=name)
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def db(database: str) -> Iterator[ConnectionPool]:
    """A pool on this test's own database."""
    with pool.open_pool(database) as opened:
        yield opened


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection]:
    """One autocommit connection to this test's own database."""
    with psycopg.connect(database, autocommit=True, options="-c timezone=UTC") as opened:
        yield opened


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples that no one here wrote; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        told = f"no samples at {SHARED}: put the shared folder beside the checkout to run this test"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    return SHARED


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    return ports.free()


@pytest.fixture(scope="session")
def passwords() -> dict[str, str]:
    """Who may connect to ``broker``: the gateways gw-1 and gw-2 and the worker ``ingest``, with their passwords."""
    return {"gw-1": "the first gateway's password", "gw-2": "the second one's", "ingest": "the worker's password"}


@pytest.fixture
def broker(tmp_path: Path, free_port: int, passwords: dict[str, str]) -> Iterator[mosquitto.Broker]:
    """A running Mosquitto that knows ``passwords``."""
    gateways = [(name, mosquitto.password_hash(passwords[name])) for name in ("gw-1", "gw-2")]
    config = mosquitto.prepare(
        tmp_path / "broker", port=free_port, gateways=gateways, ingest_password=passwords["ingest"]
    )
    with mosquitto.running(config) as running:
        yield running
