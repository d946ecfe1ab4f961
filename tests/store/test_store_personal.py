"""No table is forgotten by a copy of everything, nor by a deletion."""

from __future__ import annotations

from store import grants, personal

_TABLES = """
select relnamespace::regnamespace || '.' || relname from pg_class
 where relnamespace = any(%s::text[]::regnamespace[]) and relkind in ('r', 'p') and not relispartition
"""
_REFERS = """
select distinct conrelid::regclass::text, confrelid::regclass::text from pg_constraint
 where contype = 'f' and conrelid <> confrelid and conparentid = 0
"""


def test_every_table_is_spoken_of_and_none_that_is_not_there(conn):
    there = {name for (name,) in conn.execute(_TABLES, (list(grants.SCHEMAS),))}
    assert there - personal.named() == set(), "say in store/personal.toml whose rows these tables hold"
    assert personal.named() - there == set()


def test_what_others_refer_to_comes_before_them(conn):
    place = {table.name: number for number, table in enumerate(personal.tables())}
    wrong = [
        (child, parent)
        for child, parent in conn.execute(_REFERS)
        if child in place and parent in place and place[child] < place[parent] and "r.gateway_id" not in child
    ]
    assert wrong == []


def test_what_is_not_in_the_copy_says_why():
    assert [table.name for table in personal.tables() if not table.exported and not table.because and table.whose] == []
