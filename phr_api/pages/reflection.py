"""The page 「先週のふりかえり」: what was measured and done, one question; no script needed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict

from phr_api import goal_views, reflecting
from phr_api.behalf import MaySee
from phr_api.doors import Conn, Me, look
from phr_api.pages._html import render
from store.reflections import Answer

ROUTER = APIRouter(prefix="/reflection", tags=["pages"], include_in_schema=False)


class AnswerSheet(BaseModel):
    """The one question's form."""

    model_config = ConfigDict(extra="forbid")

    week: date
    answer: Answer


@ROUTER.get("")
def page(request: Request, me: MaySee, conn: Conn, *, thanks: bool = False) -> HTMLResponse:
    """Mine, or that of somebody whom I may see."""
    look(conn, me, me.person_id, items="reflection", purpose=me.purpose, request=request)
    week = reflecting.shown(conn, me.person_id, goal_views.facts_of(conn, me.person_id))
    return render(
        "reflection.html",
        request,
        week=week,
        answers=reflecting.ANSWERS,
        thanks=thanks,
        ward=me.ward,
        whom=f"?person={me.public_id}",
    )


@ROUTER.post("")
def answer(request: Request, me: Me, conn: Conn, *, sheet: Annotated[AnswerSheet, Form()]) -> RedirectResponse:
    """Note the answer and go back to the page."""
    reflecting.answer(conn, me, sheet.week, sheet.answer, request=request)
    return RedirectResponse("/reflection?thanks=1#question", 303)
