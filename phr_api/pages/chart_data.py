"""The charts as specifications, for the browser's script; and that script itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Request, Response

from advice_engine.gather import gather
from phr_api import chart_script, charts, reach
from phr_api.behalf import MaySee
from phr_api.chart import with_touch
from phr_api.doors import Conn, Nurse, Public, look
from phr_api.pages import _checkup
from phr_api.problems import not_found
from store import people
from store.clock import civil_day
from store.people import Person

Name = Literal["weight", "steps", "pressure"]

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.get("/me/charts/{name}.json")
def own(name: Name, request: Request, me: MaySee, conn: Conn) -> dict[str, Any]:
    """The same picture that the page shows, with something to say under each finger."""
    person = people.by_id(conn, me.person_id)
    assert person is not None  # the session refers to it
    look(conn, me, me.person_id, items=f"readings: {name}", purpose=me.purpose, request=request)
    return _touchable(conn, person, name)


@ROUTER.get("/nurse/people/{public_id}/charts/{name}.json")
def of_her_town(request: Request, nurse: Nurse, conn: Conn, *, public_id: UUID, name: Name) -> dict[str, Any]:
    """The same for a 保健師 and a person of her town."""
    person = reach.person(conn, nurse, public_id, request)
    look(conn, nurse, person.person_id, items=f"readings: {name}", purpose="guidance", request=request)
    return _touchable(conn, person, name)


def _touchable(conn: psycopg.Connection, person: Person, name: Name) -> dict[str, Any]:
    today = civil_day(datetime.now(UTC))
    height = _checkup.height(gather(conn, [person.person_id], today)[person.person_id].checkups)
    drawn = charts.of_person(conn, person, height_cm=height, today=today)
    found = next((chart for chart in drawn if chart.name == name), None)
    if found is None:
        raise not_found()
    return with_touch(found)


@ROUTER.get("/static/charts-{tag}.js", dependencies=[Public])
def script(tag: str) -> Response:
    """Vega, bundled on this machine from the pinned package. The tag names its content, so it may be kept."""
    if tag != chart_script.tag():
        raise not_found()
    headers = {"Content-Encoding": "gzip", "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(chart_script.bundle(), media_type="text/javascript", headers=headers)
