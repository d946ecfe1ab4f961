"""Who looked at my data: the citizen's view of the audit, 「だれが見たか」."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import psycopg
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from phr_api.doors import Conn, Me, look
from phr_api.inputs import LARGEST
from phr_api.pages import _look_days, _words
from phr_api.pages._html import render
from store import entitlements, looks, staff
from store.looks import Look

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

_PAGE = 200
_OWN = 50
_OTHERS = {
    "worker": "市のシステム",
    "operator": "市のシステムの担当者",
    "client": "医療機関などのシステム",
    "gateway": "ご家庭の中継機",
    "person": "ご家族",
}
Before = Annotated[int | None, Query(ge=1, le=LARGEST)]


@ROUTER.get("/looks")
def page(request: Request, me: Me, conn: Conn, *, before: Before = None) -> HTMLResponse:
    """Other people's looks, by day, newest first; one's own last ones apart. ``before``: those older than this look."""
    look(conn, me, me.person_id, items="looks", purpose="own", request=request)
    others = looks.of_person(conn, me.person_id, limit=_PAGE + 1, before=before, own=me.actor)
    own = [] if before else looks.of_person(conn, me.person_id, limit=_OWN, own=me.actor, mine=True)
    names = request.app.state.settings.audit_names_staff
    return render(
        "looks.html",
        request,
        now=datetime.now(UTC),
        days=_look_days.by_day(others[:_PAGE], partial(_who, conn, names, _proxies(conn, me.person_id))),
        own=_look_days.by_day(own, lambda one: "ご自身"),
        older=others[_PAGE - 1].look_id if len(others) > _PAGE else None,
        later=before is not None,
    )


def _proxies(conn: psycopg.Connection, person_id: int) -> dict[str, str]:
    """What each of the person's proxies is to them, by what their looks rest on."""
    given = entitlements.of_person(conn, person_id, datetime.now(UTC))
    return {f"entitlement:{one.entitlement_id}": f"{one.relation}の方(代理)" for one in given}


def _who(conn: psycopg.Connection, names: bool, proxies: dict[str, str], row: Look) -> str:
    """Role and office; the name of staff only where the city decided so (``PHR_AUDIT_NAMES_STAFF``)."""
    if row.basis in proxies:
        return proxies[row.basis]
    kind, _, key = row.actor.partition(":")
    if kind == "person" and (row.purpose == "proxy" or not row.allowed):
        return (
            "代理に関わる方" if row.allowed else "ほかの方"
        )  # of somebody who tried nobody knows that they are family
    if row.role == "living_lab":
        return "市のリビングラボの担当"
    if kind != "staff":
        return _OTHERS.get(kind, "ほかの人")
    found = staff.by_id(conn, int(key)) if key.isdecimal() else None
    if found is None:
        return "保健師"
    place = _words.town(found.town)
    if found.facility_name:
        office = f"{found.facility_name}の保健師"
        return f"{office}({found.name})" if names else office
    office = "ほかの市町村の保健師" if place == found.town else f"{place}の保健師"
    return f"{office}({found.name})" if names else office
