"""Who shares devices with me."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request

from phr_api import own_devices
from phr_api.doors import Conn, Me, look
from store import households, people

ROUTER = APIRouter(prefix="/api", tags=["registrations"])


@dataclass(frozen=True, slots=True)
class MemberShape:
    public_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class HouseholdShape:
    """People who share devices now: to them a device can be handed on."""

    household: int
    members: list[MemberShape]


@ROUTER.get("/households", summary="機器をいっしょに使う家族 / My households and who is in them")
def listing(request: Request, me: Me, conn: Conn) -> list[HouseholdShape]:
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request)
    found = [HouseholdShape(home, []) for home in households.of_person(conn, me.person_id)]
    for home in found:
        for one in own_devices.relatives(conn, home.household):
            if one.person_id != me.person_id:
                look(conn, me, one.person_id, items="name", purpose="household", request=request)
            home.members.append(MemberShape(one.public_id, people.name_of(conn, one.person_id) or ""))
    return found
