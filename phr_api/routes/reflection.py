"""The look back on the week that is over, and the answer to its one question."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from phr_api import goal_views, reflecting
from phr_api.behalf import MaySee
from phr_api.doors import Conn, Me, look
from phr_api.reflecting import ReflectionShape
from store.reflections import Answer

ROUTER = APIRouter(prefix="/api/me/reflection", tags=["goals"])


class Answered(BaseModel):
    """``week``: the Monday of the week that is over. A later answer counts; those before are kept."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {
        "week": "2026-11-16", "answer": "continue"}})  # fmt: skip

    week: date
    answer: Answer


@ROUTER.get("", summary="先週のふりかえり / My last week against my own weeks before")
def week(request: Request, me: MaySee, conn: Conn) -> ReflectionShape:
    look(conn, me, me.person_id, items="reflection", purpose=me.purpose, request=request)
    return reflecting.shown(conn, me.person_id, goal_views.facts_of(conn, me.person_id))


@ROUTER.put("", status_code=204, summary="ふりかえりに答える / Answer its one question")
def answer(request: Request, me: Me, conn: Conn, *, given: Answered) -> None:
    """The same answer again changes nothing."""
    reflecting.answer(conn, me, given.week, given.answer, request=request)
