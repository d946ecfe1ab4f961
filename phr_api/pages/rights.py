"""「わたしのデータ」: take everything along, ask for corrections, delete everything. Plain forms, no script."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import copies
from phr_api.doors import Conn, Fresh, Me, deny, look
from phr_api.pages._html import render
from phr_api.problems import not_found
from phr_api.routes.correction_requests import Sentences
from store import correction_requests, deletion, exports, records

ROUTER = APIRouter(prefix="/rights", tags=["pages"], include_in_schema=False)

_LATEST = 3  # copies on the page
Said = Annotated[Literal["asked", "kept", "dropped", "request"] | None, Query()]


@ROUTER.get("")
def page(request: Request, me: Me, conn: Conn, *, said: Said = None) -> HTMLResponse:
    """Copies with their progress, requests for correction, the deletion that is planned."""
    look(conn, me, me.person_id, items="export, correction requests, deletion", purpose="own", request=request)
    known = exports.of_person(conn, me.person_id)
    settings = request.app.state.settings
    return render(
        "rights.html",
        request,
        now=datetime.now(UTC),
        public_id=me.public_id,
        said=said,
        copies=known[:_LATEST],
        running=any(one.state in ("waiting", "working") for one in known),
        days=settings.export_days,
        wait=settings.deletion_wait_days,
        due=datetime.now(UTC) + timedelta(days=settings.deletion_wait_days),
        years=settings.audit_years,
        plan=deletion.of_person(conn, me.person_id),
        records=records.timeline(conn, me.person_id, limit=100),
        requests=correction_requests.of_person(conn, me.person_id),
    )


@ROUTER.get("/again")
def again(me: Fresh) -> RedirectResponse:
    """Where who has just signed in anew comes back to."""
    return RedirectResponse("/rights", 303)


@ROUTER.post("/exports")
def ask(request: Request, me: Fresh, conn: Conn) -> Response:
    copies.ask(conn, me, request)
    return _back("copy")


@ROUTER.get("/exports/{export_id}/file")
def file(export_id: UUID, request: Request, me: Fresh, conn: Conn) -> Response:
    return copies.file(conn, me, export_id, request)


@ROUTER.post("/exports/{export_id}/drop")
def drop(export_id: UUID, request: Request, me: Me, conn: Conn) -> Response:
    found = copies.mine(conn, me, export_id, request)
    look(conn, me, me.person_id, items="export", purpose="own", request=request, action="write")
    exports.drop(conn, me.person_id, "person", export_id=found.export_id)
    return _back("copy", "dropped")


@ROUTER.post("/corrections")
def correct(
    request: Request, me: Me, conn: Conn, *, record_id: Annotated[int, Form()], words: Annotated[Sentences, Form()]
) -> Response:
    """Written down for the staff, who tells the facility; the record stays as the facility sent it."""
    if correction_requests.ask(conn, me.person_id, record_id, words) is None:
        deny(conn, me, None, request=request, problem=not_found())
    look(conn, me, me.person_id, items="correction requests", purpose="own", request=request, action="write")
    return _back("corrections", "request")


@ROUTER.post("/deletion")
def delete(request: Request, me: Fresh, conn: Conn, *, sure: Annotated[Literal["yes"], Form()]) -> Response:
    """``sure``: the box that says what is lost was ticked."""
    copies.plan_deletion(conn, me, request)
    return _back("deletion", "asked")


@ROUTER.post("/deletion/take-back")
def take_back(request: Request, me: Me, conn: Conn) -> Response:
    copies.keep_everything(conn, me, request)
    return _back("deletion", "kept")


def _back(place: str, said: str = "") -> RedirectResponse:
    return RedirectResponse(f"/rights{'?said=' + said if said else ''}#{place}", 303)
