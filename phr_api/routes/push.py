"""Web Push: the key a browser subscribes with, and its subscription."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from advice_engine.channels import web_push
from phr_api.doors import Conn, Me, Public, look
from phr_api.problems import Problem, not_found
from store import consents, push_subscriptions

ROUTER = APIRouter(prefix="/api/push", tags=["push"])

_TOLD = {"purpose": "push", "recipient": "city", "item": "notice"}
_Address = Annotated[str, Field(max_length=1000, pattern=r"^https://[!-~]+$")]
_Base64 = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9_-]+={0,2}$")]


def _octets(count: int, what: str) -> AfterValidator:
    def check(text: str) -> str:
        try:
            octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            octets = b""
        if len(octets) != count:
            raise ValueError(f"{count} octets in base64url are expected: {what}")
        return text

    return AfterValidator(check)


class Subscription(BaseModel):
    """What ``PushManager.subscribe`` gave: RFC 8291 keys, p256dh 65 octets and auth 16, base64url."""

    model_config = ConfigDict(extra="forbid")

    endpoint: _Address
    p256dh: Annotated[_Base64, _octets(65, "the browser's public key")]
    auth: Annotated[_Base64, _octets(16, "the browser's secret")]
    server_key: Annotated[
        Annotated[_Base64, _octets(65, "the key that it was made with")] | None,
        Field(description="the `applicationServerKey` it was made with; default: that of `/api/push/key` now"),
    ] = None


class Ended(BaseModel):
    """The subscription to end."""

    model_config = ConfigDict(extra="forbid")

    endpoint: _Address


@dataclass(frozen=True, slots=True)
class Key:
    """``applicationServerKey``: the uncompressed P-256 point, base64url."""

    public_key: str


@ROUTER.get("/key", dependencies=[Public], summary="通知の公開鍵 / VAPID public key")
def key(request: Request) -> Key:
    """404 while Web Push is turned off."""
    public_key = web_push.public_key(request.app.state.settings)
    if not public_key:
        raise Problem(404, "通知は使えません", "この環境では通知を設定していません。 Web Push is turned off here.")
    return Key(public_key)


@ROUTER.post("/subscriptions", status_code=204, summary="通知を受け取る / Be told on this browser")
def subscribe(request: Request, me: Me, conn: Conn, *, wanted: Subscription) -> None:
    """The endpoint must belong to a push service that is known here (setting PHR_PUSH_SERVICES)."""
    if not web_push.reaches(wanted.endpoint, request.app.state.settings):
        raise Problem(
            422, "この通知先は使えません", "お使いのブラウザーの通知先が登録されていません。 Unknown push service."
        )
    if consents.in_force(conn, me.person_id, **_TOLD, at=datetime.now(UTC)) is None:
        raise Problem(
            403,
            "先に同意が必要です",
            "同意の画面で「お知らせを受け取る」に同意してから、もう一度お試しください。"
            " Give a consent of purpose push first.",
        )
    look(conn, me, me.person_id, items="push", purpose="own", request=request, action="write")
    push_subscriptions.add(
        conn,
        me.person_id,
        endpoint=wanted.endpoint,
        p256dh=wanted.p256dh,
        auth=wanted.auth,
        server_key=wanted.server_key or web_push.public_key(request.app.state.settings),
    )


@ROUTER.delete("/subscriptions", status_code=204, summary="通知をやめる / No longer be told on this browser")
def unsubscribe(request: Request, me: Me, conn: Conn, *, ended: Ended) -> None:
    look(conn, me, me.person_id, items="push", purpose="own", request=request, action="write")
    if not push_subscriptions.remove(conn, me.person_id, ended.endpoint):
        raise not_found()
