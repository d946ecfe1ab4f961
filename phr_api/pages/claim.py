"""Whose measurement is it? What a member says of what a shared device measured: plain forms, no script needed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from phr_api import claims, inputs
from phr_api.doors import Conn, Me
from store import unclaimed

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

_ACTS: dict[str, claims.Act] = {"claim": unclaimed.claim, "undo": unclaimed.undo, "nobody": unclaimed.nobody}


@ROUTER.post("/unclaimed/{act}")
def say(
    request: Request,
    me: Me,
    conn: Conn,
    *,
    act: Literal["claim", "undo", "nobody"],
    household_id: Annotated[inputs.RowId, Form()],
    source_id: Annotated[inputs.RowId, Form()],
    at: Annotated[inputs.Moment, Form()],
) -> RedirectResponse:
    """Mine, not mine, or nobody's; when somebody else was faster nothing changes, and the page shows how it stands."""
    claims.say(request, me, conn, _ACTS[act], household_id=household_id, source_id=source_id, at=at)
    return RedirectResponse("/#waiting", 303)
