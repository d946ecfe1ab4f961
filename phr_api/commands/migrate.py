"""`phr migrate`: brings the database to the newest schema."""

from __future__ import annotations

import typer

from store import migrations, settings


def migrate() -> None:
    """Apply the missing migrations to the database of PHR_DATABASE_URL.

    Safe to run again and from several machines at once. `phr up` does it by itself.

    Example:

      PHR_DATABASE_URL=postgresql://phr@db/phr phr migrate
    """
    known = settings.load()
    settings.require(known, "database_url")
    applied = migrations.migrate(known.database_url)
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("nothing to do: the schema is up to date")
