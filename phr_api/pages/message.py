"""Where a message's link leads: to one's own page. That it was followed is noted, for its owner alone."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from phr_api.doors import Conn, SignedIn, look
from store import deliveries
from store.sessions import Citizen

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.get("/m/{token}")
def follow(request: Request, who: SignedIn, conn: Conn, token: UUID) -> RedirectResponse:
    """The same answer for whatever token: it says nothing of the message, whose it is or whether there is one."""
    if isinstance(who, Citizen) and deliveries.opened(conn, token):
        look(conn, who, who.person_id, items="messages", purpose="own", request=request, action="write")
    return RedirectResponse("/", 303)
