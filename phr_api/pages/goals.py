"""The page 「わたしのめあて」: what I set out to do, one button each; no script needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from advice_engine.facts import GoalKind
from phr_api import goal_views, inputs
from phr_api.behalf import MayEnter, MaySee, Person
from phr_api.doors import Conn, Me, look
from phr_api.goal_views import AskedGoal, GoalRefused
from phr_api.pages._html import render
from phr_api.problems import not_found
from store import goals
from store.clock import civil_day
from store.goals import Tapped

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

WORDS: dict[GoalKind, tuple[str, str, str]] = {  # how the form asks: title, unit, hint
    "steps": ("1日に歩く歩数", "歩", "週に4日届けば、その週のめあては達成です。"),
    "weigh_in": ("体重を測る日", "1週間に何日", "朝、起きてトイレのあとに測るのがおすすめです。"),
    "pressure": ("血圧を測る日", "1週間に何日", "朝と夜、座って1、2分休んでから測ります。"),
    "weight": ("目指す体重", "kg", "3〜6か月かけて、ゆっくり進めます。1か月に1 kgまでです。"),
    "dry_days": ("お酒を飲まない日", "1週間に何日", "飲まなかった日に、画面で印をつけます。"),
    "breakfast": ("朝食を食べる日", "1週間に何日", "食べた日に、画面で印をつけます。"),
}
LATER: dict[goal_views.Nothing, str] = {  # why no new goal is offered now
    "first_see": "いまは、先に「大切なお知らせ」をご覧ください。めあては、そのあとでゆっくり決めましょう。",
    "doctor": "新しいめあては、主治医に相談しながら決めましょう。",
    "": "測った値が増えると、ここで新しいめあてを選べます。",
}


class GoalSheet(BaseModel):
    """The form of one kind. ``weeks``: how long."""

    model_config = ConfigDict(extra="forbid")

    kind: GoalKind
    target: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
    weeks: Annotated[int, Field(ge=1, le=30)]


class TapSheet(BaseModel):
    """One day's mark; ``done`` 0 takes it back."""

    model_config = ConfigDict(extra="forbid")

    kind: Tapped
    day: inputs.Day
    done: bool


@ROUTER.get("/goals")
def page(
    request: Request, me: MaySee, conn: Conn, *, said: Annotated[Literal["rests"] | None, Query()] = None
) -> HTMLResponse:
    """Mine, or those of somebody whom I may see."""
    look(conn, me, me.person_id, items="goals", purpose=me.purpose, request=request)
    return _page(request, conn, me.person_id, ward=me.ward, whom=f"?person={me.public_id}", said=said)


@ROUTER.post("/goals")
def begin(request: Request, me: Me, conn: Conn, *, sheet: Annotated[GoalSheet, Form()]) -> Response:
    """Sets it and goes back; what does not fit is said on the page itself."""
    until = civil_day(datetime.now(UTC)) + timedelta(weeks=sheet.weeks)
    try:
        goal_views.set_goal(conn, me, AskedGoal(kind=sheet.kind, target=sheet.target, until=until), request)
    except GoalRefused as refusal:
        look(conn, me, me.person_id, items="goals", purpose="own", request=request)
        answer = _page(
            request, conn, me.person_id, whom=f"?person={me.public_id}", refused=refusal.japanese, filled=sheet
        )
        answer.status_code = refusal.status
        return answer
    return RedirectResponse(f"/goals#goal-{sheet.kind}", 303)


@ROUTER.post("/goals/{goal_id}/end")
def end(request: Request, me: Me, conn: Conn, *, goal_id: inputs.RowId) -> RedirectResponse:
    """It rests from now on."""
    if not goals.end(conn, me.person_id, goal_id):
        raise not_found()
    look(conn, me, me.person_id, items="goals", purpose="own", request=request, action="write")
    return RedirectResponse("/goals?said=rests", 303)


@ROUTER.post("/goals/days")
def tap(
    request: Request, me: MayEnter, conn: Conn, *, sheet: Annotated[TapSheet, Form()], person: Person = None
) -> RedirectResponse:
    """One day's mark, given or taken back; the page says it at once."""
    goal_views.tap(conn, me, sheet.kind, sheet.day, done=sheet.done, request=request)
    return RedirectResponse(f"/{_whom(person)}#goals", 303)


def _whom(person: UUID | None) -> str:
    return f"?person={person}" if person else ""


def _page(
    request: Request, conn: psycopg.Connection, person_id: int, *, whom: str, ward: Any = None, said: str | None = None,
    refused: str = "", filled: GoalSheet | None = None,
) -> HTMLResponse:  # fmt: skip
    facts = goal_views.facts_of(conn, person_id)
    running = goal_views.shown(conn, person_id, facts)
    proposals, nothing = ([], "every") if ward else goal_views.proposals(facts, running)
    return render(
        "goals.html",
        request,
        goals=running,
        proposals=proposals,
        later="" if proposals else LATER.get(nothing, ""),
        forms=WORDS,
        today=facts.today,
        day=timedelta(days=1),
        ward=ward,
        whom=whom,
        said=said,
        refused=refused,
        filled=filled,
    )
