"""What stands in the database, as one line a table: equal before and after means that nothing was changed."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

# Not the audit, which grows with every look, also with refused ones; not when something was last used or fetched.
_ALL = """
select n.nspname, c.relname,
       array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('health', 'identity') order by 1, 2
"""

_ROW = sql.SQL("(to_jsonb(t) - '{used_at,fetched_at}'::text[])::text")


def everything(conn: psycopg.Connection) -> dict[str, str]:
    """A digest of every table of health and identity."""
    return _digests(conn, {name: sql.SQL("true") for name in _tables(conn)})


def of_subject(conn: psycopg.Connection, person_id: int, household_id: int | None) -> dict[str, str]:
    """A digest of this person's rows and, if asked for, of those of their household, in every table that has such."""
    wanted: dict[tuple[str, str], sql.Composable] = {}
    for name, columns in _tables(conn).items():
        keys = {"person_id": person_id, "household_id": household_id}
        found = [
            sql.SQL("{} = {}").format(sql.Identifier(key), sql.Literal(value))
            for key, value in keys.items()
            if key in columns and value is not None
        ]
        if found:
            wanted[name] = sql.SQL(" or ").join(found)
    return _digests(conn, wanted)


def _tables(conn: psycopg.Connection) -> dict[tuple[str, str], list[str]]:
    return {(schema, table): columns for schema, table, columns in conn.execute(_ALL)}


def _digests(conn: psycopg.Connection, tables: Mapping[tuple[str, str], sql.Composable]) -> dict[str, str]:
    each = [
        sql.SQL("select {}, md5(string_agg({}, '|' order by {})) from {} as t where {}").format(
            sql.Literal(".".join(name)), _ROW, _ROW, sql.Identifier(*name), when
        )
        for name, when in tables.items()
    ]
    return dict(conn.execute(sql.SQL(" union all ").join(each)).fetchall())
