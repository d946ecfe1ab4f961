"""Taking a consent back: as easy as giving it (PHR指針, 2025-04)."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from phr_api.doors import Conn, Me, look
from phr_api.problems import not_found
from store import consents

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/consents/{consent_id}/withdraw")
def withdraw(consent_id: int, request: Request, me: Me, conn: Conn) -> RedirectResponse:
    """From now on nothing more comes in under it, and what came is hidden."""
    if not consents.withdraw(conn, me.person_id, consent_id, datetime.now(UTC)):
        raise not_found()
    look(conn, me, me.person_id, items="consents", purpose="own", request=request, action="write")
    return RedirectResponse("/#consents", 303)
