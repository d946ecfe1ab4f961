"""Row by row: whatever the API's role may read of a table, to a stranger it shows nothing of the subject."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from access_world import OTHER, OWNER, SAKATA, YUZA
from conftest import Copy, Town
from psycopg import sql

from store import audit, openings, reaching, sealer
from store.sessions import Citizen, NurseOnDuty, Who

_FENCED = """
select relnamespace::regnamespace::text, relname,
       array(select attname::text from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped
                and has_column_privilege('phr_api', pg_class.oid, attnum, 'select'))
  from pg_class
 where relnamespace = any('{health,identity,audit}'::regnamespace[]) and relrowsecurity order by 1, 2
"""
# What everybody may be shown of anybody: how a device is called tells of nobody.
OPEN = {"health.sources"}


@pytest.fixture(scope="module")
def sealed(copy: Copy) -> Iterator[Town]:
    """A town of which a part of the looks is in the chain."""
    with copy() as town:
        with town.owner.transaction():
            assert sealer.seal(town.owner, most=3)
        person_id, nurse = town.world.things[OWNER]["person_id"], int(town.world.actors["nurse"].partition(":")[2])
        opened = {"town": SAKATA, "ground": "safety", "reason": "三日前から電話に出ない", "lasts": timedelta(hours=1)}
        openings.add(town.owner, staff_id=nurse, person_id=person_id, **opened)
        whose = {"person_id": person_id, "role": "worker", "purpose": "own"}
        audit.note(town.owner, **whose, actor="worker:test", action="read", items="days")
        yield town


def _shown(town: Town, who: Who) -> dict[str, list[dict[str, Any]]]:
    """Every row of every fenced table that the API's role reads while ``who`` asks."""
    tables = town.owner.execute(_FENCED).fetchall()
    with town.app.state.pool.connection() as conn:
        reaching.begin(conn, who)
        return {f"{schema}.{name}": _rows(conn, (schema, name), columns) for schema, name, columns in tables if columns}


def _rows(conn: psycopg.Connection, table: tuple[str, str], columns: list[str]) -> list[dict[str, Any]]:
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("select to_jsonb(t) from (select {} from {}) as t").format(named, sql.Identifier(*table))
    return [row for (row,) in conn.execute(query)]


def _of(rows: dict[str, list[dict[str, Any]]], named: dict[str, Any]) -> set[str]:
    """The tables in which something of this subject is shown."""
    numbers = {"person_id": "person_id", "household_id": "household", "asked_by": "person_id", "proxy_id": "person_id"}

    def tells(row: dict[str, Any]) -> bool:
        return named["mark"] in str(row) or any(
            row.get(column) == named[key] for column, key in numbers.items() if column in row
        )

    return {table for table, seen in rows.items() if any(map(tells, seen))}


def test_a_stranger_is_shown_no_row_of_the_subject_in_any_table(sealed: Town) -> None:
    owner, other = (sealed.world.things[mark] for mark in (OWNER, OTHER))
    hers = _of(_shown(sealed, Citizen(owner["person_id"], UUID(owner["public_id"]))), owner)
    assert (
        len(hers) > 20
        and {"audit.fresh", "audit.sealed", "audit.openings", "health.gateway_codes", "health.unclaimed"} <= hers
    )
    strangers: list[Who] = [
        Citizen(other["person_id"], UUID(other["public_id"])),
        NurseOnDuty(int(sealed.world.actors["far"].partition(":")[2]), "保健 とおい", YUZA),
    ]
    for stranger in strangers:
        assert _of(_shown(sealed, stranger), owner) - OPEN == set(), stranger.role
