"""Who looked at my data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from phr_api.doors import Conn, Me, look
from phr_api.inputs import LARGEST
from store import looks
from store.looks import Look
from store.sessions import Citizen

ROUTER = APIRouter(prefix="/api", tags=["looks"])


@dataclass(frozen=True, slots=True)
class LookShape:
    """One look. ``mine``: I did it myself; ``allowed`` False: it was refused.

    ``basis``: ``consent`` (I agreed), ``opening`` (an emergency, without my consent), or nothing.
    """

    number: int
    at: datetime
    mine: bool
    role: str
    action: str
    items: str
    purpose: str
    basis: str
    allowed: bool


@ROUTER.get("/looks", summary="誰がわたしの情報を見たか / Who looked at my data, newest first")
def listing(
    request: Request,
    me: Me,
    conn: Conn,
    *,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    before: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="only those older than this number: the next page")
    ] = None,
) -> list[LookShape]:
    """What others and I did, and what was refused. Rows can be neither changed nor removed."""
    look(conn, me, me.person_id, items="looks", purpose="own", request=request)
    return [_shape(one, me) for one in looks.of_person(conn, me.person_id, limit=limit, before=before)]


def _shape(one: Look, me: Citizen) -> LookShape:
    return LookShape(
        number=one.look_id,
        at=one.at,
        mine=one.actor == me.actor,
        role=one.role,
        action=one.action,
        items=one.items,
        purpose=one.purpose,
        basis=one.basis.partition(":")[0],
        allowed=one.allowed,
    )
