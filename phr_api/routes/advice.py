"""Advice to the citizen, and the answer to it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from phr_api import answering, shapes
from phr_api.behalf import MayEnter, MaySee
from phr_api.doors import Conn, look
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
def feedback(request: Request, me: MayEnter, conn: Conn, advice_id: int, *, given: Feedback) -> None:
    """The same answer again changes nothing. Who enters for somebody says ``done``, ``not_yet`` or ``under_care``."""
    answering.answer(conn, me, advice_id, given.answer, request=request)
