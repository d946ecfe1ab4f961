"""The citizen's answer to an advice: a plain form, no script needed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from phr_api.doors import Conn, Me, look
from phr_api.problems import not_found
from store import advice
from store.advice import Answer

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/advice/{advice_id}/answer")
def answer(
    request: Request, me: Me, conn: Conn, *, advice_id: int, answer: Annotated[Answer, Form()]
) -> RedirectResponse:
    """Note the answer and go back to the same card."""
    if not advice.feedback(conn, me.person_id, advice_id, answer):
        raise not_found()
    look(conn, me, me.person_id, items="advice: answer", purpose="own", request=request, action="write")
    return RedirectResponse(f"/?thanks={advice_id}#advice-{advice_id}", 303)
