"""Who looked at my data: the citizen's view of the audit."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from phr_api.doors import Conn, Me, look
from phr_api.pages._html import render
from store import looks, staff
from store.looks import Look

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

_OTHERS = {
    "worker": "市のシステム",
    "operator": "市のシステムの担当者",
    "gateway": "ご家庭の中継機",
    "person": "ご家族",
}


@ROUTER.get("/looks")
def page(request: Request, me: Me, conn: Conn) -> HTMLResponse:
    """The newest 200 looks; other people's looks first told apart from one's own."""
    look(conn, me, me.person_id, items="looks", purpose="own", request=request)
    rows = [(row, _who(conn, row, me.actor)) for row in looks.of_person(conn, me.person_id)]
    others = [(row, who) for row, who in rows if row.actor != me.actor]
    return render(
        "looks.html",
        request,
        now=datetime.now(UTC),
        others=others,
        own=[(row, who) for row, who in rows if row.actor == me.actor],
    )


def _who(conn: psycopg.Connection, row: Look, me: str) -> str:
    kind, _, key = row.actor.partition(":")
    if row.actor == me:
        return "ご自身"
    if kind == "staff":
        found = staff.by_id(conn, int(key))
        return f"{found.name}(保健師)" if found else "保健師"
    return _OTHERS.get(kind, "ほかの人")
