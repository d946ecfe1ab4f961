"""The 保健師's page 「番号をつなぐ」: whose card is it, what is tied to them, and what does not fit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api.doors import Conn, Desk
from phr_api.inputs import RowId
from phr_api.pages._html import render
from phr_api.present import LinkFields, Present, Shown
from phr_api.routes import linking
from phr_api.routes.linking import Code, End, Mistake, Settled, Tied
from store.sessions import NurseOnDuty

ROUTER = APIRouter(prefix="/nurse/links", tags=["pages"], include_in_schema=False)

Kept = Annotated[Literal["moved", "stays"] | None, Query()]


def _page(
    request: Request,
    nurse: NurseOnDuty,
    conn: psycopg.Connection,
    *,
    tied: Tied | None = None,
    shown: Present | Shown | None = None,
    said: str | None = None,
) -> HTMLResponse:
    return render(
        "nurse_links.html",
        request,
        nurse=nurse,
        tied=tied,
        birth_date=shown.birth_date if shown else None,
        conflicts=linking.conflicts(request, nurse, conn),
        said=said,
        now=datetime.now(UTC),
    )


@ROUTER.get("")
def page(request: Request, nurse: Desk, conn: Conn, *, kept: Kept = None) -> HTMLResponse:
    """Who stands there; and the numbers that somebody has to look into."""
    return _page(request, nurse, conn, said=kept)


def _again(
    request: Request, nurse: NurseOnDuty, conn: psycopg.Connection, *, shown: Present, said: str
) -> HTMLResponse:
    """The person's links as they are now: no address may hold a birthday, so there is nothing to be led to."""
    who = Shown(public_id=shown.public_id, birth_date=shown.birth_date, symbol="")
    return _page(request, nurse, conn, tied=linking.listing(request, nurse, conn, shown=who), shown=shown, said=said)


@ROUTER.post("/find")
def find(request: Request, nurse: Desk, conn: Conn, *, shown: Annotated[Shown, Form()]) -> HTMLResponse:
    return _page(request, nurse, conn, tied=linking.listing(request, nurse, conn, shown=shown), shown=shown)


@ROUTER.post("")
def link(request: Request, nurse: Desk, conn: Conn, *, new: Annotated[LinkFields, Form()]) -> Response:
    answer = linking.link(request, nurse, conn, new=new)
    return answer if answer.status_code == 409 else _again(request, nurse, conn, shown=new, said="linked")


@ROUTER.post("/accounts")
def tie(request: Request, nurse: Desk, conn: Conn, *, code: Annotated[Code, Form()]) -> HTMLResponse:
    linking.tie(request, nurse, conn, code=code)
    return _again(request, nurse, conn, shown=code, said="tied")


@ROUTER.post("/{link_id}/undo")
def undo(
    request: Request, nurse: Desk, conn: Conn, link_id: UUID, *, mistake: Annotated[Mistake, Form()]
) -> HTMLResponse:
    linking.undo(request, nurse, conn, link_id, mistake=mistake)
    return _again(request, nurse, conn, shown=mistake, said="undone")


@ROUTER.post("/{link_id}/end")
def end(request: Request, nurse: Desk, conn: Conn, link_id: UUID, *, over: Annotated[End, Form()]) -> HTMLResponse:
    linking.end(request, nurse, conn, link_id, over=over)
    return _again(request, nurse, conn, shown=over, said="ended")


@ROUTER.post("/conflicts/{conflict_id}")
def settle(
    request: Request, nurse: Desk, conn: Conn, conflict_id: RowId, *, settled: Annotated[Settled, Form()]
) -> RedirectResponse:
    linking.settle(request, nurse, conn, conflict_id, settled=settled)
    return RedirectResponse(f"/nurse/links?kept={settled.outcome}", 303)
