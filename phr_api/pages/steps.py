"""Which device's steps are these? One day of the citizen's own, and which device counts first: no script needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from ingest import merging
from phr_api import inputs, spells
from phr_api.behalf import MaySee
from phr_api.doors import Conn, Me, look
from phr_api.pages._html import render
from phr_api.problems import not_found
from store import device_order, sources
from store.clock import civil_day

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

_DAY = timedelta(days=1)


@ROUTER.get("/steps/{day}")
def page(request: Request, me: MaySee, conn: Conn, *, day: Annotated[inputs.Day, Path()]) -> HTMLResponse:
    """The day's steps by device and by time."""
    look(conn, me, me.person_id, items="page: steps", purpose=me.purpose, request=request)
    merged = merging.steps_of(conn, me.person_id, day)
    segments = merged.segments if merged else ()
    known = device_order.known(conn, me.person_id)
    found = spells.spells(segments, sources.labels(conn, (one.source_id for one in segments)))
    return render(
        "steps.html",
        request,
        day=day,
        before=day - _DAY,
        after=day + _DAY if day < civil_day(datetime.now(UTC)) else None,
        total=merged.total if merged else None,
        spells=found,
        devices=spells.by_device(found),
        known={} if me.ward else known,  # which one counts first is the person's own to say
        order=[source for source in device_order.of_person(conn, me.person_id) if source in known],
    )


@ROUTER.post("/steps/{day}/first")
def first(
    request: Request,
    me: Me,
    conn: Conn,
    *,
    day: Annotated[inputs.Day, Path()],
    source_id: Annotated[int, Form(ge=0, le=inputs.LARGEST)],
) -> RedirectResponse:
    """This device counts first from now on, the others after it as they were; 0: my own order is taken back."""
    look(conn, me, me.person_id, items="device order", purpose="own", request=request, action="write")
    if source_id and source_id not in device_order.known(conn, me.person_id):
        raise not_found()
    others = [one for one in device_order.of_person(conn, me.person_id) if one != source_id]
    device_order.replace(conn, me.person_id, [source_id, *others] if source_id else [])
    return RedirectResponse(_address(day), 303)


def _address(day: date) -> str:
    return f"/steps/{day.isoformat()}#order"
