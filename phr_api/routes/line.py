"""What LINE tells us (Messaging API webhook): somebody added the account, linked theirs, or blocked it.

Only what is signed with the channel's secret is read (``X-Line-Signature``: base64 of HMAC-SHA256 over the body). LINE
may send an event again: each is good once or changes nothing.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, BackgroundTasks, Depends, Request

from advice_engine.channel import SendFailed
from advice_engine.channels import line
from phr_api.doors import Conn, Public
from phr_api.problems import Problem, not_found
from store import addresses, audit, line_links
from store.addresses import TooManyAddresses
from store.settings import Settings

ROUTER = APIRouter(prefix="/api/line", tags=["push"], dependencies=[Public])

_USER = re.compile(r"U[0-9a-f]{32}")
log = logging.getLogger(__name__)


async def signed(request: Request) -> bytes:
    """The body, when LINE sent it. Raises Problem: LINE is not set up here (404), or somebody else sent it (403)."""
    secret = request.app.state.settings.line_channel_secret
    if not secret:
        raise not_found()
    body = await request.body()
    expected = b64encode(hmac.digest(secret.encode(), body, "sha256"))
    if not hmac.compare_digest(request.headers.get("x-line-signature", "").encode(), expected):
        raise Problem(403, "受け付けられません", "署名がちがいます。 The signature does not fit.")
    return body


@ROUTER.post("/webhook", summary="LINEからの知らせ / LINE's webhook")
def webhook(
    request: Request, conn: Conn, later: BackgroundTasks, *, body: Annotated[bytes, Depends(signed)]
) -> dict[str, str]:
    """Always 200 once the signature fits: what we do not know is passed over."""
    for event in _events(body):
        user_id = str(event["source"]["userId"])
        match event.get("type"):
            case "accountLink":
                _link(conn, event.get("link"), user_id)
            case "unfollow":
                addresses.gone(conn, "line", user_id, _moment(event))
            case "follow" | "message":
                later.add_task(_invite, user_id, str(event.get("replyToken")), request.app.state.settings)
    return {}


def _events(body: bytes) -> list[Mapping[str, Any]]:
    try:
        said = json.loads(body)
    except ValueError:
        return []
    events = said.get("events") if isinstance(said, dict) else None
    return [one for one in events if _of_somebody(one)] if isinstance(events, list) else []


def _of_somebody(event: object) -> bool:
    source = event.get("source") if isinstance(event, dict) else None
    return (
        isinstance(source, dict)
        and source.get("type") == "user"  # in a group others would read the answer
        and bool(_USER.fullmatch(str(source.get("userId"))))
    )


def _moment(event: Mapping[str, Any]) -> datetime:
    """When it happened, which may be long ago: LINE sends again what we did not take."""
    try:
        return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return datetime.now(UTC)


def _link(conn: psycopg.Connection, link: object, user_id: str) -> None:
    if not isinstance(link, dict) or link.get("result") != "ok":
        return
    try:
        person_id = line_links.link(conn, str(link.get("nonce")), user_id)
    except TooManyAddresses:
        return
    if person_id is not None:
        audit.note(
            conn, actor="worker:line", role="worker", person_id=person_id, action="write", items="addresses",
            purpose="own",
        )  # fmt: skip


def _invite(user_id: str, reply_token: str, settings: Settings) -> None:
    try:
        line.invite(user_id, reply_token, settings)
    except SendFailed as fault:
        log.warning("an invitation to link LINE did not go out: %s", fault.reason)
