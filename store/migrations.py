"""Brings a database to the newest schema: numbered SQL files, applied once each, in order.

The ledger ``public.phr_migrations`` keeps every applied file's sha256. A file that changed after it was
applied stops the run: write a new one instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import psycopg

from store import grants

_LEDGER = """
create table if not exists public.phr_migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now())
"""
_LOCK = 0x5048_5201  # one migrator at a time


class ChangedMigration(Exception):
    """An applied migration file differs from what the ledger remembers."""


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    sql: str

    @property
    def digest(self) -> str:
        return sha256(self.sql.encode()).hexdigest()

    @property
    def needs_extension(self) -> str | None:
        """The extension named in the first line (``-- requires extension: NAME``)."""
        found = re.match(r"-- requires extension: (\w+)", self.sql)
        return found and found[1]


def all_migrations() -> list[Migration]:
    """Every migration of the package, in the order of its number."""
    folder = files("store") / "sql"
    found = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return [Migration(item.name, item.read_text("utf-8")) for item in found]


def migrate(conninfo: str) -> list[str]:
    """Apply what is missing, then give the roles their rights anew; returns the names applied.

    Each file is one transaction, and so are the rights.
    """
    with psycopg.connect(conninfo, autocommit=True) as conn:
        conn.execute("select pg_advisory_lock(%s)", (_LOCK,))
        conn.execute(_LEDGER)
        grants.make_roles(conn)
        applied = [migration.name for migration in all_migrations() if _apply(conn, migration)]
        with conn.transaction():
            grants.apply(conn)
        return applied


def _apply(conn: psycopg.Connection, migration: Migration) -> bool:
    known = conn.execute("select sha256 from public.phr_migrations where name = %s", (migration.name,)).fetchone()
    if known:
        if known[0] != migration.digest:
            raise ChangedMigration(f"{migration.name} changed after it was applied: undo that and add a new file")
        return False
    if migration.needs_extension and not _available(conn, migration.needs_extension):
        return False
    with conn.transaction():
        conn.execute("set local lock_timeout = '10s'")
        conn.execute(migration.sql.encode())
        conn.execute(
            "insert into public.phr_migrations (name, sha256) values (%s, %s)", (migration.name, migration.digest)
        )
    return True


def _available(conn: psycopg.Connection, extension: str) -> bool:
    return bool(conn.execute("select 1 from pg_available_extensions where name = %s", (extension,)).fetchone())
