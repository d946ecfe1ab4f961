"""The script that shows a notification while the page is closed; its address decides which pages it serves: all."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from phr_api.doors import Public

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)

_WORKER = Path(__file__).parents[1] / "static" / "push_worker.js"


@ROUTER.get("/push-worker.js", dependencies=[Public])
def worker() -> FileResponse:
    return FileResponse(_WORKER, media_type="text/javascript")
