"""Inviting somebody to act for me, and accepting such an invitation. Who may then, and its end: ``entitlements``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from phr_api import inviting, throttle
from phr_api.doors import Conn, Fresh, Me, look
from phr_api.inviting import NewInvitation
from store import invitations
from store.entitlements import May

ROUTER = APIRouter(prefix="/api/invitations", tags=["consents"])


class Shown(BaseModel):
    """The code that I was given: small letters, spaces and missing hyphens do not matter."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=40)]


@dataclass(frozen=True, slots=True)
class CodeShape:
    """Shown once. For the guest alone: it is good once, until ``expires_at``."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OfferShape:
    """Who invites me, as whom, to what, until when (none: until one of us ends it)."""

    name: str
    relation: str
    scope: list[May]
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class AcceptedShape:
    """``public_id``: what ``person`` takes in the routes where I may act for somebody."""

    entitlement_id: int
    public_id: UUID


@ROUTER.post("", status_code=201, summary="代理をしてもらう方を招く / Invite a proxy, by a one-time code of seven days")
def invite(request: Request, me: Fresh, conn: Conn, *, new: NewInvitation) -> CodeShape:
    """Needs a sign-in of the last ten minutes. A code that I asked for before and nobody used is void from now on."""
    code = inviting.invite(conn, me, new, request)
    return CodeShape(code.text, code.expires_at)


@ROUTER.delete("", status_code=204, summary="招くのをやめる / Nobody can accept any more what I offered")
def withdraw(request: Request, me: Me, conn: Conn) -> None:
    look(conn, me, me.person_id, items="entitlements", purpose="own", request=request, action="write")
    invitations.withdraw(conn, me.person_id)


@ROUTER.post("/read", response_model=OfferShape, summary="招きの内容 / Who invites me to what")
def read(request: Request, me: Me, conn: Conn, *, shown: Shown) -> OfferShape | Response:
    """POST, so that the code stands in no address. Wrong, used, expired and my own codes are answered alike (404)."""
    found = inviting.offered(conn, me, shown.code, request)
    if found is None:
        return throttle.refused(request, conn, "invitation", inviting.unknown())
    return OfferShape(found.name, found.relation, found.scope, found.valid_to)


@ROUTER.post(
    "/accept", status_code=201, response_model=AcceptedShape, summary="招きを受ける / Accept: from now on I may"
)
def accept(request: Request, me: Me, conn: Conn, *, shown: Shown) -> AcceptedShape | Response:
    """The person sees my name and each look of mine, and can end it at once; so can I."""
    found = inviting.offered(conn, me, shown.code, request)
    given = inviting.accept(conn, me, shown.code, request) if found else None
    if found is None or given is None:
        return throttle.refused(request, conn, "invitation", inviting.unknown())
    return AcceptedShape(given, found.public_id)
