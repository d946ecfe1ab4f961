"""The life of the data keys: made, wrapped anew under another master key, replaced and taken away.

A rotation makes new keys, which seal from then on, and seals every old value anew in portions, each a transaction. What
is not done yet opens under its old key, so nobody has to stop; a rotation that was interrupted goes on where it was.
Every column of the type ``identity.sealed`` is found in the catalogue, whatever table it is in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from store import identifiers, people, sealing
from store.sealing import Place

_PORTION = 500
_COLUMNS = """
    select n.nspname, c.relname, array_agg(a.attname::text order by a.attnum),
           (select array_agg(k.attname::text order by array_position(i.indkey::int2[], k.attnum)) from pg_index as i
              join pg_attribute as k on k.attrelid = i.indrelid and k.attnum = any(i.indkey)
             where i.indrelid = c.oid and i.indisprimary)
      from pg_attribute as a join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace
     where a.atttypid = 'identity.sealed'::regtype and c.relkind = 'r' and not a.attisdropped
     group by n.nspname, c.relname, c.oid order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Key:
    """A data key; ``master`` is the fingerprint of what wraps it."""

    key_id: bytes
    use: str
    master: str
    current: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns, and the columns of its primary key, which name a value's place."""

    schema: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def place(self, column: str, row: tuple[Any, ...]) -> Place:
        return Place(f"{self.schema}.{self.name}.{column}", "/".join(map(str, row)))


def listing(conn: psycopg.Connection) -> list[Key]:
    """Every data key, the oldest first."""
    with conn.cursor(row_factory=class_row(Key)) as cursor:
        return cursor.execute(
            "select key_id, use, master, current, created_at from identity.keys order by created_at, use"
        ).fetchall()


def tables(conn: psycopg.Connection) -> list[SealedTable]:
    """Every table that holds sealed values."""
    return [SealedTable(row[0], row[1], tuple(row[2]), tuple(row[3])) for row in conn.execute(_COLUMNS)]


def prepare(conn: psycopg.Connection) -> int:
    """Make the keys of a database that has none, and seal what an older version kept in clear; how many people."""
    for use in ("seal", "lookup"):
        sealing.make(conn, use)
    return _seal_people(conn) + _seal_identifiers(conn)


def _seal_people(conn: psycopg.Connection) -> int:
    rows = _kept_aside(conn, "clear_persons", "person_id, name, kana, phone, email, address")
    for person_id, *values in rows:
        people.call(conn, person_id, **dict(zip(people.SEALED, values, strict=True)))
    return len(rows)


def _seal_identifiers(conn: psycopg.Connection) -> int:
    rows = _kept_aside(conn, "clear_identifiers", "person_id, system, value")
    for row in rows:
        identifiers.add(conn, *row)
    return 0


def _kept_aside(conn: psycopg.Connection, name: str, columns: str) -> list[tuple[Any, ...]]:
    known = conn.execute("select to_regclass(%s)", (f"identity.{name}",)).fetchone()
    if not known or known[0] is None:
        return []
    rows = conn.execute(f"select {columns} from identity.{name}").fetchall()  # noqa: S608 - names of our own
    conn.execute(sql.SQL("drop table identity.{}").format(sql.Identifier(name)))
    return rows


def rewrap(conn: psycopg.Connection) -> int:
    """Wrap every data key under the first master key; how many were under another. No value is touched."""
    first = next(iter(sealing.masters()))
    rows = conn.execute(
        "select key_id, wrapped, master from identity.keys where master <> %s for update", (first,)
    ).fetchall()
    for row in rows:
        master, wrapped = sealing.wrap(sealing.unwrap(*row), row[0])
        conn.execute("update identity.keys set master = %s, wrapped = %s where key_id = %s", (master, wrapped, row[0]))
    return len(rows)


def replace(conn: psycopg.Connection) -> bool:
    """New keys seal from now on. False when an earlier rotation is not through: that one goes on first.

    Waits for every transaction that is sealing now; who comes later has the new keys.
    """
    conn.execute("select pg_advisory_xact_lock(hashtextextended('identity.keys', 0))")
    if conn.execute("select 1 from identity.keys where not current limit 1").fetchone():
        return False
    conn.execute("update identity.keys set current = false")
    for use in ("seal", "lookup"):
        sealing.make(conn, use)
    return True


def reseal(pool: ConnectionPool, tell: Callable[[str, int], None] = lambda name, done: None) -> int:
    """Seal every value anew that is not under the keys in use, then take the old keys away; how many rows.

    ``tell(table, rows done)`` after every portion.
    """
    done = 0
    with pool.connection() as conn:
        found = tables(conn)
        # What a later rotation replaces meanwhile is not ours to take away: values that we sealed lie under it.
        old = conn.execute("select array_agg(key_id) from identity.keys where not current").fetchone()
    for table in found:
        for count in _portions(pool, table):
            done += count
            tell(table.name, done)
    with pool.connection() as conn:
        conn.execute("delete from identity.keys where key_id = any(%s)", old)
    return done


def _portions(pool: ConnectionPool, table: SealedTable) -> Iterator[int]:
    last: tuple[Any, ...] | None = None
    while True:
        with pool.connection() as conn:
            rows = _next(conn, table, last)
            key = sealing.in_use(conn, "seal")
            for row in rows:
                _seal_anew(conn, table, row, key=key)
        if not rows:
            return
        last = tuple(rows[-1][name] for name in table.key)
        yield len(rows)


def _next(conn: psycopg.Connection, table: SealedTable, last: tuple[Any, ...] | None) -> list[dict[str, Any]]:
    key = sql.SQL(", ").join(map(sql.Identifier, table.key))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(table.key))
    behind = sql.SQL("where ({}) > ({})").format(key, marks) if last else sql.SQL("")
    query = sql.SQL("select * from {} {} order by {} limit {} for update").format(
        sql.Identifier(table.schema, table.name), behind, key, sql.Literal(_PORTION)
    )
    with conn.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query, last or ()).fetchall()


def _seal_anew(conn: psycopg.Connection, table: SealedTable, row: dict[str, Any], *, key: tuple[bytes, bytes]) -> None:
    own = tuple(row[name] for name in table.key)
    opened = {
        name: sealing.open(conn, row[name], table.place(name, own)) for name in table.columns if row[name] is not None
    }
    changed: dict[str, bytes] = {
        name: sealing.seal_with(*key, text, table.place(name, own)) for name, text in opened.items()
    }
    if (table.schema, table.name) == ("identity", "identifiers"):
        changed["value_hash"] = sealing.hashes(conn, row["system"], opened["value"])[0]
    if not changed:
        return
    parts = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in changed)
    where = sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in table.key)
    query = sql.SQL("update {} set {} where {}").format(sql.Identifier(table.schema, table.name), parts, where)
    conn.execute(query, (*changed.values(), *own))
