"""Whose measurement is it? What a shared device measured becomes one's own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import AwareDatetime

from phr_api.doors import Conn, Me, look
from store import unclaimed

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/unclaimed/claim")
def claim(
    request: Request,
    me: Me,
    conn: Conn,
    *,
    household_id: Annotated[int, Form()],
    source_id: Annotated[int, Form()],
    at: Annotated[AwareDatetime, Form()],
) -> RedirectResponse:
    """Take the measurement; when somebody else was faster nothing changes, and the page shows who has what."""
    unclaimed.claim(conn, me.person_id, household_id=household_id, source_id=source_id, at=at)
    look(conn, me, me.person_id, items="readings: claim", purpose="own", request=request, action="write")
    return RedirectResponse("/#waiting", 303)
