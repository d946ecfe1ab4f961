"""The citizen's devices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from psycopg.errors import ExclusionViolation
from pydantic import BaseModel, ConfigDict, Field

from phr_api import inputs, shapes
from phr_api.doors import Conn, Me, look
from phr_api.problems import Problem, not_found
from store import households, registrations
from store.registry import load

ROUTER = APIRouter(prefix="/api", tags=["registrations"])


class NewDevice(BaseModel):
    """``device``: the last level of the MQTT topic. ``shared``: for the household, each number is claimed later."""

    model_config = ConfigDict(extra="forbid")

    gateway: Annotated[str, Field(max_length=63)]
    device: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^/+#\x00-\x1f\x7f]+$")]
    model: Annotated[inputs.Word, Field(description="an id of /api/models")]
    label: Annotated[inputs.Word, Field(max_length=60)]
    shared: bool = False


@ROUTER.get("/registrations", summary="登録した機器 / My devices and those of my household")
def listing(request: Request, me: Me, conn: Conn) -> list[shapes.RegistrationShape]:
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request)
    return [shapes.registration(one) for one in registrations.of_person(conn, me.person_id)]


@ROUTER.post("/registrations", status_code=201, summary="機器を登録する / Register a device at a gateway of my home")
def add(request: Request, me: Me, conn: Conn, *, new: NewDevice) -> shapes.RegistrationShape:
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request, action="write")
    household_id = households.gateways(conn, me.person_id).get(new.gateway)
    if household_id is None:
        raise not_found()
    if new.model not in {model.id for model in load("devices.models", "MODEL")}:
        raise Problem(422, "知らない機種です", "/api/models から選んでください。 Choose a model of /api/models.")
    try:
        added = registrations.add(
            conn,
            gateway_id=new.gateway,
            device=new.device,
            model=new.model,
            label=new.label,
            person_id=None if new.shared else me.person_id,
            household_id=household_id if new.shared else None,
        )
    except ExclusionViolation:
        raise Problem(
            409,
            "この機器はすでに登録されています",
            "先に今の登録を終えてください。 Already registered: end the present registration first.",
        ) from None
    return shapes.registration(added)


@ROUTER.delete("/registrations/{registration_id}", status_code=204, summary="登録を終える / End a registration")
def end(request: Request, me: Me, conn: Conn, registration_id: int) -> None:
    """Readings measured before now stay, and late ones of that time still count."""
    look(conn, me, me.person_id, items="registrations", purpose="own", request=request, action="write")
    mine = {one.registration_id for one in registrations.of_person(conn, me.person_id)}
    if registration_id not in mine:
        raise not_found()
    registrations.end(conn, registration_id, datetime.now(UTC))
