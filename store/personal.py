"""Where a person is in the database: ``personal.toml``, which a copy of everything and a deletion go by.

A table that it does not name fails the tests, so that no new one is forgotten by either.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from store import identifiers

Scope = Mapping[str, object]  # what the conditions of personal.toml name

_SHORTEST_WORD = 6  # characters: a shorter identifier stands by chance in other people's files


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``shown`` None: not in the copy (``because``). ``stays``: why a deletion leaves it, else ''."""

    name: str
    whose: str | None
    shown: str | None
    source: str
    hidden: frozenset[str]
    first: str
    instead: tuple[str, ...]
    stays: str
    because: str

    @property
    def exported(self) -> bool:
        return self.shown is not None


@cache
def tables() -> tuple[Table, ...]:
    """Every table that a person can be in, those that others refer to first."""
    return tuple(_table(name, said) for name, said in _read().items() if "nobodys" not in said)


def named() -> frozenset[str]:
    """Every table that the file speaks of, also those that no person is in."""
    return frozenset(_read())


def scope(conn: psycopg.Connection, person_id: int) -> Scope:
    """What the conditions name, of this person, as it stands now."""
    homes = [home for (home,) in conn.execute(_HOMES, {"person": person_id})]
    known: dict[str, object] = {"person": person_id, "homes": homes}
    known["gateways"] = [one for (one,) in conn.execute(_GATEWAYS, known)]
    known["sources"] = [one for (one,) in conn.execute(_SOURCES, known)]
    known["words"] = [
        value.encode() for _, value in identifiers.of_person(conn, person_id) if len(value) >= _SHORTEST_WORD
    ]
    return known


def columns(conn: psycopg.Connection, table: Table) -> list[str]:
    """The columns that the copy holds, in the table's order."""
    rows = conn.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " order by attnum",
        (table.source,),
    )
    return [name for (name,) in rows if name not in table.hidden]


def selection(table: Table, wanted: sql.Composable, condition: str | None) -> sql.Composed:
    """``select <wanted> from <the table> as t where <condition>``; the condition is of our own file."""
    return sql.SQL("select {} from {} as t where {}").format(
        wanted, sql.Identifier(*table.source.split(".")), _own(condition or "false")
    )


def delete(conn: psycopg.Connection, table: Table, known: Scope) -> int:
    """Take the person's rows out of this table; returns how many rows."""
    for statement in (table.first, *table.instead):
        if statement:
            conn.execute(_own(statement), known)
    if table.whose is None:
        return 0
    gone = sql.SQL("delete from {} as t where {}").format(sql.Identifier(*table.name.split(".")), _own(table.whose))
    return conn.execute(gone, known).rowcount


def rows(conn: psycopg.Connection, table: Table, known: Scope) -> list[dict[str, Any]]:
    """What the copy holds of a small table, each row as JSON would have it."""
    return [row for (row,) in conn.execute(as_json(conn, table), known)]


def as_json(conn: psycopg.Connection, table: Table) -> sql.Composed:
    """The query of a table's rows as JSON objects, in the order of the table's first columns."""
    names = columns(conn, table)
    pairs = sql.SQL(", ").join(sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier("t", name)) for name in names)
    order = sql.SQL(", ").join(sql.Identifier("t", name) for name in names[:4])
    wanted = sql.SQL("jsonb_build_object({})").format(pairs)
    return selection(table, wanted, table.shown) + sql.SQL(" order by ") + order


def count(conn: psycopg.Connection, table: Table, known: Scope) -> int:
    """How many rows the copy holds of this table."""
    row = conn.execute(selection(table, sql.SQL("count(*)"), table.shown), known).fetchone()
    return int(row[0]) if row else 0


# No one else lives there now: what belongs to the household goes with its last member.
_HOMES = """
select distinct household_id from health.household_members as m where person_id = %(person)s and not exists (
    select from health.household_members as o
     where o.household_id = m.household_id and o.person_id <> m.person_id and o.valid && tstzrange(now(), null))
"""
_GATEWAYS = "select gateway_id from health.gateways where household_id = any(%(homes)s::bigint[])"
_SOURCES = """
select source_id from health.registrations where person_id = %(person)s or household_id = any(%(homes)s::bigint[])
union
select source_id from health.sources
 where code = 'manual:' || %(person)s or starts_with(code, 'manual:' || %(person)s || ':')
    or starts_with(code, 'phone:' || %(person)s || ':')
"""
_TYPES = {"homes": "bigint[]", "gateways": "text[]", "sources": "bigint[]", "words": "bytea[]"}


def _own(text: str) -> sql.SQL:
    for name, kind in _TYPES.items():
        text = text.replace(f"%({name})s", f"%({name})s::{kind}")
    return sql.SQL(text)  # from personal.toml, which nobody outside writes


@cache
def _read() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = tomllib.loads((files("store") / "personal.toml").read_text("utf-8"))
    return found


def _table(name: str, said: Mapping[str, Any]) -> Table:
    whose = said.get("whose")
    shown = said.get("shown", whose)
    return Table(
        name=name,
        whose=whose,
        shown=shown or None,
        source=said.get("from", name),
        hidden=frozenset(said.get("hidden", ())),
        first=said.get("first", ""),
        instead=tuple(said.get("instead", ())),
        stays=said.get("stays", ""),
        because=said.get("because", ""),
    )
