"""Who looked at my data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from phr_api.doors import Conn, Me, look
from store import looks

ROUTER = APIRouter(prefix="/api", tags=["looks"])


@dataclass(frozen=True, slots=True)
class LookShape:
    """One look. ``mine``: I did it myself; ``allowed`` False: it was refused."""

    at: datetime
    mine: bool
    role: str
    action: str
    items: str
    purpose: str
    allowed: bool


@ROUTER.get("/looks", summary="誰がわたしの情報を見たか / Who looked at my data, newest first")
def listing(
    request: Request, me: Me, conn: Conn, *, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[LookShape]:
    look(conn, me, me.person_id, items="looks", purpose="own", request=request)
    found = looks.of_person(conn, me.person_id, limit=limit)
    return [
        LookShape(one.at, one.actor == me.actor, one.role, one.action, one.items, one.purpose, one.allowed)
        for one in found
    ]
