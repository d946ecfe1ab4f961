"""Which role of the database may do what: ``grants.toml`` as SQL. What it does not name, nobody may do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from psycopg import sql

ROLES = (
    "phr_api",
    "phr_ingest",
    "phr_figures",
    "phr_advice",
    "phr_bridge",
    "phr_gatekeeper",
    "phr_jobs",
    "phr_operator",
    "phr_statistics",
)
# They copy rows into tables that are fenced for phr_api, which PostgreSQL allows only past the fences. What they may
# touch is said by their grants alone.
COPYING = ("phr_ingest", "phr_figures", "phr_jobs")
SCHEMAS = ("health", "identity", "audit", "statistics")

# As the file names it, and as SQL spells it: two functions of one name are one thing here.
_THINGS = """
select relnamespace::regnamespace || '.' || relname, format('%%I.%%I', relnamespace::regnamespace, relname)
  from pg_class
 where relnamespace = any(%(schemas)s::text[]::regnamespace[]) and relkind in ('r', 'p', 'v', 'm', 'S')
   and not relispartition
union all
select pronamespace::regnamespace || '.' || proname || '()', oid::regprocedure::text
  from pg_proc where pronamespace = any(%(schemas)s::text[]::regnamespace[])
"""
_RIGHT = re.compile(r"(select|insert|update|delete|execute|usage)(?:\(([a-z0-9_, ]+)\))?(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Grant:
    """``columns`` empty: the whole table. ``thing`` is ``schema.name``; a function's ends with ``()``."""

    role: str
    thing: str
    right: str
    columns: tuple[str, ...] = ()


def named() -> set[str]:
    """Everything that the file speaks of, also what it gives to nobody."""
    return set(_read())


def all_grants() -> list[Grant]:
    """What the file gives. Raises ValueError when it says something that can't be."""
    return [
        grant
        for thing, roles in _read().items()
        for role, words in roles.items()
        for grant in _grants(role, thing, words)
    ]


def make_roles(conn: psycopg.Connection) -> None:
    """Create the roles that are missing; they belong to the server, so another database's migration may be at it too.

    A login that may not create roles needs them made before (docs/production.md).
    """
    for role in ROLES:
        if conn.execute("select from pg_roles where rolname = %s", (role,)).fetchone() is None:
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation), conn.transaction():
                conn.execute(_say("create role {} nologin", sql.Identifier(role)))
    for (role,) in conn.execute(
        "select rolname from pg_roles where rolname = any(%s) and not rolbypassrls", (list(COPYING),)
    ).fetchall():
        # where that may not be said, what they would copy is merged, which is slower (store/readings.py)
        with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InternalError_), conn.transaction():
            conn.execute(_say("alter role {} bypassrls", sql.Identifier(role)))


def apply(conn: psycopg.Connection) -> None:
    """Take everything from every role and from everybody, then give what the file says; in the caller's transaction.

    What this database does not have is passed over: some parts come with an extension.
    """
    schemas, roles = _names(SCHEMAS), _names(ROLES)
    for kind in ("tables", "sequences", "routines"):  # with a table go the rights to its columns
        conn.execute(_say("revoke all on all {} in schema {} from public, {}", sql.SQL(kind), schemas, roles))
    conn.execute(_say("revoke all on schema {} from public, {}", schemas, roles))
    there = things(conn)
    grants = [grant for grant in all_grants() if grant.thing in there]
    for role, schema in sorted({(grant.role, grant.thing.partition(".")[0]) for grant in grants}):
        conn.execute(_say("grant usage on schema {} to {}", sql.Identifier(schema), sql.Identifier(role)))
    for grant in grants:
        for spelled in there[grant.thing]:
            conn.execute(_sql(grant, spelled))


def things(conn: psycopg.Connection) -> dict[str, list[str]]:
    """Every table, view, sequence and routine of our schemas, by its name in the file; no single partition."""
    found: dict[str, list[str]] = {}
    for thing, spelled in conn.execute(_THINGS, {"schemas": list(SCHEMAS)}):
        found.setdefault(thing, []).append(spelled)
    return found


def _read() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = tomllib.loads((files("store") / "grants.toml").read_text("utf-8"))
    return found


def _grants(role: str, thing: str, words: str) -> Iterator[Grant]:
    if role not in ROLES:
        raise ValueError(f"grants.toml: {thing} speaks of {role}, which is no role")
    if _RIGHT.sub("", words):
        raise ValueError(f"grants.toml: {thing} gives {role} {words!r}, which are no rights")
    for right, columns in _RIGHT.findall(words):
        yield Grant(role, thing, right, tuple(name.strip() for name in columns.split(",")) if columns else ())


def _sql(grant: Grant, spelled: str) -> sql.Composed:
    kind = {"execute": "routine ", "usage": "sequence "}.get(grant.right, "")
    right = sql.SQL(grant.right) + (sql.SQL(" ({})").format(_names(grant.columns)) if grant.columns else sql.SQL(""))
    return _say("grant {} on {} to {}", right, sql.SQL(kind + spelled), sql.Identifier(grant.role))


def _say(words: str, *parts: sql.Composable) -> sql.Composed:
    return sql.SQL(words).format(*parts)


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
