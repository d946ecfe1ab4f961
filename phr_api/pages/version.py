"""Has anything changed? The page asks every few seconds; the answer holds no value and is not a look."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter

from phr_api.behalf import MaySee
from phr_api.doors import Conn
from store import news
from store.clock import civil_day

ROUTER = APIRouter(tags=["pages"], include_in_schema=False)


@ROUTER.get("/me/version")
def version(me: MaySee, conn: Conn) -> dict[str, str]:
    """A word that changes when the page would."""
    return {"version": news.version(conn, me.person_id, civil_day(datetime.now(UTC)))}
