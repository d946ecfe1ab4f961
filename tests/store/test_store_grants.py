"""What each role of the database may do: exactly what ``store/grants.toml`` says, tried out right by right."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from store import grants, migrations, pool
from store.grants import Grant
from store.settings import BadSetting

_COLUMNS = """
select format('%%s.%%s', relnamespace::regnamespace, relname), attname, format_type(atttypid, atttypmod)
  from pg_attribute join pg_class on pg_class.oid = attrelid
 where relnamespace = any(%s::text[]::regnamespace[]) and relkind in ('r', 'p', 'v') and not relispartition
   and attnum > 0 and not attisdropped
"""
_TRIES = {
    "select": "select {column} from {table} limit 0",
    "insert": "insert into {table} ({column}) overriding system value select null::{type} where false",
    "update": "update {table} set {column} = default where false",
    "delete": "delete from {table} where false",
    "truncate": "truncate {table}",
}
# Whether who asks is let do each of these; a trigger or a constraint that refuses it later is another matter.
_POSSIBLE = """
create schema trial;
grant usage on schema trial to public;
create function trial.possible(statements text[]) returns boolean[] language plpgsql as $$
declare
    one text;
    found boolean[] := '{}';
begin
    foreach one in array statements loop
        begin
            execute one;
            raise exception using errcode = 'UNDO0';  -- as if it had not been
        exception
            -- the second and third: a view, which is read only
            when insufficient_privilege or wrong_object_type or object_not_in_prerequisite_state then
                found := found || false;
            when sqlstate 'UNDO0' or raise_exception or feature_not_supported then found := found || true;
        end;
    end loop;
    return found;
end $$
"""


@pytest.fixture(scope="module")
def owner(server: str) -> Iterator[psycopg.Connection]:
    """A connection to the migrated template; whatever is tried on it is rolled back."""
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        conn.execute("create database phr_grants template phr_template")
    with psycopg.connect(server.format(database="phr_grants"), autocommit=True) as opened:
        opened.execute(_POSSIBLE)
        yield opened
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as conn:
        conn.execute("drop database phr_grants with (force)")


def test_every_table_view_and_function_is_spoken_of_and_nothing_else(owner: psycopg.Connection) -> None:
    there = {thing for thing in grants.things(owner) if not _is_counter_of_a_table(owner, thing)}
    named = {thing for thing in grants.named() if not thing.endswith("_seq")} - {"health.raw_readings"}  # TimescaleDB's
    assert there - named == set(), "store/grants.toml does not say who may touch these"
    assert named - there == set(), "store/grants.toml speaks of what is not there"


@pytest.mark.parametrize("role", grants.ROLES)
def test_a_role_can_do_exactly_what_it_is_given(owner: psycopg.Connection, role: str) -> None:
    columns = owner.execute(_COLUMNS, (list(grants.SCHEMAS),)).fetchall()
    assert len(columns) > 200
    given = {
        (grant.thing, column, grant.right)
        for grant in grants.all_grants()
        if grant.role == role and grant.right not in ("execute", "usage")
        for table, column, _ in columns
        if table == grant.thing and _meant(grant, column)
    }
    tried = {
        (table, column, right): _statement(owner, right, table, column, kind)
        for table, column, kind in columns
        for right in _TRIES
    }
    let = _possible(owner, role, set(tried.values()))
    assert {what for what, statement in tried.items() if statement in let} == given


@pytest.mark.parametrize("role", grants.ROLES)
def test_a_role_can_call_exactly_the_functions_that_it_is_given(owner: psycopg.Connection, role: str) -> None:
    rows = owner.execute(
        "select distinct format('%%s.%%s()', pronamespace::regnamespace, proname) from pg_proc"
        " where pronamespace = any(%s::text[]::regnamespace[]) and has_function_privilege(%s, oid, 'execute')",
        (list(grants.SCHEMAS), role),
    )
    given = {grant.thing for grant in grants.all_grants() if grant.role == role and grant.right == "execute"}
    assert {thing for (thing,) in rows} == given


def test_who_reads_names_is_said_here_too() -> None:
    """A grant more in the file is a change that somebody must mean twice."""
    rights = {(grant.thing, grant.role) for grant in grants.all_grants() if grant.right == "select"}
    doors, jobs = "phr_api", "phr_jobs"
    assert {role for thing, role in rights if thing == "identity.persons"} == {doors, jobs}
    assert {role for thing, role in rights if thing == "identity.sessions"} == {doors, jobs}
    assert {role for thing, role in rights if thing == "identity.second_factors"} == {doors}
    assert {role for thing, role in rights if thing == "health.readings"} & {"phr_operator", "phr_gatekeeper"} == set()


def test_who_is_no_role_of_ours_can_touch_nothing(owner: psycopg.Connection) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute("create role phr_stranger nologin")
        columns = owner.execute(_COLUMNS, (list(grants.SCHEMAS),)).fetchall()
        tried = {_statement(owner, "select", table, column, kind) for table, column, kind in columns}
        assert len(tried) > 200 and _possible(owner, "phr_stranger", tried) == set()


def test_giving_again_takes_back_what_the_file_does_not_say(conn: psycopg.Connection, database: str) -> None:
    conn.execute("grant select (name) on identity.persons to phr_ingest; grant delete on health.days to public")
    migrations.migrate(database)
    [(name, days)] = conn.execute(
        "select has_column_privilege('phr_ingest', 'identity.persons', 'name', 'select'),"
        " has_table_privilege('phr_advice', 'health.days', 'delete')"
    ).fetchall()
    assert (name, days) == (False, False)


def test_every_connection_of_a_pool_works_as_its_role_and_stays_so(database: str) -> None:
    with pool.open_pool(database, role="phr_ingest") as opened, opened.connection() as conn:
        conn.execute("reset role")
        assert conn.execute("select current_user").fetchone() == ("phr_ingest",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select from identity.persons")
    with pool.alone(database, "listener", role="phr_figures", options="-c lock_timeout=5s") as conn:
        assert conn.execute("select current_user, current_setting('lock_timeout')").fetchone() == ("phr_figures", "5s")


def test_a_login_that_is_no_member_is_told_so(conn: psycopg.Connection, database: str) -> None:
    conn.execute("do $$ begin create role phr_outsider login; exception when duplicate_object then end $$")
    theirs = psycopg.conninfo.make_conninfo(database, user="phr_outsider")
    with pytest.raises(BadSetting, match="may not work as phr_api; an administrator says: grant phr_api to"):
        pool.may_become(theirs, "phr_api")
    with pytest.raises(BadSetting, match="has no role phr_nobody"):
        pool.may_become(database, "phr_nobody")
    pool.may_become(database, "phr_api")
    pool.may_become("host=127.0.0.1 port=1 dbname=away", "phr_api")


def test_an_unknown_role_or_right_is_refused() -> None:
    with pytest.raises(ValueError, match="no role"):
        list(grants._grants("phr_ap", "health.days", "select"))
    with pytest.raises(ValueError, match="no rights"):
        list(grants._grants("phr_api", "health.days", "select truncate"))


def _meant(grant: Grant, column: str) -> bool:
    return not grant.columns or column in grant.columns


def _statement(conn: psycopg.Connection, right: str, table: str, column: str, kind: str) -> str:
    names = {"table": sql.Identifier(*table.split(".")), "column": sql.Identifier(column), "type": sql.SQL(kind)}
    return sql.SQL(_TRIES[right]).format(**names).as_string(conn)


def _possible(conn: psycopg.Connection, role: str, statements: set[str]) -> set[str]:
    """What of it the role is let do."""
    tried = sorted(statements)
    with conn.transaction(force_rollback=True):
        conn.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        (found,) = conn.execute("select trial.possible(%s)", (tried,)).fetchone() or ()
    return {one for one, let in zip(tried, found, strict=True) if let}


def _is_counter_of_a_table(conn: psycopg.Connection, thing: str) -> bool:
    found = "select from pg_class where oid = to_regclass(%s) and relkind = 'S'"
    return conn.execute(found, (thing,)).fetchone() is not None
