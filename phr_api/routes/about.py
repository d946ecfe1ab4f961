"""Is it alive, is it ready, and what it offers. Nothing personal."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from phr_api import reference
from phr_api.doors import Conn, Public

ROUTER = APIRouter(tags=["about"], dependencies=[Public])


@ROUTER.get("/healthz", summary="動いているか / Alive")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@ROUTER.get("/readyz", summary="データベースに届くか / Ready: the database answers")
def readyz(conn: Conn) -> dict[str, str]:
    """503 while the database can't be reached."""
    conn.execute("select from health.people limit 0")
    return {"status": "ok"}


@ROUTER.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    described: dict[str, Any] = request.app.openapi()
    return described


@ROUTER.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The reference, without script and from this server alone."""
    return HTMLResponse(reference.page(request.app.openapi()))
