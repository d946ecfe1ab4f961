"""The page 「お知らせの受け取り方」: how often, of what, by which channel, when not. One form, no script."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from advice_engine.channel import channels
from advice_engine.wishes import words
from phr_api import wishing
from phr_api.behalf import MayAgree, Person
from phr_api.doors import Conn
from phr_api.pages import _message_words
from phr_api.pages._html import render
from phr_api.wishing import LOG, WishesSheet
from store import consents
from store.clock import civil_day

ROUTER = APIRouter(prefix="/messages", tags=["pages"], include_in_schema=False)

Said = Annotated[Literal["kept"] | None, Query()]


@ROUTER.get("")
def page(request: Request, me: MayAgree, conn: Conn, *, said: Said = None) -> HTMLResponse:
    """Mine, or those of somebody for whom I may act."""
    now, settings = datetime.now(UTC), request.app.state.settings
    known = wishing.read(conn, me, request)
    ready = [name for name, one in channels().items() if name != LOG and one.ready(settings)]
    return render(
        "messages.html",
        request,
        said=said,
        whom=f"?person={me.public_id}",
        ward=me.ward,
        wishes=known,
        topics={word: _message_words.TOPICS[word] for word in words()},
        channels={name: _message_words.channel(name) for name in dict.fromkeys([*ready, known.channel]) if name},
        paused=known.paused_until if known.paused_until and known.paused_until > civil_day(now) else None,
        quiet=(settings.push_quiet_from, settings.push_quiet_until),
        told=consents.in_force(conn, me.person_id, purpose="push", recipient="city", item="notice", at=now) is not None,
    )


@ROUTER.post("")
def keep(
    request: Request, me: MayAgree, conn: Conn, *, new: Annotated[WishesSheet, Form()], person: Person = None
) -> RedirectResponse:
    """Keep it and come back. One hour alone: the other one stays the town's, as the form says."""
    if (new.quiet_from is None) != (new.quiet_until is None):
        settings = request.app.state.settings
        new.quiet_from = settings.push_quiet_from if new.quiet_from is None else new.quiet_from
        new.quiet_until = settings.push_quiet_until if new.quiet_until is None else new.quiet_until
    wishing.write(conn, me, new, request)
    return RedirectResponse(f"/messages?said=kept{f'&person={person}' if person else ''}", 303)
