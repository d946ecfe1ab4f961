"""Where I am told besides browsers: e-mail, SMS, the app; LINE is linked on the page (``/addresses``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from phr_api import telling
from phr_api.doors import AnySession, Conn, Me
from phr_api.inputs import RowId
from phr_api.problems import Problem, respond
from phr_api.telling import Code, NewAddress
from store import tokens
from store.addresses import ChannelAddress

ROUTER = APIRouter(prefix="/api/me/addresses", tags=["push"])


class Confirming(BaseModel):
    """The six digits that were sent there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "123456"}})

    code: Code


@dataclass(frozen=True, slots=True)
class AddressShape:
    """``shown``: enough of it to know it by. ``confirmed_at`` null: its code is awaited, nothing else is sent there."""

    address_id: int
    channel: str
    shown: str
    added_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AddedShape:
    """``code_sent``: six digits were sent there, which ``…/confirm`` takes within ten minutes."""

    address_id: int
    code_sent: bool


@ROUTER.get("", summary="お知らせの届け先 / Where I am told")
def listing(request: Request, me: Me, conn: Conn) -> list[AddressShape]:
    return [_shape(one) for one in telling.listed(conn, me, request)]


@ROUTER.post("", status_code=201, response_model=AddedShape, summary="届け先を加える / Be told there as well")
def add(request: Request, me: Me, conn: Conn, session: AnySession, *, new: NewAddress) -> AddedShape | Response:
    """Needs a consent of purpose `push`, and for `fcm` the app's own access token: the address goes when the app does.
    One that waits for its code gets a new code by being sent again."""
    made = telling.add(conn, me, new, request, app_id=tokens.app_of(conn, session.session_id))
    if isinstance(made, Problem):
        return respond(request, made)
    return AddedShape(made, new.channel != "fcm")


@ROUTER.post("/{address_id}/confirm", status_code=204, response_model=None, summary="番号で確かめる / Prove it")
def confirm(request: Request, me: Me, conn: Conn, address_id: RowId, *, proof: Confirming) -> Response | None:
    """Five tries a code."""
    problem = telling.confirm(conn, me, address_id, code=proof.code, request=request)
    return respond(request, problem) if problem else None


@ROUTER.delete("/{address_id}", status_code=204, summary="届け先を消す / No longer be told there")
def remove(request: Request, me: Me, conn: Conn, address_id: RowId) -> None:
    telling.remove(conn, me, address_id, request)


def _shape(one: ChannelAddress) -> AddressShape:
    return AddressShape(one.address_id, one.channel, telling.shown(one), one.added_at, one.confirmed_at)
