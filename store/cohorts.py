"""Weekly shifts of a district's age band: counted in the database, in groups of ten and more; what was found there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

KEPT = timedelta(days=400)
SHOWN = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Cell:
    """One group of one metric in one week (its Monday): ``mean``, ``sd`` of each one's difference from their usual."""

    district: str
    ages: str
    week: date
    people: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Week:
    """One bar of the picture: ``shift`` of the mean person against their own usual, the town's move taken out."""

    week: date
    people: int
    shift: float


@dataclass(frozen=True, slots=True)
class CohortAlert:
    """A group that was shifted in this week and in the one before. ``shift`` and ``town_move`` in the metric's unit."""

    metric: str
    district: str
    ages: str
    week: date
    people: int
    shift: float
    town_move: float
    weeks: tuple[Week, ...]


def place(conn: psycopg.Connection, districts: Iterable[tuple[UUID, str]]) -> int:
    """Note in which district these people live; returns how many are known. An empty district takes it away."""
    rows = [(public_id, district.strip()) for public_id, district in districts]
    with conn.cursor() as cursor:
        cursor.executemany(
            "delete from health.districts where person_id = (select person_id from health.people where public_id = %s)",
            [(public_id,) for public_id, _ in rows],
        )
        cursor.executemany(
            "insert into health.districts (person_id, district)"
            " select person_id, %s from health.people where public_id = %s",
            [(district, public_id) for public_id, district in rows if district],
        )
        return max(0, cursor.rowcount)


def towns(conn: psycopg.Connection) -> list[str]:
    """The towns (全国地方公共団体コード) of whose people a district is known."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute("select health.cohort_towns()").fetchall()


def cells(conn: psycopg.Connection, town: str, metric: str, *, last: date, weeks: int) -> list[Cell]:
    """The groups of ten and more, week by week up to that of the Monday ``last``."""
    with conn.cursor(row_factory=class_row(Cell)) as cursor:
        return cursor.execute(
            "select * from health.cohort_cells(%s, %s, %s, %s) order by week, district, ages",
            (town, metric, last, weeks),
        ).fetchall()


def keep(conn: psycopg.Connection, town: str, week: date, found: Sequence[CohortAlert]) -> None:
    """What was found of this week; what was found of it before (readings come late) and what is old goes."""
    conn.execute(
        "delete from health.cohort_alerts where town = %s and (week = %s or week < %s)", (town, week, week - KEPT)
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into health.cohort_alerts (town, metric, district, ages, week, people, shift, town_move, weeks)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (town, one.metric, one.district, one.ages, one.week, one.people, one.shift, one.town_move, _json(one))
                for one in found
            ],
        )


def newest(conn: psycopg.Connection, town: str, since: date) -> list[CohortAlert]:
    """The newest alert of each group whose week began on ``since`` or later, the newest week first."""
    rows = conn.execute(
        "select * from (select distinct on (metric, district, ages) metric, district, ages, week, people, shift,"
        " town_move, weeks from health.cohort_alerts where town = %s and week >= %s"
        " order by metric, district, ages, week desc) as last order by week desc, metric, district, ages",
        (town, since),
    )
    return [_alert(row) for row in rows]


def recent(conn: psycopg.Connection, town: str, today: date) -> list[CohortAlert]:
    """What is still news on ``today``: of weeks that began within three weeks."""
    return newest(conn, town, today - SHOWN)


def _alert(row: tuple[Any, ...]) -> CohortAlert:
    metric, district, ages, week, people, shift, town_move, weeks = row
    return CohortAlert(metric, district, ages, week, people, shift, town_move, tuple(_week(one) for one in weeks))


def _json(one: CohortAlert) -> Jsonb:
    return Jsonb([{"week": week.week.isoformat(), "people": week.people, "shift": week.shift} for week in one.weeks])


def _week(kept: dict[str, object]) -> Week:
    return Week(date.fromisoformat(str(kept["week"])), int(str(kept["people"])), float(str(kept["shift"])))
