"""Whose measurement is it? What a member says of what a shared device measured: plain forms, no script needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import AwareDatetime

from phr_api import claims
from phr_api.doors import Conn, Me
from store import unclaimed

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

_ACTS: dict[str, claims.Act] = {"claim": unclaimed.claim, "undo": unclaimed.undo, "nobody": unclaimed.nobody}
_LARGEST = 2**63 - 1  # what the database can hold


@ROUTER.post("/unclaimed/{act}")
def say(
    request: Request,
    me: Me,
    conn: Conn,
    *,
    act: Literal["claim", "undo", "nobody"],
    household_id: Annotated[int, Form(ge=1, le=_LARGEST)],
    source_id: Annotated[int, Form(ge=1, le=_LARGEST)],
    at: Annotated[AwareDatetime, Form(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))],
) -> RedirectResponse:
    """Mine, not mine, or nobody's; when somebody else was faster nothing changes, and the page shows how it stands."""
    claims.say(request, me, conn, _ACTS[act], household_id=household_id, source_id=source_id, at=at)
    return RedirectResponse("/#waiting", 303)
