"""What becomes of messages at the other side: a gateway tells, signed with the channel's secret."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from msgspec import DecodeError, Struct, ValidationError, json

from phr_api.doors import Conn, Public
from phr_api.inputs import Word
from phr_api.problems import Problem, not_found
from store import deliveries

ROUTER = APIRouter(prefix="/api/receipts", tags=["push"])


class Receipt(Struct, forbid_unknown_fields=False):
    """``id``: the token that the message was handed over with."""

    id: UUID
    state: Literal["delivered", "failed"]


async def _bytes(request: Request) -> bytes:
    return await request.body()


def secrets(said: str, channel: str) -> list[str]:
    """The secrets of one channel in the setting (`sms=… sms=…`)."""
    pairs = (word.partition("=") for word in said.split())
    return [secret for name, _, secret in pairs if name == channel and secret]


def signature(secret: str, body: bytes) -> str:
    """What the header ``X-Phr-Signature`` says: HMAC-SHA256 (RFC 2104) of the body as it is sent, in hex."""
    return f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"


@ROUTER.post("/{channel}", status_code=204, dependencies=[Public], summary="届いたかどうか / A receipt of a message")
def receive(
    request: Request,
    conn: Conn,
    channel: Word,
    body: Annotated[bytes, Depends(_bytes)],
    *,
    signed: Annotated[str, Header(alias="x-phr-signature", max_length=100)] = "",
) -> None:
    """`{"id": …, "state": "delivered" | "failed"}`. The same again, or one that comes late, changes nothing: 204.

    404 for whatever is not signed with the channel's secret, and for a message that it was never given.
    """
    known = secrets(request.app.state.settings.receipt_secrets, channel)
    right = [hmac.compare_digest(signature(one, body).encode(), signed.encode()) for one in known]
    if not any(right):
        raise not_found()
    try:
        told = json.decode(body, type=Receipt)
    except (DecodeError, ValidationError):
        raise Problem(422, "読み取れません", "形式を確かめてください。 Expected: id (UUID), state.") from None
    if not deliveries.receipt(conn, channel, told.id, state=told.state, at=datetime.now(UTC)):
        raise not_found()
