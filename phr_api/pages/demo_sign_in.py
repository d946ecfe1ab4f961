"""The demonstration's sign-in: choosing an invented person. This router exists only in the embedded mode."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api.doors import Conn, Public, sign_in
from phr_api.pages._html import render
from phr_api.problems import not_found
from phr_api.town import stories
from store import directory, people, staff
from store.clock import civil_day

ROUTER = APIRouter(tags=["pages", "demo"], include_in_schema=False, dependencies=[Public])


@ROUTER.get("/signin")
def choose(request: Request, conn: Conn) -> HTMLResponse:
    """Who would you like to be?"""
    town, told = directory.everyone(conn), stories()
    return render(
        "signin.html",
        request,
        personas=[(person, contact, told[contact.name]) for person, contact in town if contact.name in told],
        neighbours=[(person, contact) for person, contact in town if contact.name not in told],
        nurses=staff.listing(conn),
        today=civil_day(datetime.now(UTC)),
    )


@ROUTER.post("/signin/citizen")
def as_citizen(public_id: Annotated[UUID, Form()], request: Request, conn: Conn) -> RedirectResponse:
    """Open a session as this person."""
    person = people.by_public_id(conn, public_id)
    if person is None:
        raise not_found()
    answer = RedirectResponse("/", 303)
    sign_in(conn, request, answer, person_id=person.person_id)
    return answer


@ROUTER.post("/signin/nurse")
def as_nurse(staff_id: Annotated[int, Form()], request: Request, conn: Conn) -> RedirectResponse:
    """Open a session as this 保健師."""
    if staff.by_id(conn, staff_id) is None:
        raise not_found()
    answer = RedirectResponse("/nurse", 303)
    sign_in(conn, request, answer, staff_id=staff_id)
    return answer
