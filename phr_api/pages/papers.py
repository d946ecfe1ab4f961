"""The 保健師's page for signed papers: a consent, or its withdrawal, with the scan."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api.doors import Conn, Desk
from phr_api.pages._html import render
from phr_api.routes import nurse_consents
from phr_api.routes.nurse_consents import MOST_BODY, PaperConsent, PaperWithdrawal
from store import consent_words, sources, staff

ROUTER = APIRouter(prefix="/nurse/papers", tags=["pages"], include_in_schema=False)

Purpose = Annotated[
    Literal["phr", "phr_records", "guidance", "push", "statistics", "living_lab", "next_generation_opt_out"], Query()
]
Kept = Annotated[Literal["given", "withdrawn"] | None, Query()]


@ROUTER.get("")
def page(
    request: Request, nurse: Desk, conn: Conn, *, purpose: Purpose = "phr_records", kept: Kept = None
) -> HTMLResponse:
    """One purpose at a time, as the papers are. Shows nobody's data."""
    shown = next(one for one in consent_words.current() if one.purpose == purpose)
    return render(
        "papers.html",
        request,
        nurse=nurse,
        shown=shown,
        purposes=consent_words.current(),
        facilities={"phr_records": sources.facilities(conn), "guidance": staff.facilities(conn)},
        kept=kept,
    )


@ROUTER.post("/consents", max_body_size=MOST_BODY)
def give(request: Request, nurse: Desk, conn: Conn, *, paper: Annotated[PaperConsent, Form()]) -> RedirectResponse:
    nurse_consents.give(request, nurse, conn, paper=paper)
    return RedirectResponse(f"/nurse/papers?purpose={paper.purpose}&kept=given", 303)


@ROUTER.post("/withdrawals", max_body_size=MOST_BODY)
def withdraw(
    request: Request, nurse: Desk, conn: Conn, *, paper: Annotated[PaperWithdrawal, Form()]
) -> RedirectResponse:
    nurse_consents.withdraw(request, nurse, conn, paper=paper)
    return RedirectResponse(f"/nurse/papers?purpose={paper.purpose}&kept=withdrawn", 303)
