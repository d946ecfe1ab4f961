"""The answer to an advice, by the citizen or who may enter for them: a plain form, no script needed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from phr_api import answering
from phr_api.behalf import MayEnter, Person
from phr_api.doors import Conn
from store.advice import Answer

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/advice/{advice_id}/answer")
def answer(
    request: Request, me: MayEnter, conn: Conn, *, advice_id: int, answer: Annotated[Answer, Form()],
    person: Person = None,
) -> RedirectResponse:  # fmt: skip
    """Note the answer and go back to the same card."""
    answering.answer(conn, me, advice_id, answer, request=request)
    whom = f"&person={person}" if person else ""
    return RedirectResponse(f"/?thanks={advice_id}{whom}#advice-{advice_id}", 303)
