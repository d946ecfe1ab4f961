"""`phr migrate`: brings the database to the newest schema."""

from __future__ import annotations

import psycopg
import typer

from phr_api.commands.problem import Problem
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
    _refuse_other_encodings(known.database_url)
    applied = migrations.migrate(known.database_url)
    with psycopg.connect(known.database_url) as conn:
        sealed = sealing_keys.prepare(conn)
    if sealed:
        typer.echo(f"sealed names and contacts of {sealed} people, and their identifiers")
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("nothing to do: the schema is up to date")


def _refuse_other_encodings(url: str) -> None:
    """A server without a locale makes databases in SQL_ASCII, where text comes back as bytes and Japanese unchecked."""
    with psycopg.connect(url) as conn:
        encoding = conn.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Problem(f"the database's encoding is {encoding}, it has to be UTF8: create database … encoding 'UTF8'")
