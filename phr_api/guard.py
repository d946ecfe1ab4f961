"""The outermost layer: security headers on every answer, and no fault that tells more than its number."""

from __future__ import annotations

import logging
import traceback
from secrets import token_hex

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from phr_api.problems import respond, unexpected

log = logging.getLogger(__name__)

# No script and no style but our own files. The charts need no more: Vega sets styles through the object model
# and interprets its expressions (static/chart_touch.js); tests/browser watches the console.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: browsers then send `Origin: null` with our own forms
    "Referrer-Policy": "same-origin",
    # what every browser knows: one that does not know a word complains of it on each page
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(),"
        " midi=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# of this host alone: what else the city has below its name is not ours to decide
_TWO_YEARS = "max-age=63072000"


class Guard:
    """ASGI middleware. ``https`` adds Strict-Transport-Security."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = _HEADERS | ({"Strict-Transport-Security": _TWO_YEARS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self.app(scope, receive, guarded)
        except Exception as fault:
            reference = _note(fault)
            if not started:
                await respond(Request(scope), unexpected(reference))(scope, receive, guarded)

    def _add(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        if not scope["path"].startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")


def _note(fault: Exception) -> str:
    """Log kind and place of a fault, never its message: those of the database repeat values."""
    reference = token_hex(4)
    frames = traceback.extract_tb(fault.__traceback__)[-6:]
    place = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    log.error("fault %s: %s at %s", reference, type(fault).__qualname__, place)
    return reference
