"""Who is signed in."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from phr_api import shapes
from phr_api.doors import Conn, Me, look
from phr_api.problems import not_found
from store import people
from store.clock import civil_day

ROUTER = APIRouter(prefix="/api", tags=["me"])


@ROUTER.get("/me", summary="わたしの情報 / Who I am")
def me(request: Request, me: Me, conn: Conn) -> shapes.PersonShape:
    look(conn, me, me.person_id, items="person", purpose="own", request=request)
    person = people.by_id(conn, me.person_id)
    if person is None:
        raise not_found()
    return shapes.person(person, people.name_of(conn, me.person_id), civil_day(datetime.now(UTC)))
