"""My goals: what I set out to do, how far it has come, the days that I note by hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request

from phr_api import goal_views, inputs
from phr_api.behalf import MayEnter, MaySee
from phr_api.doors import Conn, Me, look
from phr_api.goal_views import AskedGoal, GoalShape
from phr_api.problems import not_found
from store import goals
from store.goals import GoalRow, Tapped

ROUTER = APIRouter(prefix="/api/me/goals", tags=["goals"])

Day = Annotated[inputs.Day, Path()]


@ROUTER.get("", summary="わたしのめあて / My goals and how far each has come this week")
def listing(request: Request, me: MaySee, conn: Conn) -> list[GoalShape]:
    look(conn, me, me.person_id, items="goals", purpose=me.purpose, request=request)
    return goal_views.shown(conn, me.person_id, goal_views.facts_of(conn, me.person_id))


@ROUTER.get("/history", summary="これまでのめあて / All goals that I ever set, newest first")
def history(request: Request, me: MaySee, conn: Conn) -> list[GoalRow]:
    look(conn, me, me.person_id, items="goals", purpose=me.purpose, request=request)
    return goals.history(conn, me.person_id)


@ROUTER.post("", status_code=201, summary="めあてを決める / Set a goal or change the one of its kind")
def begin(request: Request, me: Me, conn: Conn, *, asked: AskedGoal) -> GoalShape:
    """The same again changes nothing. 409: it is left to my doctor, or an important notice comes first; 422: too fast,
    or a number or date that does not fit."""
    return goal_views.set_goal(conn, me, asked, request)


@ROUTER.delete("/{goal_id}", status_code=204, summary="めあてをお休みにする / Let a goal be")
def end(request: Request, me: Me, conn: Conn, goal_id: inputs.RowId) -> None:
    """It stays in the history."""
    if not goals.end(conn, me.person_id, goal_id):
        raise not_found()
    look(conn, me, me.person_id, items="goals", purpose="own", request=request, action="write")


@ROUTER.put("/days/{kind}/{day}", status_code=204, summary="できた日に印をつける / Note that it was done on this day")
def tap(request: Request, me: MayEnter, conn: Conn, *, kind: Tapped, day: Day) -> None:
    """Noted twice is noted once."""
    goal_views.tap(conn, me, kind, day, done=True, request=request)


@ROUTER.delete("/days/{kind}/{day}", status_code=204, summary="印を消す / It was not done, after all")
def untap(request: Request, me: MayEnter, conn: Conn, *, kind: Tapped, day: Day) -> None:
    goal_views.tap(conn, me, kind, day, done=False, request=request)
