"""SMS by a gateway's webhook: JSON, signed. docs/channels.md is the contract; an operator's gateway is adapted to it.

``POST``: ``{"id", "to", "text", "receipt"}``. ``id`` (a UUID) is the same at every try: the gateway sends it once.
``receipt`` names the delivery in a status report. ``X-PHR-Timestamp`` (Unix seconds) and ``X-PHR-Signature``:
``sha256=`` and HMAC-SHA256 (RFC 2104) of ``timestamp.body`` under the shared secret, in hex.
"""

from __future__ import annotations

import hmac
import json
from time import time
from uuid import uuid4

from advice_engine.channel import Address, Message
from advice_engine.channels import _http, _sealed, _words
from store.settings import BadSetting, Settings

_SHORTEST_SECRET = 32
_ALREADY = 409


def _ready(settings: Settings) -> bool:
    if not settings.sms_url:
        return False
    _http.address(settings, "sms_url")
    if len(settings.sms_secret) < _SHORTEST_SECRET:
        raise BadSetting(f"PHR_SMS_SECRET: expected {_SHORTEST_SECRET} characters or more")
    return True


def _send(message: Message, address: Address, settings: Settings) -> None:
    text = _words.short(message, settings)
    given = {"id": str(message.key(address)), "to": address.parts["to"], "text": text, "receipt": message.token}
    _post(given, settings)


def _send_code(code: str, address: str, settings: Settings) -> None:
    _post({"id": str(uuid4()), "to": address, "text": _words.code(code), "receipt": ""}, settings)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the gateway checks."""
    return "sha256=" + hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def _post(said: dict[str, str], settings: Settings) -> None:
    body, now = json.dumps(said, ensure_ascii=False).encode(), str(int(time()))
    signed = {"X-PHR-Timestamp": now, "X-PHR-Signature": signature(settings.sms_secret, now, body)}
    answer = _http.post(_http.address(settings, "sms_url"), body, {"Content-Type": "application/json"} | signed)
    if not answer.taken and answer.status != _ALREADY:
        # 410: the number is given to nobody any more; 401 and 404 are ours, and pass
        raise answer.fault(permanent=answer.status == 410, final=answer.status in (400, 422))


CHANNEL = _sealed.channel("sms", rank=5, ready=_ready, send=_send, send_code=_send_code)
