"""A plugin of pytest for ``mutants.py``: its tests use a PostgreSQL that runs already, migrated, not one of their own.

For mutants that leave the schema alone: starting and migrating a server costs more than most of the tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from store import embedded, migrations

TEMPLATE = "phr_template"


def clear(uri: str) -> None:
    """Every database goes but the template: a test that was ended left its own behind."""
    with psycopg.connect(uri.format(database="postgres"), autocommit=True) as conn:
        left = conn.execute("select datname from pg_database where datname like 'phr%%' and datname <> %s", (TEMPLATE,))
        for (name,) in left.fetchall():
            conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def _running(_: Path) -> Iterator[str]:
    uri = os.environ["PHR_MUTANTS_SERVER"]
    clear(uri)
    yield uri


def pytest_configure() -> None:
    migrate = migrations.migrate
    embedded.server = _running
    migrations.migrate = lambda uri: [] if TEMPLATE in uri else migrate(uri)
