"""Where a proxy may act in a citizen's place: decided here, named in the endpoint's signature.

``MaySee``, ``MayEnter`` and ``MayAgree`` stand in the place of ``Me`` (``doors``): a citizen for oneself, or for
somebody whose entitlement in force says so. For whom: the query ``person`` (a public id); else whom the browser chose
(``/proxies``); else oneself. Everything declared ``Me`` stays the person's own.

Row-level security looks the entitlement up again at each query (``reaching.act_for``); for consents at ``step_in``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, NoReturn
from uuid import UUID

import psycopg
from fastapi import Depends, Query, Request

from phr_api.doors import AnySession, Conn, SignedIn, deny
from phr_api.problems import NoLongerActing, Problem, forbidden, not_found, wants_page
from store import entitlements, people, reaching
from store.entitlements import Behalf, May, Ward
from store.sessions import Citizen, NurseOnDuty, Session
from store.sources import SELF, Enterer

Person = Annotated[UUID | None, Query(description="for whom, where I may act for somebody; else myself")]


def decide(may: May) -> Callable[..., Behalf]:
    """The audience of an endpoint where a proxy needs this in the scope of the entitlement."""

    def whose(request: Request, who: SignedIn, session: AnySession, conn: Conn, *, person: Person = None) -> Behalf:
        return of(conn, who, session, request, person=person, may=may)

    return whose


MaySee = Annotated[Behalf, Depends(decide("see"))]
MayEnter = Annotated[Behalf, Depends(decide("enter"))]
MayAgree = Annotated[Behalf, Depends(decide("consents"))]


def of(
    conn: psycopg.Connection,
    who: Citizen | NurseOnDuty,
    session: Session,
    request: Request,
    *,
    person: UUID | None,
    may: May,
) -> Behalf:
    """Oneself, or the one for whom this may be done now; else a refusal, and the try is written down."""
    if not isinstance(who, Citizen):
        deny(conn, who, None, request=request, problem=forbidden())
    if person == who.public_id or (person is None and session.acting_by is None):
        return Behalf(who)
    wards = entitlements.of_proxy(conn, who.person_id, datetime.now(UTC))
    if person is None:
        person = next((one.public_id for one in wards if one.entitlement_id == session.acting_by), None)
    ward = next((one for one in wards if one.public_id == person and may in one.scope), None)
    if ward is None:
        _refuse(conn, who, person, request, chosen=session.acting_by is not None)
    request.state.bases = getattr(request.state, "bases", {}) | {ward.person_id: f"entitlement:{ward.entitlement_id}"}
    if wants_page(request):  # in whose name it is shown, however they were named
        request.state.shown_for = called(conn, ward)
    if may != "consents":
        reaching.act_for(conn, ward.person_id)
    return Behalf(who, ward)


def called(conn: psycopg.Connection, ward: Ward) -> str:
    """How a page names whom the proxy acts for; the name only for who may see the person."""
    name = people.name_of(conn, ward.person_id) if "see" in ward.scope else None
    return f"{name}さん" if name else f"あなたに任せた方({ward.relation}として)"


def enterer(me: Behalf) -> Enterer:
    """Who types a number in: the person or, with a source of their own, the proxy."""
    return Enterer(me.by, "typed") if me.ward else SELF


def _refuse(conn: psycopg.Connection, who: Citizen, person: UUID | None, request: Request, *, chosen: bool) -> NoReturn:
    problem: Problem = NoLongerActing() if chosen else not_found()
    row = conn.execute("select health.number_of(%s)", (person,)).fetchone()
    deny(conn, who, row[0] if row else None, request=request, problem=problem)
