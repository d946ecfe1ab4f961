"""Consents: as easy to withdraw as to give (PHR指針 2025-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request, Response

from phr_api.acting import step_in
from phr_api.agreeing import NewConsent, agree
from phr_api.behalf import MayAgree
from phr_api.doors import Conn, Public, look
from phr_api.problems import not_found
from store import consent_scans, consent_words, consents

ROUTER = APIRouter(prefix="/api", tags=["consents"])


@dataclass(frozen=True, slots=True)
class WordsShape:
    """Words that a consent can be given to. ``recipients`` and ``items``: what may be named -> how people read it;
    the recipient ``facility`` stands for a 10-digit code."""

    purpose: str
    version: str
    title: str
    gist: str
    recipients: Mapping[str, str]
    items: Mapping[str, str]
    audience: list[str]
    period: bool
    opt_out: bool
    text: str
    sha256: str


@ROUTER.get("/consent-words", dependencies=[Public], summary="同意の説明 / The newest words of each purpose")
def newest_words() -> list[WordsShape]:
    return [_words(one) for one in consent_words.current()]


@ROUTER.get("/consents", summary="同意の一覧 / Every consent I gave, newest first")
def listing(request: Request, me: MayAgree, conn: Conn) -> list[consents.Consent]:
    look(conn, me, me.person_id, items="consents", purpose=me.purpose, request=request)
    return consents.of_person(conn, me.person_id)


@ROUTER.post("/consents", status_code=201, summary="同意する / Give a consent, from now on")
def give(request: Request, me: MayAgree, conn: Conn, *, new: NewConsent) -> consents.Consent:
    """One purpose at a time. It takes the place of an earlier one for the same purpose and recipient."""
    look(conn, me, me.person_id, items="consents", purpose=me.purpose, request=request, action="write")
    step_in(conn, me.person_id)
    return agree(conn, me.person_id, new, given_by=me.by)


@ROUTER.delete("/consents/{consent_id}", status_code=204, summary="同意をやめる / Withdraw a consent, at once")
def withdraw(request: Request, me: MayAgree, conn: Conn, consent_id: int) -> None:
    """What was kept under it is hidden from now on. 404 when it is not mine or withdrawn already."""
    look(conn, me, me.person_id, items="consents", purpose=me.purpose, request=request, action="write")
    step_in(conn, me.person_id)
    if not consents.withdraw(conn, me.person_id, consent_id, datetime.now(UTC), by=me.by):
        raise not_found()


@ROUTER.get(
    "/consents/{consent_id}/scans/{what}",
    summary="署名した紙 / The scan of the paper I signed",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}, "image/jpeg": {}, "image/png": {}}}},
)
def scan(
    request: Request, me: MayAgree, conn: Conn, consent_id: int, *, what: Literal["given", "withdrawn"]
) -> Response:
    found = consent_scans.find(conn, me.person_id, consent_id, what)
    if found is None:
        raise not_found()
    look(conn, me, me.person_id, items="consents", purpose=me.purpose, request=request)
    # saved, not shown: a PDF may hold scripts, and nothing of it shall run at our address
    headers = {"Content-Disposition": f'attachment; filename="consent-{consent_id}-{what}"'}
    return Response(found.content, media_type=found.media_type, headers=headers)


def _words(one: consent_words.Words) -> WordsShape:
    return WordsShape(
        one.purpose, one.version, one.title, one.gist, one.recipients, one.items, list(one.audience),
        one.period, one.opt_out, one.body, one.sha256,
    )  # fmt: skip
