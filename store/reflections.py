"""What a person did in a week, and what they said when they looked back on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import psycopg

Answer = Literal["continue", "change", "rest"]


def answer(conn: psycopg.Connection, person_id: int, week: date, answer: Answer) -> None:
    """Note the answer about the week of this Monday. The same again is one; another one is kept beside it."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended('reflection:' || %s, 0))", (person_id,))
    if answered(conn, person_id, week) != answer:
        conn.execute(
            "insert into health.reflections (person_id, week, answer) values (%s, %s, %s)", (person_id, week, answer)
        )


def answered(conn: psycopg.Connection, person_id: int, week: date) -> Answer | None:
    """The last answer about this week."""
    row = conn.execute(
        "select answer from health.reflections where (person_id, week) = (%s, %s) order by reflection_id desc limit 1",
        (person_id, week),
    ).fetchone()
    return row[0] if row else None


def done(conn: psycopg.Connection, person_id: int, since: datetime, until: datetime) -> list[str]:
    """Titles of the advice that was answered "done" from ``since`` on and before ``until``, each once."""
    rows = conn.execute(
        "select title from health.feedback join health.advice using (advice_id)"
        " where feedback.person_id = %s and answer = 'done' and feedback.at >= %s and feedback.at < %s"
        " group by title order by min(feedback.at), title",
        (person_id, since, until),
    )
    return [title for (title,) in rows]


def measured(conn: psycopg.Connection, first: date, last: date, *, least: int) -> list[int]:
    """Who measured anything on at least so many days of this span, ascending."""
    rows = conn.execute(
        "select person_id from health.days where day between %s and %s"
        " group by person_id having count(distinct day) >= %s order by person_id",
        (first, last, least),
    )
    return [person for (person,) in rows]
