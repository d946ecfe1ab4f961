"""Taking a consent back: as easy as giving it (PHR指針, 2025-04)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from phr_api.acting import step_in, whose
from phr_api.doors import Conn, Me, look
from phr_api.problems import not_found
from store import consents

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/consents/{consent_id}/withdraw")
def withdraw(
    consent_id: int, request: Request, me: Me, conn: Conn, *, person: Annotated[UUID | None, Query()] = None
) -> RedirectResponse:
    """From now on nothing more comes in under it, and what came is hidden."""
    acting = whose(conn, me, person, request)
    look(conn, me, acting.person_id, items="consents", purpose=acting.purpose, request=request, action="write")
    step_in(conn, acting.person_id)
    if not consents.withdraw(conn, acting.person_id, consent_id, datetime.now(UTC), by=acting.given_by):
        raise not_found()
    rows = consents.of_person(conn, acting.person_id)
    purpose = next(row.purpose for row in rows if row.consent_id == consent_id)
    whom = f"&person={person}" if person else ""
    return RedirectResponse(f"/consents?said=withdrawn&about={purpose}{whom}#{purpose}", 303)
