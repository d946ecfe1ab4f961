"""「お知らせの届け先」: where I am told, besides browsers. Plain forms, no script."""

from __future__ import annotations

from typing import Annotated, Literal

import psycopg
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from advice_engine.channels import line
from phr_api import telling
from phr_api.doors import Conn, Me, look
from phr_api.inputs import RowId
from phr_api.pages._html import render
from phr_api.problems import Problem, respond, wants_page
from phr_api.telling import Code, NewAddress
from store import addresses, line_links
from store.addresses import MOST
from store.sessions import Citizen

ROUTER = APIRouter(prefix="/addresses", tags=["pages"], include_in_schema=False)

Said = Annotated[Literal["sent", "unsent", "refused", "confirmed", "removed"] | None, Query()]
_Token = Field(max_length=1000, pattern=r"^[A-Za-z0-9._~+/=-]*$")
Address = Annotated[str, Field(min_length=1, max_length=254)]


@ROUTER.get("")
def page(
    request: Request,
    me: Me,
    conn: Conn,
    *,
    said: Said = None,
    link_token: Annotated[str, _Token, Query(alias="linkToken")] = "",
) -> HTMLResponse:
    """``linkToken``: LINE sent me here to link my account."""
    return _page(request, me, conn, said=said, link_token=link_token)


@ROUTER.post("/email")
def add_email(request: Request, me: Me, conn: Conn, *, address: Annotated[Address, Form()]) -> Response:
    return _added(request, me, conn, NewAddress(channel="email", address=address))


@ROUTER.post("/sms")
def add_sms(request: Request, me: Me, conn: Conn, *, address: Annotated[Address, Form()]) -> Response:
    return _added(request, me, conn, NewAddress(channel="sms", address=address))


@ROUTER.post("/line")
def link_line(request: Request, me: Me, conn: Conn, *, link_token: Annotated[str, _Token, Form()]) -> HTMLResponse:
    """The last step is on LINE's own page: the answer leads there."""
    telling.ready("line", request)
    telling.needs_agreement(conn, me, "line")
    look(conn, me, me.person_id, items="addresses", purpose="own", request=request, action="write")
    nonce = line_links.ask(conn, me.person_id)
    there = line.link_page(link_token, nonce, request.app.state.settings)
    return _page(request, me, conn, leads_to=there)


@ROUTER.post("/{address_id}/code")
def send_again(address_id: RowId, request: Request, me: Me, conn: Conn) -> Response:
    problem = telling.again(conn, me, address_id, request)
    return respond(request, problem) if problem else _back("sent")


@ROUTER.post("/{address_id}/confirm")
def confirm(address_id: RowId, request: Request, me: Me, conn: Conn, *, code: Annotated[Code, Form()]) -> Response:
    problem = telling.confirm(conn, me, address_id, code=code, request=request)
    if problem and problem.status == 422 and wants_page(request):
        return _again(request, me, conn, field=f"code-{address_id}", typed=code, problem=problem)
    return respond(request, problem) if problem else _back("confirmed")


@ROUTER.post("/{address_id}/remove")
def remove(address_id: RowId, request: Request, me: Me, conn: Conn) -> Response:
    telling.remove(conn, me, address_id, request)
    return _back("removed")


def _added(request: Request, me: Citizen, conn: psycopg.Connection, new: NewAddress) -> Response:
    try:
        made = telling.add(conn, me, new, request)
    except Problem as problem:
        if problem.status != 422 or not wants_page(request):
            raise
        return _again(request, me, conn, field=new.channel, typed=new.address, problem=problem)
    return respond(request, made) if isinstance(made, Problem) else _back("sent")


def _again(
    request: Request, me: Citizen, conn: psycopg.Connection, *, field: str, typed: str, problem: Problem
) -> HTMLResponse:
    """The page as it was, the reason beside the field."""
    answer = _page(request, me, conn, wrong=(field, typed, problem.japanese))
    answer.status_code = problem.status
    return answer


def _page(
    request: Request,
    me: Citizen,
    conn: psycopg.Connection,
    *,
    said: str | None = None,
    link_token: str = "",
    leads_to: str = "",
    wrong: tuple[str, str, str] = ("", "", ""),
) -> HTMLResponse:
    mine = telling.listed(conn, me, request)
    settings = request.app.state.settings
    return render(
        "addresses.html",
        request,
        said=said,
        agreed=addresses.agreed(conn, me.person_id, "email"),
        older=addresses.agreed(conn, me.person_id, "web_push"),
        mine=[(one, telling.shown(one)) for one in mine],
        full={name for name in ("email", "sms") if [one.channel for one in mine].count(name) >= MOST},
        offered=telling.offered(request),
        friend=settings.line_friend_url,
        link_token=link_token,
        leads_to=leads_to,
        wrong=wrong,
    )


def _back(said: str) -> RedirectResponse:
    return RedirectResponse(f"/addresses?said={said}", 303)
