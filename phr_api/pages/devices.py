"""「機器」: the citizen's gateways and devices. Plain forms; no script is needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import psycopg
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api import inputs, onboarding, own_devices
from phr_api.doors import Conn, Me, look
from phr_api.onboarding import Told
from phr_api.pages import _devices
from phr_api.pages._html import render
from store import gateway_codes, registrations
from store.clock import civil_day, day_start
from store.gateway_codes import Code
from store.sessions import Citizen

ROUTER = APIRouter(prefix="/devices", tags=["pages"], include_in_schema=False)


@ROUTER.get("")
def page(request: Request, me: Me, conn: Conn) -> HTMLResponse:
    """Gateways and devices of mine and of my household."""
    return _page(request, me, conn)


@ROUTER.post("/codes")
def new_code(request: Request, me: Me, conn: Conn, *, label: Annotated[inputs.Label, Form()] = "") -> HTMLResponse:
    """A one-time code, shown on this one answer: letters to type, and a picture to scan."""
    _write(request, me, conn, "gateways")
    return _page(request, me, conn, code=onboarding.new_code(conn, me.person_id, household=None, label=label))


@ROUTER.post("/gateways/{gateway_id}/revoke")
def revoke(gateway_id: str, request: Request, me: Me, conn: Conn) -> Response:
    """Shut it out at once."""
    _write(request, me, conn, "gateways")
    onboarding.shut_out(conn, me.person_id, gateway_id)
    return _back("gateways")


@ROUTER.post("/gateways/{gateway_id}/secret")
def renew(
    gateway_id: str, request: Request, me: Me, conn: Conn, *, at_once: Annotated[bool, Form()] = False
) -> HTMLResponse:
    """A new secret for the box that takes the old one's place, shown on this one answer."""
    _write(request, me, conn, "gateways")
    overlap = timedelta(days=0 if at_once else request.app.state.settings.gateway_overlap_days)
    made = onboarding.renewed(conn, me.person_id, gateway_id, overlap=overlap)
    return _page(request, me, conn, told=onboarding.told(request.app.state.settings, made))


@ROUTER.post("/new")
def register(
    request: Request,
    me: Me,
    conn: Conn,
    *,
    gateway: Annotated[str, Form(max_length=63)],
    device: Annotated[inputs.DeviceName, Form()],
    model: Annotated[inputs.Word, Form()],
    label: Annotated[inputs.Name, Form()],
    whose: Annotated[Literal["me", "household"], Form()],
) -> Response:
    """Register a device; of one that was heard already also what it said. Whose it is must be said, never assumed."""
    _write(request, me, conn, "registrations")
    shared, since = whose == "household", own_devices.heard_since(conn, me.person_id, gateway, device)
    own_devices.register(
        conn, me.person_id, gateway=gateway, device=device, model=model, label=label, shared=shared, since=since
    )
    return _back("gateways")


@ROUTER.post("/{registration_id}/rename")
def rename(
    registration_id: int, request: Request, me: Me, conn: Conn, *, label: Annotated[inputs.Name, Form()]
) -> Response:
    _write(request, me, conn, "registrations")
    registrations.rename(conn, own_devices.mine(conn, me.person_id, registration_id).source_id, label)
    return _back(f"device-{registration_id}")


@ROUTER.post("/{registration_id}/hand-on")
def hand_on(
    registration_id: int,
    request: Request,
    me: Me,
    conn: Conn,
    *,
    to: Annotated[UUID | Literal["household"], Form()],
    day: Annotated[date | Literal[""], Form()] = "",
) -> Response:
    """Hand it on now, or from the beginning of a day on."""
    _write(request, me, conn, "registrations")
    since = None if day == "" else day_start(day)
    made = own_devices.hand_on(conn, me.person_id, registration_id, to=to, since=since)
    for person_id in sorted(made.others):
        look(conn, me, person_id, items="registrations", purpose="household", request=request, action="write")
    return _back("gateways")


@ROUTER.post("/{registration_id}/end")
def end(registration_id: int, request: Request, me: Me, conn: Conn) -> Response:
    _write(request, me, conn, "registrations")
    mine = own_devices.mine(conn, me.person_id, registration_id)
    registrations.end(conn, mine.registration_id, datetime.now(UTC))
    return _back("gateways")


def _page(
    request: Request, me: Citizen, conn: psycopg.Connection, *, code: Code | None = None, told: Told | None = None
) -> HTMLResponse:
    now = datetime.now(UTC)
    shown = _devices.everything(conn, me.person_id, now)
    look(conn, me, me.person_id, items="gateways, registrations", purpose="own", request=request)
    for relative in sorted(shown.pop("relatives")):
        look(conn, me, relative, items="name", purpose="household", request=request)
    settings = request.app.state.settings
    picture = onboarding.inside(onboarding.invitation(settings, code.text)) if code else None
    minutes = int(gateway_codes.TTL.total_seconds() // 60)
    return render(
        "devices.html", request, now=now, today=civil_day(now), code=code, picture=picture, told=told, minutes=minutes,
        **shown,
    )  # fmt: skip


def _write(request: Request, me: Citizen, conn: psycopg.Connection, items: str) -> None:
    look(conn, me, me.person_id, items=items, purpose="own", request=request, action="write")


def _back(place: str) -> RedirectResponse:
    return RedirectResponse(f"/devices#{place}", 303)
