"""`phr migrate`: brings the database to the newest schema."""

from __future__ import annotations

import psycopg
import typer

from store import migrations, sealing_keys, settings


def migrate() -> None:
    """Apply the missing migrations to the database of PHR_DATABASE_URL, and make its keys.

    Names and identifiers that an older version kept in clear are sealed with PHR_MASTER_KEY.

    Safe to run again and from several machines at once. `phr up` does it by itself.

    Example:

      PHR_DATABASE_URL=postgresql://phr@db/phr PHR_MASTER_KEY_FILE=secrets/master_key phr migrate
    """
    known = settings.load()
    settings.require(known, "database_url", "master_key")
    applied = migrations.migrate(known.database_url)
    with psycopg.connect(known.database_url) as conn:
        sealed = sealing_keys.prepare(conn)
    if sealed:
        typer.echo(f"sealed names and contacts of {sealed} people, and their identifiers")
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("nothing to do: the schema is up to date")
