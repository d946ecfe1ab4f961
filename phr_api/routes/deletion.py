"""Deletion of everything of mine: planned with a date, to be taken back until it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request

from phr_api import copies
from phr_api.doors import Conn, Fresh, Me, look
from store import deletion, personal
from store.deletion import Plan

ROUTER = APIRouter(prefix="/api/deletion", tags=["rights"])


@dataclass(frozen=True, slots=True)
class PlanShape:
    """``due_at``: it is carried out from then on, and can't be taken back once it has ``begun``."""

    asked_at: datetime
    due_at: datetime
    begun: bool


@dataclass(frozen=True, slots=True)
class DeletionShape:
    """``plan`` None: none is planned. ``goes``: the tables whose rows of mine go. ``stays``: what stays, and why."""

    plan: PlanShape | None
    goes: list[str]
    stays: dict[str, str]


def _shape(plan: Plan | None) -> DeletionShape:
    tables = personal.tables()
    return DeletionShape(
        PlanShape(plan.asked_at, plan.due_at, plan.shut_at is not None) if plan else None,
        [table.name for table in tables if not table.stays],
        {table.name: table.stays for table in tables if table.stays},
    )


@ROUTER.get("", summary="消去の予定 / What a deletion takes away, what stays by law, and when it is planned")
def planned(request: Request, me: Me, conn: Conn) -> DeletionShape:
    look(conn, me, me.person_id, items="deletion", purpose="own", request=request)
    return _shape(deletion.of_person(conn, me.person_id))


@ROUTER.post("", status_code=201, summary="すべて消す / Plan the deletion of everything of mine")
def ask(request: Request, me: Fresh, conn: Conn) -> DeletionShape:
    """Needs a sign-in of the last ten minutes. One that is planned already stays as it is."""
    return _shape(copies.plan_deletion(conn, me, request))


@ROUTER.delete("", status_code=204, summary="消去を取りやめる / Keep everything")
def take_back(request: Request, me: Me, conn: Conn) -> None:
    """The same when none is planned; 409 when it has begun."""
    copies.keep_everything(conn, me, request)
