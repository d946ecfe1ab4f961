"""Numbers of the household's shared devices: nobody's until the gate is sure or a member says whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from phr_api import claims, inputs, shapes
from phr_api.doors import Conn, Me, look
from store import sources, unclaimed
from store.unclaimed import Unclaimed

ROUTER = APIRouter(prefix="/api", tags=["unclaimed"])

_LOOK_BACK = timedelta(days=30)


class Measurement(BaseModel):
    """One measurement, as ``GET /api/unclaimed`` names it."""

    model_config = ConfigDict(extra="forbid")

    household: inputs.RowId
    source_id: inputs.RowId
    at: inputs.Moment


@dataclass(frozen=True, slots=True)
class Said:
    """How many numbers that changed; 0: said already, or not to be had."""

    moved: int


@ROUTER.get("/unclaimed", summary="持ち主のわからない測定値 / Unclaimed numbers of my household")
def listing(request: Request, me: Me, conn: Conn) -> list[shapes.UnclaimedShape]:
    """Open numbers of the time in which I was a member; what is another member's is not in it."""
    look(conn, me, me.person_id, items="unclaimed", purpose="own", request=request)
    return _shapes(conn, unclaimed.of_person(conn, me.person_id))


@ROUTER.get("/unclaimed/given", summary="自動で自分の記録になった測定値 / What was given to me automatically")
def given(request: Request, me: Me, conn: Conn) -> list[shapes.UnclaimedShape]:
    """Of the last 30 days. ``undo`` what is not mine."""
    look(conn, me, me.person_id, items="unclaimed", purpose="own", request=request)
    return _shapes(conn, unclaimed.by_gate(conn, me.person_id, datetime.now(UTC) - _LOOK_BACK))


@ROUTER.post("/unclaimed/claim", summary="自分の測定値にする / Claim one measurement: all its numbers become mine")
def claim(request: Request, me: Me, conn: Conn, *, wanted: Measurement) -> Said:
    """Of two people the first keeps it; claiming again changes nothing. What was given automatically can be claimed."""
    return _say(request, me, conn, act=unclaimed.claim, about=wanted)


@ROUTER.post("/unclaimed/undo", summary="自分の測定値ではない / Not mine: the measurement is open again")
def undo(request: Request, me: Me, conn: Conn, *, wanted: Measurement) -> Said:
    """Of what was claimed or given automatically, which never gives it to me again. Also takes back ``nobody``."""
    return _say(request, me, conn, act=unclaimed.undo, about=wanted)


@ROUTER.post("/unclaimed/nobody", summary="家族のだれのものでもない / None of ours: a guest, a thing")
def nobody(request: Request, me: Me, conn: Conn, *, wanted: Measurement) -> Said:
    """Of an open measurement; ``undo`` takes it back."""
    return _say(request, me, conn, act=unclaimed.nobody, about=wanted)


def _say(request: Request, me: Me, conn: Conn, *, act: claims.Act, about: Measurement) -> Said:
    changed = claims.say(request, me, conn, act, household_id=about.household, source_id=about.source_id, at=about.at)
    return Said(changed)


def _shapes(conn: psycopg.Connection, rows: Sequence[Unclaimed]) -> list[shapes.UnclaimedShape]:
    labels = sources.labels(conn, (row.source_id for row in rows))
    return [shapes.unclaimed(row, labels) for row in rows]
