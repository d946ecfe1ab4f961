"""Web Push: the key a browser subscribes with, and its subscription."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from phr_api.doors import Conn, Me, Public, look
from phr_api.problems import Problem, not_found
from store import push_subscriptions

ROUTER = APIRouter(prefix="/api/push", tags=["push"])


def _push_service(endpoint: str) -> str:
    """Refuse addresses that would make our own sender knock at an inner door (SSRF)."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if parts.scheme != "https" or "." not in host or parts.username or parts.port not in (None, 443) or _is_ip(host):
        raise ValueError("the https address of a push service is expected")
    return endpoint


def _is_ip(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


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

    endpoint: Annotated[str, Field(max_length=1000), AfterValidator(_push_service)]
    p256dh: Annotated[str, Field(max_length=200), _octets(65, "the browser's public key")]
    auth: Annotated[str, Field(max_length=100), _octets(16, "the browser's secret")]


class Ended(BaseModel):
    """The subscription to end."""

    model_config = ConfigDict(extra="forbid")

    endpoint: Annotated[str, Field(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Key:
    """``applicationServerKey``: the uncompressed P-256 point, base64url."""

    public_key: str


@ROUTER.get("/key", dependencies=[Public], summary="通知の公開鍵 / VAPID public key")
def key(request: Request) -> Key:
    """404 while Web Push is turned off."""
    private = request.app.state.settings.vapid_private_key
    if not private:
        raise Problem(404, "通知は使えません", "この環境では通知を設定していません。 Web Push is turned off here.")
    return Key(public_key(private))


def public_key(private: str) -> str:
    """The public key (base64url, uncompressed) of a VAPID private key (base64url, 32 octets)."""
    number = int.from_bytes(urlsafe_b64decode(private + "=" * (-len(private) % 4)))
    point = (
        derive_private_key(number, SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    return urlsafe_b64encode(point).rstrip(b"=").decode()


@ROUTER.post("/subscriptions", status_code=204, summary="通知を受け取る / Be told on this browser")
def subscribe(request: Request, me: Me, conn: Conn, *, wanted: Subscription) -> None:
    look(conn, me, me.person_id, items="push", purpose="own", request=request, action="write")
    push_subscriptions.add(conn, me.person_id, endpoint=wanted.endpoint, p256dh=wanted.p256dh, auth=wanted.auth)


@ROUTER.delete("/subscriptions", status_code=204, summary="通知をやめる / No longer be told on this browser")
def unsubscribe(request: Request, me: Me, conn: Conn, *, ended: Ended) -> None:
    look(conn, me, me.person_id, items="push", purpose="own", request=request, action="write")
    if not push_subscriptions.remove(conn, me.person_id, ended.endpoint):
        raise not_found()
