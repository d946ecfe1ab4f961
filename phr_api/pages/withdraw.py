"""Taking a consent back: as easy as giving it (PHR指針, 2025-04)."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from phr_api.acting import step_in
from phr_api.behalf import MayAgree, Person
from phr_api.doors import Conn, look
from phr_api.problems import not_found
from store import consents

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.post("/consents/{consent_id}/withdraw")
def withdraw(consent_id: int, request: Request, me: MayAgree, conn: Conn, *, person: Person = None) -> RedirectResponse:
    """From now on nothing more comes in under it, and what came is hidden."""
    look(conn, me, me.person_id, items="consents", purpose=me.purpose, request=request, action="write")
    step_in(conn, me.person_id)
    if not consents.withdraw(conn, me.person_id, consent_id, datetime.now(UTC), by=me.by):
        raise not_found()
    rows = consents.of_person(conn, me.person_id)
    purpose = next(row.purpose for row in rows if row.consent_id == consent_id)
    whom = f"&person={person}" if person else ""
    return RedirectResponse(f"/consents?said=withdrawn&about={purpose}{whom}#{purpose}", 303)
