"""Errors as people and programs can use them: problem details (RFC 9457) that say what to do and hold no value."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from phr_api.pages._html import render

MEDIA_TYPE = "application/problem+json"

_WORD = {"type": "string"}
_SHAPE = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _WORD,
        "title": _WORD,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what to do, 日本語 and English"},
        "errors": {"type": "array", "items": {"type": "object", "properties": {"field": _WORD, "problem": _WORD}}},
    },
}
# What every endpoint may answer besides its own shape, for the OpenAPI description.
ANSWERS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What to do instead (RFC 9457)", "content": {MEDIA_TYPE: {"schema": _SHAPE}}}
}


class Problem(Exception):
    """Ends a request. ``title`` and ``detail`` are shown to the caller: never put a value or a name in them."""

    leads_to: str | None = None  # the page where a browser can do something about it
    noted = False  # the refusal is in the audit

    def __init__(self, status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.headers = status, title, detail, headers

    @property
    def japanese(self) -> str:
        """The part of the detail that people read: it is Japanese, a space, then English for programs."""
        said, stop, _ = self.detail.partition("。 ")
        return said + stop.strip()


class SignInNeeded(Problem):
    """Nobody is signed in, or the session has ended."""

    def __init__(self) -> None:
        super().__init__(
            401,
            "サインインが必要です",
            "サインインしてから、もう一度お試しください。"
            " Sign in (cookie phr_session) or send Authorization: Bearer with a token that has not expired.",
            headers={"WWW-Authenticate": "Bearer"},
        )


class SignInAgain(Problem):
    """Signed in, but too long ago for this (RFC 9470, OAuth 2.0 Step Up Authentication Challenge, 2023)."""

    def __init__(self, request: Request) -> None:
        super().__init__(
            401,
            "もう一度サインインしてください",
            "大切な操作なので、ご本人であることをもう一度確かめます。サインインし直してから、お試しください。"
            " This needs a sign-in of the last ten minutes, in a browser.",
            headers={"WWW-Authenticate": 'Bearer error="insufficient_user_authentication", max_age=600'},
        )
        before = request.url.path if request.method == "GET" else "/"
        self.leads_to = f"/signin/again?{urlencode({'after': before})}"


class SecondFactorNeeded(Problem):
    """A member of staff who has not shown the second factor in this session."""

    leads_to = "/second-factor"

    def __init__(self) -> None:
        super().__init__(
            403,
            "確認コードが必要です",
            "確認コードの画面で、スマートフォンの確認コードを入力してください。"
            " Staff need a second factor: show it at /second-factor first.",
        )


class ActingForAnother(Problem):
    """This browser shows somebody else's pages, and this one is for one's own."""

    leads_to = "/proxies/now"

    def __init__(self) -> None:
        super().__init__(
            409,
            "代理の画面を開いています",
            "自分の画面へ戻ってから、もう一度お試しください。"
            " This browser acts for somebody else: POST /proxies/back first.",
        )


class NoLongerActing(Problem):
    """The entitlement that this browser acts by has ended, or was never for this."""

    leads_to = "/proxies/now"

    def __init__(self) -> None:
        super().__init__(
            403,
            "代理ではできません",
            "代理が終わったか、この操作は任されていません。自分の画面へ戻ってください。"
            " The entitlement has ended or does not cover this: POST /proxies/back.",
        )


def too_many(seconds: float) -> Problem:
    """Tried in vain too often."""
    return Problem(
        429,
        "しばらくお待ちください",
        "続けて入力がちがったため、少し時間をおいてから、もう一度お試しください。"
        " Too many tries in vain: wait as long as Retry-After says (seconds).",
        headers={"Retry-After": str(ceil(seconds))},
    )


def not_found() -> Problem:
    """Not there, or not yours: the answer is the same, so that nobody learns which."""
    return Problem(
        404, "見つかりません", "一覧に戻って、選び直してください。 Not found: choose an id from your own lists."
    )


def forbidden() -> Problem:
    return Problem(
        403,
        "この画面は使えません",
        "ほかの役割の方のための画面です。はじめの画面から、ご自分の画面をお開きください。"
        " This door is for another role: use the one of your own role.",
    )


def foreign_page() -> Problem:
    return Problem(
        403,
        "別のサイトからの送信は受け付けません",
        "このサービスの画面を開き直して送信してください。"
        " Send the form from this site's own page, or use a bearer token.",
    )


def busy() -> Problem:
    return Problem(
        503,
        "ただいま混み合っています",
        "少し待ってから、もう一度お試しください。 Try again in a few seconds.",
        headers={"Retry-After": "5"},
    )


def unexpected(reference: str) -> Problem:
    return Problem(
        500,
        "処理できませんでした",
        f"時間をおいてお試しください。続くときは、受付番号 {reference} を窓口にお知らせください。"
        " Something failed on our side; nothing was stored. Tell the help desk this number.",
    )


def wants_page(request: Request) -> bool:
    """True for a browser that opens a page, False for programs and everything under ``/api``."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def respond(request: Request, problem: Problem, **more: Any) -> Response:
    """The answer to the caller: a page for browsers, problem JSON for programs."""
    if wants_page(request):
        page = problem.leads_to or (_sign_in_page(request) if problem.status == 401 else None)
        return RedirectResponse(page, 303) if page else _page(request, problem)
    body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail, **more}
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def _sign_in_page(request: Request) -> str | None:
    settings, path = request.app.state.settings, request.url.path
    if path.startswith("/m/") and (settings.embedded or settings.oidc_citizen_issuer):
        return f"/signin/citizen?{urlencode({'after': path})}"  # a message's link: its citizen comes back to it
    return "/signin" if settings.embedded or settings.oidc_citizen_issuer or settings.oidc_staff_issuer else None


def _page(request: Request, problem: Problem) -> HTMLResponse:
    """The refusal as a page: in Japanese alone, with a way back."""
    minutes = ceil(int((problem.headers or {}).get("Retry-After", 0)) / 60)
    page = render("problem.html", request, problem=problem, says=problem.japanese, minutes=minutes)
    page.status_code = problem.status
    page.headers.update(problem.headers or {})
    return page


def install(app: FastAPI) -> None:
    """Every refusal of the app speaks through ``respond``."""

    @app.exception_handler(Problem)
    def own(request: Request, problem: Problem) -> Response:
        return respond(request, problem)

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    def database_away(request: Request, fault: Exception) -> Response:
        return respond(request, busy())

    @app.exception_handler(HTTPException)
    def framework(request: Request, fault: HTTPException) -> Response:
        return respond(request, _of_framework(fault))

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, fault: RequestValidationError) -> Response:
        problem = Problem(
            422,
            "入力を確かめてください",
            "前の画面に戻り、入力を直してから、もう一度お送りください。 Correct the fields named in errors.",
        )
        return respond(request, problem, errors=[_where(error) for error in fault.errors()])


def _of_framework(fault: HTTPException) -> Problem:
    """The framework's own refusals (no such path, wrong method, body too large) in our words."""
    words = {
        400: ("読み取れません", "形式を確かめてください。 The body can't be read: check its format and Content-Type."),
        404: (
            "見つかりません",
            "この画面はありません。はじめの画面から、開き直してください。 No such address: see /docs.",
        ),
        405: (
            "この操作はできません",
            "前の画面に戻って、もう一度お試しください。 Wrong method for this address: see /docs and Allow.",
        ),
        413: ("大きすぎます", "1 MB までに分けて送ってください。 Too large: send at most 1 MB at a time."),
    }
    title, detail = words.get(
        fault.status_code, ("受け付けられません", "前の画面に戻って、もう一度お試しください。 See /docs.")
    )
    return Problem(fault.status_code, title, detail, headers=fault.headers)


def _where(error: Mapping[str, Any]) -> dict[str, str]:
    """Where and what is wrong. Not pydantic's message or input: both can repeat what was sent."""
    place = ".".join(str(part) for part in error["loc"])
    own_words = error["type"] == "value_error" and error.get("ctx", {}).get("error")
    return {"field": place, "problem": str(own_words or error["type"])}
