"""`phr backup`: the whole database into one encrypted file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from phr_api.commands import demo_database
from phr_api.commands.demo_database import Demo
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import backups, settings, vault

app = typer.Typer(no_args_is_help=True, help="The whole database into one encrypted file, and back.")


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (backups.BackupFailed, vault.NotReadable) as fault:
        raise Problem(str(fault)) from None
    except ValueError:
        raise Problem("the backup's key can't be read: expected 32 bytes in base64url (`phr backup new-key`)") from None


_File = Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)]
_Key = Annotated[Path, typer.Option("--key", metavar="FILE", help="The private key.", exists=True, dir_okay=False)]


@app.command("new-key")
def new_key(file: Annotated[Path, typer.Argument(help="Where the private key goes.")]) -> None:
    """Make a pair of keys: the private one into FILE, for the safe; the public one is printed.

    Backups are made with the public key (PHR_BACKUP_KEY). Without the private one nobody can restore them.

    Example:

      phr backup new-key /media/usb/backup_private_key
    """
    private, public = vault.new_pair()
    try:
        with backups.owners_file(file) as out:
            out.write(f"{private}\n".encode())
    except OSError as fault:
        raise Problem(f"{file} can't be written ({fault.strerror})") from None
    typer.echo(public)


@app.command()
def make(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder of the backups.", file_okay=False)],
    data: Demo = None,
) -> None:
    """Write one encrypted file with everything that is committed at this moment. Nobody has to stop.

    Sessions, apps' tokens and one-time codes are not in it: after a restore everybody signs in anew.

    Example:

      phr backup make --to /backups
    """
    known = settings.load()
    settings.require(known, "backup_key")
    to.mkdir(parents=True, exist_ok=True)
    file = to / f"phr-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup"
    with demo_database.existing(data) as url, _sentences():
        count = backups.make(url, file, known.backup_key)
    console.print(f"{file}: {count / 1e6:.1f} MB")


@app.command()
def check(file: _File, key: _Key) -> None:
    """Read a whole backup, without a database: it is whole, unchanged, and PostgreSQL understands it.

    Example:

      phr backup check /backups/phr-20261122T030000Z.backup --key backup_private_key
    """
    with _sentences():
        count = backups.check(file, key.read_text("ascii"))
    console.print(f"{file}: whole and unchanged, {count / 1e6:.1f} MB")


@app.command()
def restore(file: _File, key: _Key) -> None:
    """Restore a backup into the empty database of PHR_DATABASE_URL: everything or nothing.

    Names and identifiers open with the PHR_MASTER_KEY under which the backup was made.

    Example:

      PHR_DATABASE_URL_FILE=secrets/database_url phr backup restore phr-20261122T030000Z.backup --key backup_private_key
    """
    known = settings.load()
    settings.require(known, "database_url")
    with _sentences():
        count = backups.restore(known.database_url, file, key.read_text("ascii"))
    console.print(f"restored {count / 1e6:.1f} MB, without anybody's sign-in; now: phr audit verify")
