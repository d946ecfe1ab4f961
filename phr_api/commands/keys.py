"""`phr keys`: the keys that names, contacts and identifiers are sealed under."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from phr_api.commands import demo_database
from phr_api.commands.demo_database import Demo
from phr_api.commands.terminal import console
from store import sealing, sealing_keys
from store.pool import open_pool

app = typer.Typer(no_args_is_help=True, help="Keys that names, contacts and identifiers are sealed under.")


@app.command()
def new() -> None:
    """Print a new master key. It belongs into a file that only its owner can read, and into a safe.

    Example:

      (umask 077; phr keys new > secrets/master_key)
    """
    typer.echo(token_urlsafe(32))


@app.command()
def show(data: Demo = None) -> None:
    """The data keys of the database: what for, since when, and which master key wraps them. No secret is shown."""
    table = Table("data key", "use", "wrapped by", "state", "made", box=None)
    with demo_database.existing(data) as url, open_pool(url, name="phr-keys") as pool:
        with pool.connection() as conn:
            known = sealing_keys.listing(conn)
        for key in known:
            state = "in use" if key.current else "opens only: a rotation is not through"
            table.add_row(key.key_id.hex(), key.use, key.master, state, f"{key.created_at:%Y-%m-%d %H:%M} UTC")
        console.print(table)
        for name in sealing.masters():
            count = sum(key.master == name for key in known)
            console.print(f"master key {name} of PHR_MASTER_KEY wraps {count} data keys")


@app.command()
def rotate(
    data: Demo = None,
    wrap_only: Annotated[
        bool, typer.Option("--wrap-only", help="Only wrap the data keys under the first master key: no value changes.")
    ] = False,
) -> None:
    """Wrap the data keys under the first master key, make new data keys, and seal everything anew.

    Nothing has to stop: old keys open until all is done. Interrupted, it goes on where it was at the next call.

    To change the master key: write the new one *before* the old one into its file, separated by a space, start API
    and bridge anew, run this, take the old one out. Keep it for the backups that were made under it.

    Example:

      phr keys rotate
    """
    with demo_database.existing(data) as url, open_pool(url, name="phr-keys") as pool:
        with pool.connection() as conn:
            count = sealing_keys.rewrap(conn)
        console.print(f"{count} data keys wrapped under master key {next(iter(sealing.masters()))}")
        if wrap_only:
            return
        with pool.connection() as conn:
            if not sealing_keys.replace(conn):
                console.print("an earlier rotation was not through: it goes on")
        with Progress(console=console) as bars:
            task = bars.add_task("sealing anew", total=None)
            done = sealing_keys.reseal(pool, lambda name, rows: bars.update(task, completed=rows, description=name))
    console.print(f"{done} rows sealed anew; the old data keys are gone")
