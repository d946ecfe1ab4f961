"""Advice to the citizen, and the answer to it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from phr_api import shapes
from phr_api.behalf import MaySee
from phr_api.doors import Conn, Me, look
from phr_api.problems import not_found
from store import advice

ROUTER = APIRouter(prefix="/api", tags=["advice"])


class Feedback(BaseModel):
    """``not_for_me`` takes the advice off the screen."""

    model_config = ConfigDict(extra="forbid")

    answer: advice.Answer


@ROUTER.get("/advice", summary="今日の助言 / My advice in the order of the screen, each with its why")
def listing(request: Request, me: MaySee, conn: Conn) -> list[shapes.AdviceShape]:
    look(conn, me, me.person_id, items="advice", purpose=me.purpose, request=request)
    answers = advice.answers(conn, me.person_id)
    return [shapes.advice(one, answers.get(one.advice_id)) for one in advice.open_for(conn, me.person_id)]


@ROUTER.post("/advice/{advice_id}/feedback", status_code=204, summary="助言に答える / Answer an advice")
def feedback(request: Request, me: Me, conn: Conn, advice_id: int, *, given: Feedback) -> None:
    """The same answer again changes nothing."""
    look(conn, me, me.person_id, items="feedback", purpose="own", request=request, action="write")
    if not advice.feedback(conn, me.person_id, advice_id, given.answer):
        raise not_found()
