"""The demo's PostgreSQL: started by `phr up`, found by the other commands."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from phr_api.commands import demo_folder
from phr_api.commands.demo_folder import Folder
from phr_api.commands.own_name import phr
from phr_api.commands.problem import Problem
from store import embedded, sealing, settings

NAME = "phr"
Demo = Annotated[Path | None, typer.Option(metavar="DIR", help="A demo's folder. Default: PHR_DATABASE_URL, else .phr")]


@contextmanager
def started(folder: Folder, say: Callable[[str], None]) -> Iterator[str]:
    """Run the folder's PostgreSQL; yields the connection string of a database that exists. Hold the lock."""
    # the wheel counts its users by process id: one that was killed would keep the server running for ever
    (folder.database / ".handle_pids.json").unlink(missing_ok=True)
    closed = closed_ancestors(folder.database)
    if closed:
        say(
            f"note: as root, PostgreSQL runs as the system user embedded_postgres; to let it pass, {closed[0]} gets"
            " the permission o+x (others may enter it, not list it). Use --data elsewhere to avoid that."
        )
    try:
        with embedded.server(folder.database) as server:
            sealing.use(demo_folder.master_key(folder).read_text("utf-8"))
            yield embedded.database(server, NAME)
    except OSError as fault:
        raise Problem(f"PostgreSQL can't use {folder.database} ({fault.strerror}): choose another --data") from None


def closed_ancestors(path: Path) -> list[Path]:
    """As root: the folders above ``path`` that another system user can't pass through."""
    if os.geteuid() != 0:
        return []
    return [above for above in path.parents if above.exists() and not above.stat().st_mode & stat.S_IXOTH]


@contextmanager
def existing(data: Path | None) -> Iterator[str]:
    """Connection string of the database that a command should talk to.

    ``data`` names a demo's folder; without it the settings count, and without those the demo in ``.phr``. A demo
    that does not run has its PostgreSQL started for the length of the block.
    """
    given = settings.load().database_url
    if data is None and given:
        yield given
        return
    if data is None and not (Path(".phr") / demo_folder.MARKER).is_file():
        raise Problem(
            f"no demo in .phr, and PHR_DATABASE_URL is not set: start a demo with `{phr()} up`,"
            " or give a demo's folder with --data DIR (phr learn and phr advise: --home DIR)"
        )
    folder = demo_folder.find(data or Path(".phr"))
    if demo_folder.running(folder):
        sealing.use(demo_folder.master_key(folder).read_text("utf-8"))
        yield (folder.secrets / "database_url").read_text("utf-8")
        return
    with demo_folder.lock(folder), started(folder, lambda _: None) as url:
        yield url


def renew(server_url: str) -> None:
    """Drop and make the database anew: what is in it was never finished."""
    with psycopg.connect(server_url.replace(f"/{NAME}?", "/postgres?"), autocommit=True) as conn:
        conn.execute(f"drop database if exists {NAME} with (force)")
        conn.execute(f"create database {NAME}")
