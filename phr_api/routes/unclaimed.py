"""Numbers of the household's shared devices: nobody's until claimed."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from phr_api import inputs, shapes
from phr_api.doors import Conn, Me, look
from store import sources, unclaimed

ROUTER = APIRouter(prefix="/api", tags=["unclaimed"])


class Claim(BaseModel):
    """One measurement, as ``GET /api/unclaimed`` names it."""

    model_config = ConfigDict(extra="forbid")

    household: int
    source_id: int
    at: inputs.Moment


@dataclass(frozen=True, slots=True)
class Claimed:
    """How many numbers are mine now; 0: claimed already, or not to be had."""

    moved: int


@ROUTER.get("/unclaimed", summary="持ち主のわからない測定値 / Unclaimed numbers of my household")
def listing(request: Request, me: Me, conn: Conn) -> list[shapes.UnclaimedShape]:
    look(conn, me, me.person_id, items="unclaimed", purpose="own", request=request)
    found = unclaimed.of_person(conn, me.person_id)
    labels = sources.labels(conn, (one.source_id for one in found))
    return [shapes.unclaimed(one, labels) for one in found]


@ROUTER.post("/unclaimed/claim", summary="自分の測定値にする / Claim one measurement: all its numbers become mine")
def claim(request: Request, me: Me, conn: Conn, *, wanted: Claim) -> Claimed:
    """Of two people the first keeps it; claiming again changes nothing."""
    look(conn, me, me.person_id, items="unclaimed", purpose="own", request=request, action="write")
    moved = unclaimed.claim(conn, me.person_id, household_id=wanted.household, source_id=wanted.source_id, at=wanted.at)
    return Claimed(moved)
