"""`phr migrate` as an operator types it."""

from __future__ import annotations

import psycopg
from typer.testing import CliRunner

from phr_api.cli import app


def test_a_database_that_is_not_in_utf8_is_refused_and_stays_empty(server: str) -> None:
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        conn.execute("create database in_ascii template template0 encoding 'SQL_ASCII' locale 'C'")
    try:
        url = server.format(database="in_ascii")
        said = CliRunner().invoke(app, ["migrate"], env={"PHR_DATABASE_URL": url})
        assert said.exit_code == 1
        assert "the database's encoding is SQL_ASCII, it has to be UTF8" in said.output
        with psycopg.connect(url) as conn:
            assert conn.execute("select to_regclass('public.phr_migrations')").fetchone() == (None,)
    finally:
        with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
            conn.execute("drop database in_ascii with (force)")
