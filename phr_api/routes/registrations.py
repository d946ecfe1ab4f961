"""The citizen's devices: registered, renamed, handed on, ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from phr_api import inputs, own_devices, shapes
from phr_api.doors import Conn, Me, look
from phr_api.own_devices import mine
from store import registrations

ROUTER = APIRouter(prefix="/api", tags=["registrations"])

_Model = Annotated[inputs.Word, Field(description="an id of /api/models")]
_Since = Annotated[inputs.Moment | None, Field(description="default: now; at most 42 days back")]


class NewDevice(BaseModel):
    """``device``: the last level of the MQTT topic. ``shared``: for the household, each number is claimed later."""

    model_config = ConfigDict(extra="forbid")

    gateway: Annotated[str, Field(max_length=63)]
    device: inputs.DeviceName
    model: _Model
    label: inputs.Name
    shared: bool = False
    since: _Since = None


class Renamed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: inputs.Name


class HandedOn(BaseModel):
    """``to``: ``household``, or the public id of one of its members. A replaced device: ``to`` as before, new model."""

    model_config = ConfigDict(extra="forbid")

    to: UUID | Literal["household"]
    since: _Since = None
    label: inputs.Name | None = None
    model: _Model | None = None


@ROUTER.get("/registrations", summary="登録した機器 / My devices and those of my household")
def listing(request: Request, me: Me, conn: Conn) -> list[shapes.RegistrationShape]:
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request)
    return [shapes.registration(one) for one in registrations.of_person(conn, me.person_id)]


@ROUTER.post("/registrations", status_code=201, summary="機器を登録する / Register a device at a gateway of my home")
def add(request: Request, me: Me, conn: Conn, *, new: NewDevice) -> shapes.RegistrationShape:
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request, action="write")
    return shapes.registration(own_devices.register(conn, me.person_id, **new.model_dump()))


@ROUTER.patch("/registrations/{registration_id}", summary="機器の名前を変える / Call a device otherwise")
def rename(request: Request, me: Me, conn: Conn, *, registration_id: int, wanted: Renamed) -> shapes.RegistrationShape:
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request, action="write")
    registrations.rename(conn, mine(conn, me.person_id, registration_id).source_id, wanted.label)
    return shapes.registration(mine(conn, me.person_id, registration_id))


@ROUTER.post(
    "/registrations/{registration_id}/hand-on",
    status_code=201,
    summary="機器をゆずる・取りかえる / Hand a device on, or replace it",
)
def hand_on(
    request: Request, me: Me, conn: Conn, *, registration_id: int, wanted: HandedOn
) -> shapes.RegistrationShape:
    """What was measured before stays with whom it was, also what arrives late; what came since then moves."""
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request, action="write")
    made = own_devices.hand_on(conn, me.person_id, registration_id, **wanted.model_dump())
    for person_id in sorted(made.others):
        look(conn, me, person_id, items="registrations", purpose="household", request=request, action="write")
    return shapes.registration(made.registration)


@ROUTER.delete("/registrations/{registration_id}", status_code=204, summary="登録を終える / End a registration")
def end(request: Request, me: Me, conn: Conn, registration_id: int) -> None:
    """Readings measured before now stay, and late ones of that time still count."""
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request, action="write")
    registrations.end(conn, mine(conn, me.person_id, registration_id).registration_id, datetime.now(UTC))
