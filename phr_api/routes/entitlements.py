"""Who may do what for me, and I for whom: seen by both, ended by either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request

from phr_api import inviting
from phr_api.doors import Conn, Me, look
from store import entitlements
from store.entitlements import Entitlement, May

ROUTER = APIRouter(prefix="/api", tags=["consents"])


@dataclass(frozen=True, slots=True)
class WardShape:
    """Somebody for whom I may act now: ``public_id`` is what the query ``person`` takes."""

    entitlement_id: int
    public_id: UUID
    relation: str
    scope: list[May]
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class EntitlementsShape:
    """``for_me``: who may act for me, ended ones too. ``by_me``: for whom I may act now."""

    for_me: list[Entitlement]
    by_me: list[WardShape]


@ROUTER.get("/entitlements", summary="代理の一覧 / Who may act for me, and for whom I may")
def listing(request: Request, me: Me, conn: Conn) -> EntitlementsShape:
    look(conn, me, me.person_id, items="entitlements", purpose="own", request=request)
    now = datetime.now(UTC)
    wards = entitlements.of_proxy(conn, me.person_id, now)
    return EntitlementsShape(
        entitlements.of_person(conn, me.person_id, now),
        [WardShape(one.entitlement_id, one.public_id, one.relation, one.scope, one.valid_to) for one in wards],
    )


@ROUTER.delete("/entitlements/{entitlement_id}", status_code=204, summary="代理をやめる / End an entitlement, at once")
def end(request: Request, me: Me, conn: Conn, entitlement_id: int) -> None:
    """By the person, or by the one who acts for them. 404 when it is neither's or ended already."""
    inviting.end(conn, me, entitlement_id, request)
