"""Goals as pages and API show them, and setting one: the same checks and refusals for both doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

import psycopg
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from advice_engine import goal_setting, goal_words
from advice_engine.facts import Facts, Goal, GoalKind
from advice_engine.gather import gather
from advice_engine.goal_setting import REFUSED, Wanted
from advice_engine.goals import KINDS, Unit, progress
from advice_engine.run import rules
from phr_api import inputs
from phr_api.doors import look
from phr_api.problems import Problem
from store import goals
from store.clock import civil_day
from store.entitlements import Behalf
from store.goals import GoalRow, NewGoal, Tapped
from store.sessions import Citizen

TAP_BACK = timedelta(days=7)
Nothing = Literal["first_see", "doctor", "every", ""]  # why no goal is proposed; "": too little is known
SHOWN_AFTER = timedelta(days=14)  # so long a goal whose last day has passed waits to be renewed


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalShape:
    """``target`` in ``unit``: steps a day, days a week, kg. ``this_week`` and ``last_week``: days on which it was done.

    ``rests``: a doctor's word comes first now. ``came``: the page's words about it. ``tapped``: days noted by hand.
    """

    goal_id: int
    kind: GoalKind
    title: str
    title_en: str
    target: float
    unit: Unit
    since: date
    until: date
    this_week: int | None
    last_week: int | None
    needed: int
    reached: bool
    rests: bool
    came: str
    tapped: list[date] | None


class AskedGoal(BaseModel):
    """``target``: steps a day, days a week, or the weight to come to (kg). ``advice_id``: the advice it came from."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {
        "kind": "steps", "target": 6000, "until": "2026-12-31"}})  # fmt: skip

    kind: GoalKind
    target: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
    until: inputs.Day
    advice_id: inputs.RowId | None = None


class GoalRefused(Problem):
    """Not set, and kindly why. ``reason``: one of ``goal_setting.REFUSED``."""

    def __init__(self, reason: goal_setting.Refusal) -> None:
        fits = reason in ("not_fitting", "too_fast", "ended")
        title = "このめあては、このままでは決められません" if fits else "このめあては、いまは決められません"
        super().__init__(422 if fits else 409, title, " ".join(REFUSED[reason]))
        self.reason = reason


def facts_of(conn: psycopg.Connection, person_id: int) -> Facts:
    return gather(conn, [person_id], civil_day(datetime.now(UTC)))[person_id]


def shown(conn: psycopg.Connection, person_id: int, facts: Facts) -> list[GoalShape]:
    """The person's running goals, and those whose last day has only just passed."""
    rows = [row for row in goals.running(conn, person_id) if row.until + SHOWN_AFTER >= facts.today]
    return [_shape(row, facts) for row in rows]


def set_goal(conn: psycopg.Connection, me: Citizen, asked: AskedGoal, request: Request) -> GoalShape:
    """Set it from today on; the running one of its kind ends. Raises GoalRefused."""
    facts = facts_of(conn, me.person_id)
    wanted = Wanted(asked.kind, asked.target, asked.until)
    reason = goal_setting.refused(facts, wanted, rules())
    if reason:
        raise GoalRefused(reason)
    made = goal_setting.made(facts, wanted)
    new = NewGoal(
        kind=made.kind,
        target=made.target,
        start=made.start,
        since=made.since,
        until=made.until,
        advice_id=asked.advice_id,
    )
    look(conn, me, me.person_id, items="goals", purpose="own", request=request, action="write")
    row = goals.add(conn, me.person_id, new)
    return _shape(row, facts_of(conn, me.person_id))


def tap(conn: psycopg.Connection, me: Behalf, kind: Tapped, day: date, *, done: bool, request: Request) -> None:
    """Note by hand that it was done on this day, or was not. Raises Problem (422) for days to come or long past."""
    today = civil_day(datetime.now(UTC))
    if not today - TAP_BACK <= day <= today:
        raise Problem(
            422,
            "この日には印をつけられません",
            "きょうまでの1週間の日を選んでください。 Choose one of the last seven days.",
        )
    look(conn, me, me.person_id, items="goals", purpose=me.purpose, request=request, action="write")
    (goals.tap if done else goals.untap)(conn, me.person_id, kind, day)


def _shape(row: GoalRow, facts: Facts) -> GoalShape:
    goal = next((one for one in facts.goals if one.kind == row.kind), None) or _plain(row)
    found, kind = progress(facts, goal), KINDS[goal.kind]
    ja, en = goal_words.said(goal)
    return GoalShape(
        goal_id=row.goal_id,
        kind=goal.kind,
        title=ja,
        title_en=en,
        target=goal.target,
        unit=kind.unit,
        since=goal.since,
        until=goal.until,
        this_week=found.this_week,
        last_week=found.last_week,
        needed=found.needed,
        reached=found.reached,
        rests=found.rests,
        came=goal_words.came(found),
        tapped=sorted(goal.tapped) if kind.tapped else None,
    )


def _plain(row: GoalRow) -> Goal:
    """Of who has left the record nothing is a fact any more; the goal itself stands."""
    kind: GoalKind = row.kind  # type: ignore[assignment]  # the table's own check
    return Goal(kind=kind, target=row.target, since=row.since, until=row.until, start=row.start)


def proposals(facts: Facts, running: Sequence[GoalShape]) -> tuple[list[Wanted], Nothing]:
    """A goal that fits, of every kind that may be set now and is not running; and why there is none."""
    there = {one.kind for one in running}
    fitting = [one for one in (goal_setting.fitting(facts, kind) for kind in KINDS if kind not in there) if one]
    heard = [(one, goal_setting.refused(facts, one, rules())) for one in fitting]
    may, reasons = [one for one, reason in heard if reason is None], {reason for _, reason in heard}
    if may or there == set(KINDS):
        return may, "" if may else "every"
    return [], "first_see" if "first_see" in reasons else "doctor" if "doctor" in reasons else ""
