"""The 保健師's desk: what citizens ask at the counter or by telephone, one page a task."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from phr_api.acting import Branch, Insurer
from phr_api.counter import CardFields
from phr_api.doors import Conn, Desk
from phr_api.inputs import Day, RowId, Word
from phr_api.pages import _words
from phr_api.pages._html import render
from phr_api.routes import linking, nurse_consents, nurse_corrections
from phr_api.routes.nurse_consents import EndedEntitlement, NewEntitlement
from phr_api.routes.nurse_corrections import Step
from store.entitlements import May

ROUTER = APIRouter(prefix="/nurse", tags=["pages"], include_in_schema=False)

Said = Annotated[Literal["told", "answered", "noted", "ended"] | None, Query()]


class TwoCards(BaseModel):
    """The insurance cards and birthdays of the person and of the one who acts, as one form sends them."""

    model_config = ConfigDict(extra="forbid")

    person_insurer: Insurer
    person_symbol: str = Field("", max_length=40)
    person_number: Word
    person_branch: Branch
    person_birth_date: Day
    proxy_insurer: Insurer
    proxy_symbol: str = Field("", max_length=40)
    proxy_number: Word
    proxy_branch: Branch
    proxy_birth_date: Day

    def card(self, whose: Literal["person", "proxy"]) -> CardFields:
        said = self.model_dump()
        return CardFields(**{name: said[f"{whose}_{name}"] for name in CardFields.model_fields})


class ProxyForm(TwoCards):
    kind: Literal["parent", "caregiver"]
    relation: Word
    evidence: Word
    scope: list[May] = Field(min_length=1, max_length=3)
    valid_to: Annotated[Day | None, BeforeValidator(lambda said: said or None)] = None  # a form's empty field


@ROUTER.get("/desk")
def start(request: Request, nurse: Desk, conn: Conn) -> HTMLResponse:
    """The tasks, and how many numbers somebody has to look into. Shows nobody's data."""
    waiting = len(linking.conflicts(request, nurse, conn))
    return render("nurse_desk.html", request, nurse=nurse, conflicts=waiting)


@ROUTER.get("/corrections")
def corrections(request: Request, nurse: Desk, conn: Conn, *, said: Said = None) -> HTMLResponse:
    rows = nurse_corrections.listing(request, nurse, conn)
    return render("nurse_corrections.html", request, nurse=nurse, rows=rows, said=said, now=datetime.now(UTC))


@ROUTER.post("/corrections/{request_id}")
def correction(
    request: Request, nurse: Desk, conn: Conn, request_id: RowId, *, done: Annotated[Step, Form()]
) -> RedirectResponse:
    nurse_corrections.step(request, nurse, conn, request_id, done=done)
    return RedirectResponse(f"/nurse/corrections?said={'answered' if done.answer else 'told'}", 303)


@ROUTER.get("/proxies")
def proxies(request: Request, nurse: Desk, *, said: Said = None) -> HTMLResponse:
    """A form with nobody in it."""
    return render("nurse_proxies.html", request, nurse=nurse, may=_words.MAY, said=said)


@ROUTER.post("/proxies")
def entitle(request: Request, nurse: Desk, conn: Conn, *, new: Annotated[ProxyForm, Form()]) -> RedirectResponse:
    said = new.model_dump(include={"kind", "relation", "evidence", "scope", "valid_to"})
    entitled = NewEntitlement(person=new.card("person"), proxy=new.card("proxy"), **said)
    nurse_consents.entitle(request, nurse, conn, new=entitled)
    return RedirectResponse("/nurse/proxies?said=noted", 303)


@ROUTER.post("/proxies/end")
def end(request: Request, nurse: Desk, conn: Conn, *, two: Annotated[TwoCards, Form()]) -> RedirectResponse:
    ended = EndedEntitlement(person=two.card("person"), proxy=two.card("proxy"))
    nurse_consents.end_entitlements(request, nurse, conn, ended=ended)
    return RedirectResponse("/nurse/proxies?said=ended", 303)
