"""Marks everything of one person in the database, so that whatever is left of them anywhere can be found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from store import personal

PERSON = 880_000_000_017  # no other number in the database contains it
WORD, NUMBER = "ZEUGNIS", 877_655

_COLUMNS = """
select a.attname, t.typcategory, t.typname from pg_attribute as a join pg_type as t on t.oid = a.atttypid
 where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
   and attname not like '%%\\_id' and attname not in ('topic', 'people', 'code', 'gateway_id', 'issuer', 'subject')
"""
_TABLES = """
select relnamespace::regnamespace || '.' || relname from pg_class
 where relnamespace = any('{health, identity, audit, statistics, public}'::regnamespace[]) and relkind in ('r', 'p')
   and not relispartition order by 1
"""


def fill(conn: psycopg.Connection, source_id: int, home: int) -> None:
    """A row in every table of whose columns the product's own doors left none for the person."""
    now = datetime.now(UTC)
    first = {
        "advice": "select advice_id from health.advice where person_id = %(p)s limit 1",
        "record": "select record_id from health.records where person_id = %(p)s limit 1",
        "consent": "select consent_id from health.consents where person_id = %(p)s limit 1",
    }
    ids = {name: conn.execute(query, {"p": PERSON}).fetchone()[0] for name, query in first.items()}
    names = ids | {"p": PERSON, "s": source_id, "h": home, "now": now, "then": now - timedelta(hours=1)}
    for statement in Path(__file__).with_name("marked.sql").read_text("utf-8").split(";\n")[:-1]:
        conn.execute(statement.encode(), names)


def mark(database: str) -> dict[str, int]:
    """A unique word or number in every column of the person's rows that takes one; returns how many columns by table.

    As a replica: no trigger and no foreign key of ours runs.
    """
    numbers, marked = count(1), {}
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        known = personal.scope(conn, PERSON)
        conn.execute(f"update health.gateways set label = '{WORD}' where gateway_id = any(%(gateways)s)", known)
        for table in personal.tables():
            if table.whose and not table.stays:
                columns = conn.execute(_COLUMNS, (table.name,)).fetchall()
                marked[table.name] = sum(_mark(conn, table, known, column, next(numbers)) for column in columns)
    return marked


def _mark(conn: psycopg.Connection, table: personal.Table, known: personal.Scope, column: tuple, number: int) -> bool:
    name, category, kind = column
    others = {
        "jsonb": f"jsonb_build_object('x', '{WORD}-{number}')",
        "bytea": f"t.{name} || convert_to('{WORD}-{number}', 'UTF8')",
    }
    values = {
        "S": f"'{WORD}-{number}-' || coalesce(t.{name}::text, '')",
        "N": f"{NUMBER}.{number}" if kind == "float8" else f"{NUMBER}{number}",
        "U": others.get(kind),
    }
    value = values.get(category)
    if not value:
        return False
    gone = sql.SQL("update {} as t set {} = {} where {}").format(
        sql.Identifier(*table.name.split(".")), sql.Identifier(name), sql.SQL(value), personal._own(table.whose)
    )
    try:
        return conn.execute(gone, known).rowcount > 0
    except psycopg.Error:
        return False  # it takes only certain values


def found(conn: psycopg.Connection, public_id: object) -> dict[str, int]:
    """In which tables anything of the person stands: their marks, their number, their public id, names in clear."""
    words = [WORD, str(PERSON), str(public_id), WORD.encode().hex(), f"{NUMBER}", "0123456789", b"0123456789".hex()]
    tables = [name for (name,) in conn.execute(_TABLES)]
    seen = {}
    for name in tables:
        query = f"select count(*) from {name} as t where t::text like any(%s)"
        seen[name] = conn.execute(query.encode(), ([f"%{word}%" for word in words],)).fetchone()[0]
    return {name: rows for name, rows in seen.items() if rows}
