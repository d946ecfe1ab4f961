"""Gateways: a one-time code lets a new one in, and the people of its household can shut it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from phr_api import onboarding, throttle
from phr_api.doors import Conn, Me, Public, look
from phr_api.inputs import Label, Word
from phr_api.problems import Problem
from store import audit, gateway_codes, gateways

ROUTER = APIRouter(prefix="/api", tags=["gateways"])

_SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}, "description": "QR code"}}


class NewCode(BaseModel):
    """``label``: what the household calls the new gateway. ``household``: one of mine; default: my first."""

    model_config = ConfigDict(extra="forbid")

    label: Label = ""
    household: int | None = None


class Code(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Word


class Arrival(BaseModel):
    """A gateway with its code. ``label`` replaces the one given with the code."""

    model_config = ConfigDict(extra="forbid")

    code: Word
    label: Label = ""


@dataclass(frozen=True, slots=True)
class CodeShape:
    """Shown once. ``invitation`` is the text of the QR code: JSON with ``api`` and ``code``."""

    code: str
    household: int
    expires_at: datetime
    invitation: str


@dataclass(frozen=True, slots=True)
class GatewayShape:
    """A gateway of my household. ``revoked_at``: from then on it is shut out."""

    gateway: str
    household: int | None
    label: str
    created_at: datetime
    revoked_at: datetime | None


@ROUTER.post(
    "/gateway-codes", status_code=201, summary="中継機を追加するためのコード / A one-time code, for 15 minutes"
)
def ask(request: Request, me: Me, conn: Conn, *, new: NewCode) -> CodeShape:
    """Who has no household gets one. A code that I asked for before and nobody used is void from now on."""
    look(conn, me, me.person_id, items="gateways", purpose="own", request=request, action="write")
    code = onboarding.new_code(conn, me.person_id, household=new.household, label=new.label)
    text = onboarding.invitation(request.app.state.settings, code.text)
    return CodeShape(code.text, code.household_id, code.expires_at, text)


@ROUTER.post(
    "/gateway-codes/picture",
    response_class=Response,
    responses=_SVG,
    summary="コードの二次元コード / My code as a QR code",
)
def picture(request: Request, me: Me, conn: Conn, *, shown: Code) -> Response:
    """POST, so that the code stands in no address and no proxy's log."""
    look(conn, me, me.person_id, items="gateways", purpose="own", request=request)
    text = onboarding.invitation(request.app.state.settings, shown.code)
    return Response(onboarding.picture(text), media_type="image/svg+xml")


@ROUTER.post(
    "/gateways",
    status_code=201,
    response_model=onboarding.Told,
    dependencies=[Public],
    summary="中継機がコードで登録する / A gateway redeems its code",
)
def redeem(request: Request, conn: Conn, *, arrival: Arrival) -> onboarding.Told | Response:
    """The code is the permission; it is good once. The broker knows the new gateway within a second.

    Wrong, used and expired codes are answered alike (404). The password is told here and never again.
    """
    redeemed = gateway_codes.redeem(conn, arrival.code, label=arrival.label)
    if redeemed is None:
        unknown = Problem(
            404,
            "このコードは使えません",
            "「機器」の画面で新しいコードを出してください。コードは15分間、1回だけ使えます。"
            " No such code, or used, or expired: ask for a new one (15 minutes, one use).",
        )
        return throttle.refused(request, conn, "gateway_code", unknown)
    audit.note(
        conn,
        actor=f"gateway:{redeemed.gateway.gateway_id}",
        role="gateway",
        person_id=redeemed.asked_by,
        action="write",
        items="gateways",
        purpose="onboarding",
    )
    return onboarding.told(request.app.state.settings, redeemed.gateway)


@ROUTER.get("/gateways", summary="中継機の一覧 / The gateways of my household")
def listing(request: Request, me: Me, conn: Conn) -> list[GatewayShape]:
    look(conn, me, me.person_id, items="gateways", purpose="own", request=request)
    return [
        GatewayShape(one.gateway_id, one.household_id, one.label, one.created_at, one.revoked_at)
        for one in gateways.of_person(conn, me.person_id)
    ]


@ROUTER.delete("/gateways/{gateway_id}", status_code=204, summary="中継機を外す / Shut a gateway out, at once")
def revoke(request: Request, me: Me, conn: Conn, gateway_id: str) -> None:
    """It is disconnected within two seconds. What its devices measured stays; their registrations end."""
    look(conn, me, me.person_id, items="gateways", purpose="own", request=request, action="write")
    onboarding.shut_out(conn, me.person_id, gateway_id)


@ROUTER.post(
    "/gateways/{gateway_id}/secret", summary="新しいパスワードにする / A new secret, with a user name of its own"
)
def renew(request: Request, me: Me, conn: Conn, *, gateway_id: str, at_once: bool = False) -> onboarding.Told:
    """Also the way to replace a gateway: the new box takes the place, the devices stay registered.

    The old secret is good for `PHR_GATEWAY_OVERLAP_DAYS`, and for an hour after the new one was first used;
    `at_once`: it is dead (lost, stolen, told to somebody).
    """
    look(conn, me, me.person_id, items="gateways", purpose="own", request=request, action="write")
    overlap = timedelta(days=0 if at_once else request.app.state.settings.gateway_overlap_days)
    made = onboarding.renewed(conn, me.person_id, gateway_id, overlap=overlap)
    return onboarding.told(request.app.state.settings, made)
