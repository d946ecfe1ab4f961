"""Statistics that are released month by month: counted in the database, made harmless here, never changed afterwards.

Every figure rests on at least ``smallest`` people on each of its sides: a median needs twice as
many, quartiles four times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row

from store.suppression import ALL, Key, hidden, rounded

PEOPLE_TO = 10  # numbers of people are rounded to tens


@dataclass(frozen=True, slots=True)
class Table:
    """What is counted. ``items``: what a consent to statistics must name. ``step``: to which figures are rounded.

    Either the day figures of ``metric``, or of how many people one of ``rules`` spoke.
    """

    what: str
    items: tuple[str, ...]
    metric: str = ""
    step: float = 1
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """One group as it was counted: not to be shown. ``hits``: of how many a rule spoke."""

    sex: str
    ages: str
    people: int
    hits: int | None
    q1: float | None
    median: float | None
    q3: float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One group as it is released; None: hidden, or not of this table. ``share`` in percent, the others in the metric's
    canonical unit."""

    what: str
    sex: str
    ages: str
    people: int | None
    q1: float | None
    median: float | None
    q3: float | None
    share: int | None


@dataclass(frozen=True, slots=True)
class Release:
    """The tables of one town (全国地方公共団体コード) and one month (its first day)."""

    release_id: int
    town: str
    month: date
    smallest: int
    made_at: datetime


def tally(conn: psycopg.Connection, table: Table, *, town: str, month: date) -> list[Tally]:
    """Count it, of whose consent to statistics is in force at this moment. Groups of nobody are not there."""
    if table.metric:
        call = "select * from statistics.tally_figures(%s, %s, %s, %s)"
        asked: tuple[object, ...] = (town, month, table.metric, list(table.items))
    else:
        call = "select * from statistics.tally_advice(%s, %s, %s, %s)"
        asked = (town, month, list(table.rules), list(table.items))
    with conn.cursor(row_factory=class_row(Tally)) as cursor:
        return cursor.execute(call, asked).fetchall()


def protected(table: Table, counted: Sequence[Tally], smallest: int) -> list[Cell]:
    """The groups as they may be released. Pure."""
    people = _filled({(one.sex, one.ages): one.people for one in counted})
    shut = hidden(people, smallest)
    if table.rules:
        hits = _filled({(one.sex, one.ages): one.hits or 0 for one in counted})
        rest = {key: people[key] - hits[key] for key in people}
        shut |= hidden(hits, smallest) | hidden(rest, smallest)
    by_key = {(one.sex, one.ages): one for one in counted}
    return [_cell(table, key, by_key.get(key), shown=key not in shut, smallest=smallest) for key in sorted(people)]


def _filled(table: Mapping[Key, int]) -> dict[Key, int]:
    """With every row, column and total, also those of nobody."""
    rows, columns = ({*(key[side] for key in table), ALL} for side in (0, 1))
    return {(row, column): table.get((row, column), 0) for row in rows for column in columns}


def _cell(table: Table, key: Key, one: Tally | None, *, shown: bool, smallest: int) -> Cell:
    if one is None or not shown:
        return Cell(table.what, *key, 0 if shown else None, None, None, None, None)
    people = int(rounded(one.people, PEOPLE_TO))
    if table.rules:
        return Cell(table.what, *key, people, None, None, None, int(rounded(100 * (one.hits or 0) / one.people, 1)))
    middle = one.median if one.people >= 2 * smallest else None
    quarters = (one.q1, one.q3) if one.people >= 4 * smallest else (None, None)
    q1, median, q3 = (
        None if value is None else rounded(value, table.step) for value in (quarters[0], middle, quarters[1])
    )
    return Cell(table.what, *key, people, q1, median, q3, None)


def keep(conn: psycopg.Connection, cells: Sequence[Cell], *, town: str, month: date, smallest: int) -> None:
    """Release these tables. Raises UniqueViolation when this town's month is out already."""
    row = conn.execute(
        "insert into statistics.releases (town, month, smallest) values (%s, %s, %s) returning release_id",
        (town, month, smallest),
    ).fetchone()
    assert row is not None
    names = [item.name for item in fields(Cell)]
    with conn.cursor() as cursor:
        cursor.executemany(
            f"insert into statistics.cells (release_id, {', '.join(names)}) values (%s{', %s' * len(names)})",  # noqa: S608
            [(row[0], *(getattr(cell, name) for name in names)) for cell in cells],
        )


def missing(conn: psycopg.Connection, month: date) -> list[str]:
    """The towns of which this month is not out yet."""
    rows = conn.execute(
        "select there.town from statistics.towns() as there (town) where not exists"
        " (select from statistics.releases as r where (r.town, r.month) = (there.town, %s))",
        (month,),
    )
    return [town for (town,) in rows]


def counted(conn: psycopg.Connection, tables: Sequence[Table], *, town: str, month: date) -> list[str]:
    """A digest of the people who stand in these tables at this moment: another one when somebody left or came."""
    digests = []
    for items in sorted({table.items for table in tables}):
        row = conn.execute("select statistics.counted(%s, %s, %s)", (town, month, list(items))).fetchone()
        digests.append(str(row and row[0]))
    return digests


def releases(conn: psycopg.Connection, town: str) -> list[Release]:
    """What is out of this town, the newest month first."""
    with conn.cursor(row_factory=class_row(Release)) as cursor:
        return cursor.execute(
            "select release_id, town, month, smallest, made_at from statistics.releases where town = %s"
            " order by month desc",
            (town,),
        ).fetchall()


def cells(conn: psycopg.Connection, release_id: int) -> Iterator[Cell]:
    """The tables of one release, group by group."""
    names = ", ".join(item.name for item in fields(Cell))
    with conn.cursor(row_factory=class_row(Cell)) as cursor:
        yield from cursor.execute(
            f"select {names} from statistics.cells where release_id = %s order by what, sex, ages",  # noqa: S608
            (release_id,),
        )
