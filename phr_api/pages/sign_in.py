"""Signing in where no way of signing in has been set up, and signing out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from phr_api.doors import Conn, Public, sign_out
from phr_api.pages._html import render

ROUTER = APIRouter(tags=["pages"], include_in_schema=False, dependencies=[Public])


@ROUTER.get("/signin")
def not_set_up(request: Request) -> HTMLResponse:
    """In the embedded mode ``demo_sign_in`` answers here instead: its router comes first."""
    return render("signin_not_set_up.html", request)


@ROUTER.post("/signout")
def leave(request: Request, conn: Conn) -> RedirectResponse:
    """Close the session; harmless when nobody is signed in."""
    answer = RedirectResponse("/signin", 303)
    sign_out(conn, request, answer)
    return answer
