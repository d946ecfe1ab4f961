"""Goals that a person set or accepted, and the days that they tap on. Whether one may be set is not decided here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Literal

import psycopg
from psycopg.rows import class_row

from store import due
from store.clock import civil_day

Tapped = Literal["dry_days", "breakfast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGoal:
    """``target``: steps a day, days a week, or of weight kg from ``start``. ``until``: its last day."""

    kind: str
    target: float
    start: float | None
    since: date
    until: date
    advice_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalRow(NewGoal):
    """One row of ``health.goals``. ``ended_at`` None: it runs, or its last day has passed and nobody ended it."""

    goal_id: int
    created_at: datetime
    ended_at: datetime | None


_COLUMNS = ", ".join(item.name for item in fields(GoalRow))


def running(conn: psycopg.Connection, person_id: int) -> list[GoalRow]:
    """The person's goals that were not ended, by kind."""
    return _select(conn, "ended_at is null and person_id = %s order by kind", (person_id,))


def history(conn: psycopg.Connection, person_id: int) -> list[GoalRow]:
    """All of them, the newest first."""
    return _select(conn, "person_id = %s order by created_at desc, goal_id desc limit 200", (person_id,))


def add(conn: psycopg.Connection, person_id: int, new: NewGoal) -> GoalRow:
    """Set a goal; the running one of its kind ends. The same again stays the one that it was."""
    _one_by_one(conn, person_id)
    now = next((one for one in running(conn, person_id) if one.kind == new.kind), None)
    if now and (now.target, now.until) == (new.target, new.until):
        return now
    if now:
        end(conn, person_id, now.goal_id)
    with conn.cursor(row_factory=class_row(GoalRow)) as cursor:
        made = cursor.execute(
            "insert into health.goals (person_id, kind, target, start, since, until, advice_id)"  # noqa: S608 - our columns
            " values (%(person)s, %(kind)s, %(target)s, %(start)s, %(since)s, %(until)s,"
            " (select advice_id from health.advice where (advice_id, person_id) = (%(advice)s, %(person)s)))"
            f" returning {_COLUMNS}",
            {
                "person": person_id, "kind": new.kind, "target": new.target, "start": new.start, "since": new.since,
                "until": new.until, "advice": new.advice_id,
            },
        ).fetchone()  # fmt: skip
    assert made is not None
    _judge(conn, person_id)
    return made


def end(conn: psycopg.Connection, person_id: int, goal_id: int) -> bool:
    """The person lets it be; False when they have no such goal. Ended twice is ended once."""
    mine = conn.execute(
        "select ended_at from health.goals where (goal_id, person_id) = (%s, %s)", (goal_id, person_id)
    ).fetchone()
    if mine is None:
        return False
    if mine[0] is None:
        conn.execute("update health.goals set ended_at = clock_timestamp() where goal_id = %s", (goal_id,))
        _judge(conn, person_id)
    return True


def tap(conn: psycopg.Connection, person_id: int, kind: Tapped, day: date) -> None:
    """It was done on this day; noted twice is noted once."""
    conn.execute(
        "insert into health.goal_days (person_id, kind, day) values (%s, %s, %s) on conflict do nothing",
        (person_id, kind, day),
    )
    _judge(conn, person_id)


def untap(conn: psycopg.Connection, person_id: int, kind: Tapped, day: date) -> None:
    """It was not, after all."""
    conn.execute("delete from health.goal_days where (person_id, kind, day) = (%s, %s, %s)", (person_id, kind, day))
    _judge(conn, person_id)


def tapped(conn: psycopg.Connection, person_id: int, since: date) -> dict[str, set[date]]:
    """Kind -> days from ``since`` on."""
    found: dict[str, set[date]] = defaultdict(set)
    for kind, day in conn.execute(
        "select kind, day from health.goal_days where person_id = %s and day >= %s", (person_id, since)
    ):
        found[kind].add(day)
    return dict(found)


def _select(conn: psycopg.Connection, where: str, given: tuple[object, ...]) -> list[GoalRow]:
    with conn.cursor(row_factory=class_row(GoalRow)) as cursor:
        query = f"select {_COLUMNS} from health.goals where {where}"  # noqa: S608 - text of our own
        return cursor.execute(query.encode(), given).fetchall()


def _one_by_one(conn: psycopg.Connection, person_id: int) -> None:
    conn.execute("select pg_advisory_xact_lock(hashtextextended('goals:' || %s, 0))", (person_id,))


def _judge(conn: psycopg.Connection, person_id: int) -> None:
    due.mark(conn, "advice", [(person_id, civil_day(datetime.now(UTC)))])
