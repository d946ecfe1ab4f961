"""The nightly run, shared by any number of workers: portions of people, each judged once a night.

A portion is a range of person ids. Whoever takes one holds its row until the transaction ends in which its people are
judged and the portion is noted as done: a worker that dies leaves it to the others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg

from store import cursors

_BEGUN = "advice_engine.nightly"
_NEVER = date.min.isoformat()
_BEGINNING = 0x5048_5203

# A portion for everybody: who came to live here since last night has one too.
_OPEN = """
    insert into health.cursors (name, value)
    select distinct %(portion)s || lpad((person_id / %(size)s * %(size)s)::text, 19, '0'), to_jsonb(%(never)s::text)
      from health.people
        on conflict do nothing
"""
_TAKE = """
    select name from health.cursors
     where starts_with(name, %(portion)s) and name <> all(%(left)s)
       and value #>> '{}' not between %(night)s and %(ahead)s
     order by name limit 1 for update skip locked
"""
_PEOPLE = "select person_id from health.people where person_id >= %s and person_id < %s order by person_id"
_PROGRESS = """
    select count(*) filter (where value #>> '{}' between %(night)s and %(ahead)s), count(*)
      from health.cursors where starts_with(name, %(portion)s)
"""


@dataclass(frozen=True, slots=True)
class Portion:
    """``people``: ids, ascending; none when all of them are gone."""

    name: str
    people: tuple[int, ...]


def _named(size: int) -> str:
    """How the portions of this size are named; behind it stands the first id, in as many digits as an id can have."""
    return f"{_BEGUN}|{size}|"


def _ahead(night: date) -> str:
    """The latest night that another machine's clock may show. What is noted of one beyond it, a wrong clock noted: it
    must not put off every night until then."""
    return (night + timedelta(days=1)).isoformat()


def waits(conn: psycopg.Connection, night: date) -> bool:
    """Whether this night has not begun. Waits for who begins it now, and holds that until the transaction ends."""
    conn.execute("select pg_advisory_xact_lock(%s)", (_BEGINNING,))
    return not night.isoformat() <= str(cursors.get(conn, _BEGUN) or _NEVER) <= _ahead(night)


def begin(conn: psycopg.Connection, night: date, size: int) -> None:
    """Note that the night has begun, with portions of up to ``size`` people."""
    conn.execute(_OPEN, {"portion": _named(size), "size": size, "never": _NEVER})
    cursors.put(conn, _BEGUN, night.isoformat())


def take(conn: psycopg.Connection, night: date, size: int, *, left: Collection[str] = ()) -> Portion | None:
    """The next portion that nobody has done this night or is at; None when there is none but those of ``left``."""
    asked = {"portion": _named(size), "night": night.isoformat(), "ahead": _ahead(night), "left": list(left)}
    row = conn.execute(_TAKE, asked).fetchone()
    if row is None:
        return None
    first = int(row[0].removeprefix(_named(size)))
    people = conn.execute(_PEOPLE, (first, first + size)).fetchall()
    return Portion(row[0], tuple(person for (person,) in people))


def done(conn: psycopg.Connection, portion: Portion, night: date) -> None:
    """All people of the portion are judged, in this transaction."""
    cursors.put(conn, portion.name, night.isoformat())


def progress(conn: psycopg.Connection, night: date, size: int) -> tuple[int, int]:
    """(done, all) portions of this night."""
    asked = {"portion": _named(size), "night": night.isoformat(), "ahead": _ahead(night)}
    row = conn.execute(_PROGRESS, asked).fetchone()
    return row or (0, 0)
