"""The weekly look back as page and API show it, and the answer to its one question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg
from fastapi import Request

from advice_engine import goal_words
from advice_engine.facts import Facts
from advice_engine.goals import progress
from advice_engine.reflection import last_monday, reflect
from phr_api.checkups import NO_DIAGNOSIS
from phr_api.doors import look
from phr_api.problems import Problem
from store import advice, reflections
from store.clock import civil_day, day_start
from store.reflections import Answer
from store.sessions import Citizen

QUESTION = "今週も、続けますか?"
ANSWERS: dict[Answer, str] = {"continue": "続けます", "change": "少し変えたいです", "rest": "今週はお休みします"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectionShape:
    """The week from ``monday`` to ``sunday``, in sentences. ``first_see``: an important notice comes first.

    ``measured``: each metric against the person's own weeks; ``done``: advice that was answered "done";
    ``goals``: days of the goals. ``answer``: what the person said last, if they did.
    """

    monday: date
    sunday: date
    measured: list[str]
    done: list[str]
    goals: list[str]
    first_see: bool
    question: str
    answer: Answer | None
    note: str = NO_DIAGNOSIS


def shown(conn: psycopg.Connection, person_id: int, facts: Facts) -> ReflectionShape:
    """The week before this one."""
    found = reflect(facts)
    since, until = day_start(found.monday), day_start(found.sunday + timedelta(days=1))
    said = advice.open_for(conn, person_id)
    return ReflectionShape(
        monday=found.monday,
        sunday=found.sunday,
        measured=[line.said for line in found.lines],
        done=reflections.done(conn, person_id, since, until),
        goals=_goals(facts),
        first_see=any(row.kind == "red_flag" for row in said),
        question=QUESTION,
        answer=reflections.answered(conn, person_id, found.monday),
    )


def answer(conn: psycopg.Connection, me: Citizen, week: date, given: Answer, *, request: Request) -> None:
    """Note it. Raises Problem (422) for another week than the one that is over."""
    if week != last_monday(civil_day(datetime.now(UTC))):
        raise Problem(
            422,
            "この週のふりかえりは終わりました",
            "画面を新しくして、もう一度お答えください。 Answer the week that has just ended.",
        )
    look(conn, me, me.person_id, items="reflection", purpose="own", request=request, action="write")
    reflections.answer(conn, me.person_id, week, given)


def _goals(facts: Facts) -> list[str]:
    every = [progress(facts, goal) for goal in facts.goals]
    return [
        f"めあて「{goal_words.said(one.goal)[0]}」は、{one.last_week}日できました。"
        for one in every
        if one.last_week and not one.rests
    ]
