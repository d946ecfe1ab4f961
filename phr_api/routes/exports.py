"""A copy of everything of mine: asked for, watched, fetched, dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from phr_api import copies
from phr_api.doors import Conn, Fresh, Me, look
from store import exports
from store.exports import Export, State, Why

ROUTER = APIRouter(prefix="/api/exports", tags=["rights"])


@dataclass(frozen=True, slots=True)
class ExportShape:
    """``done`` of ``total`` rows are written. ``why`` it stopped: a consent was withdrawn or ran out, a deletion began,
    a fault, the person dropped it, its time is over."""

    export_id: UUID
    state: State
    why: Why
    done: int
    total: int
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    bytes: int | None


def _shape(one: Export) -> ExportShape:
    return ExportShape(**{name: getattr(one, name) for name in ExportShape.__slots__})


@ROUTER.get("", summary="わたしのデータ(写し)の一覧 / The copies that I asked for, newest first")
def listing(request: Request, me: Me, conn: Conn) -> list[ExportShape]:
    look(conn, me, me.person_id, items="export", purpose="own", request=request)
    return [_shape(one) for one in exports.of_person(conn, me.person_id)]


@ROUTER.post("", status_code=201, summary="わたしのデータの写しを作る / Ask for a copy of everything of mine")
def ask(request: Request, me: Fresh, conn: Conn) -> ExportShape:
    """The one under way, if there is one. Needs a sign-in of the last ten minutes."""
    return _shape(copies.ask(conn, me, request))


@ROUTER.get("/{export_id}", summary="写しの進みぐあい / How far a copy is")
def one(export_id: UUID, request: Request, me: Me, conn: Conn) -> ExportShape:
    found = copies.mine(conn, me, export_id, request)
    look(conn, me, me.person_id, items="export", purpose="own", request=request)
    return _shape(found)


@ROUTER.get(
    "/{export_id}/file",
    summary="写しのファイル(ZIP) / The file: JSON, FHIR R4 Bundle and CSV in a ZIP archive",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def file(export_id: UUID, request: Request, me: Fresh, conn: Conn) -> StreamingResponse:
    """Needs a sign-in of the last ten minutes. 410 when it is not ready, or gone."""
    return copies.file(conn, me, export_id, request)


@ROUTER.delete("/{export_id}", status_code=204, summary="写しを捨てる / Drop a copy, or stop making it")
def drop(export_id: UUID, request: Request, me: Me, conn: Conn) -> None:
    found = copies.mine(conn, me, export_id, request)
    look(conn, me, me.person_id, items="export", purpose="own", request=request, action="write")
    exports.drop(conn, me.person_id, "person", export_id=found.export_id)
