"""Emergencies: opening the data of somebody who has not agreed, and what supervisors see of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request

from phr_api import emergency, inputs
from phr_api.doors import Conn, Desk, Supervisor, look
from phr_api.emergency import Emergency
from store import openings
from store.openings import Ground

ROUTER = APIRouter(prefix="/api/nurse/openings", tags=["nurse"])
REPORTED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Opened:
    """The person whose data lie open now."""

    public_id: UUID


@dataclass(frozen=True, slots=True)
class OpeningShape:
    """One that lets the caller in until then."""

    opening_id: int
    public_id: UUID | None
    ground: Ground
    opened_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ReportedShape:
    """One of a colleague of the same town. ``open``: it lets her in now.

    ``told``: of one beyond the day's usual number, which supervisor she says she told.
    """

    opening_id: int
    staff: str
    ground: Ground
    reason: str
    opened_at: datetime
    until: datetime
    closed_at: datetime | None
    open: bool
    told: str | None


@ROUTER.post("", status_code=201, summary="緊急のとき、同意のない方の情報を開く / Open in an emergency")
def begin(request: Request, nurse: Desk, conn: Conn, *, asked: Emergency) -> Opened:
    """For a limited time. The person is told, her supervisors see it, every look is written down.

    409 after many within 24 hours, until `told` names the supervisor whom she told.
    """
    return Opened(emergency.begin(request, nurse, conn, asked))


@ROUTER.get("", summary="いま開いている方 / Those that let me in now")
def mine(request: Request, nurse: Desk, conn: Conn) -> list[OpeningShape]:
    return [
        OpeningShape(one.opening_id, one.public_id, one.ground, one.opened_at, one.until)
        for one in emergency.mine(request, nurse, conn)
    ]


@ROUTER.delete("/{opening_id}", status_code=204, summary="閉じる / I need it no longer")
def end(request: Request, nurse: Desk, conn: Conn, opening_id: inputs.RowId) -> None:
    emergency.end(request, nurse, conn, opening_id)


@ROUTER.get("/reported", summary="緊急に開いた記録(上司) / What my town's staff opened in the last 90 days")
def reported(request: Request, supervisor: Supervisor, conn: Conn) -> list[ReportedShape]:
    """Open ones first. Who opened, why and until when; not whose."""
    now = datetime.now(UTC)
    look(conn, supervisor, None, items="openings", purpose="supervision", request=request)
    return [
        ReportedShape(
            one.opening_id,
            one.staff_name,
            one.ground,
            one.reason,
            one.opened_at,
            one.until,
            one.closed_at,
            now < (one.closed_at or one.until),
            one.told,
        )
        for one in openings.of_town(conn, supervisor.town, now - REPORTED)
    ]
