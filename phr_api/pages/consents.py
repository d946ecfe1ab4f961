"""The page 「同意」: what I agreed to, for whom, until when, to which words; one button gives, one takes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from phr_api import inviting
from phr_api.acting import step_in
from phr_api.agreeing import NewConsent, agree
from phr_api.behalf import MayAgree, Person
from phr_api.doors import Conn, Me, Public, look
from phr_api.inputs import Word
from phr_api.pages import _consents
from phr_api.pages._html import render
from phr_api.problems import not_found
from store import consent_scans, consent_words, consents, entitlements, sources, staff
from store.entitlements import Behalf

ROUTER = APIRouter(prefix="/consents", tags=["pages"], include_in_schema=False)

Said = Annotated[Literal["given", "withdrawn", "choose"] | None, Query()]
_YEARS = {"": None, "1": 365, "3": 3 * 365}


class Sheet(BaseModel):
    """One card's form. Nothing is ticked beforehand; ``years`` '': until it is taken back."""

    model_config = ConfigDict(extra="forbid")

    version: Word
    recipient: Word
    items: list[Word] = Field(default=[], max_length=50)
    years: Literal["", "1", "3"] = ""


@ROUTER.get("")
def page(
    request: Request, me: MayAgree, conn: Conn, *, person: Person = None, said: Said = None, about: str = ""
) -> HTMLResponse:
    """Mine, or those of somebody for whom I may act. ``said`` and ``about``: what was just done, and where.

    Every form says whose page it stands on, whatever another tab of this browser shows meanwhile.
    """
    look(conn, me, me.person_id, items="consents", purpose=me.purpose, request=request)
    return render("consents.html", request, said=said, about=about, whom=f"?person={me.public_id}", **_shown(conn, me))


def _shown(conn: psycopg.Connection, me: Behalf) -> dict[str, Any]:
    now, person_id = datetime.now(UTC), me.person_id
    facilities = {"phr_records": sources.facilities(conn), "guidance": staff.facilities(conn)}
    given = _consents.read(
        consents.of_person(conn, person_id),
        now,
        facilities=facilities["guidance"] | facilities["phr_records"],
        scans=consent_scans.of_person(conn, person_id),
    )
    mine = me.ward is None
    return {
        "purposes": _consents.purposes(given, left=consents.has_left(conn, person_id)),
        "history": [one for one in given if one.over],
        "facilities": facilities,
        "mine": mine,
        "ward": me.ward,
        "proxies": entitlements.of_person(conn, person_id, now) if mine else [],
        "wards": entitlements.of_proxy(conn, person_id, now) if mine else [],
    }


@ROUTER.get("/words/{purpose}/{version}", dependencies=[Public])
def very_words(request: Request, *, purpose: str, version: str) -> HTMLResponse:
    """The very text that a consent was given to."""
    try:
        found = consent_words.words(purpose, version)
    except consent_words.NotInTheWords:
        raise not_found() from None
    newest = any(found == one for one in consent_words.current())
    return render("consent_words.html", request, shown=found, newest=newest)


@ROUTER.post("/{purpose}/give")
def give(
    request: Request, me: MayAgree, conn: Conn, *, purpose: Word, sheet: Annotated[Sheet, Form()], person: Person = None
) -> RedirectResponse:
    """Agree to what the card shows, from now on. Nothing chosen: back to the card, which asks for it."""
    if not sheet.items:
        return _back(purpose, "choose", person)
    days = _YEARS[sheet.years]
    new = NewConsent(
        purpose=purpose,
        recipient=sheet.recipient,
        items=["*"] if "*" in sheet.items else sheet.items,
        text_version=sheet.version,
        valid_to=datetime.now(UTC) + timedelta(days=days) if days else None,
    )
    look(conn, me, me.person_id, items="consents", purpose=me.purpose, request=request, action="write")
    step_in(conn, me.person_id)
    agree(conn, me.person_id, new, given_by=me.by)
    return _back(purpose, "given", person)


@ROUTER.post("/proxies/{entitlement_id}/end")
def end_proxy(request: Request, me: Me, conn: Conn, *, entitlement_id: int) -> RedirectResponse:
    """Nobody acts for me by this entitlement any more."""
    inviting.end(conn, me, entitlement_id, request)
    return RedirectResponse("/consents#proxies", 303)


def _back(purpose: str, said: str, person: UUID | None) -> RedirectResponse:
    whom = f"&person={person}" if person else ""
    return RedirectResponse(f"/consents?said={said}&about={purpose}{whom}#{purpose}", 303)
