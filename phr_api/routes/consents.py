"""Consents: as easy to withdraw as to give (PHR指針 2025-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from phr_api.acting import step_in, whose
from phr_api.agreeing import NewConsent, agree
from phr_api.doors import Conn, Me, Public, look
from phr_api.problems import not_found
from store import consent_scans, consent_words, consents

ROUTER = APIRouter(prefix="/api", tags=["consents"])

For = Annotated[UUID | None, Query(description="for whom, when I am entitled to act for somebody; else myself")]


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
def listing(request: Request, me: Me, conn: Conn, *, person: For = None) -> list[consents.Consent]:
    acting = whose(conn, me, person, request)
    look(conn, me, acting.person_id, items="consents", purpose=acting.purpose, request=request)
    return consents.of_person(conn, acting.person_id)


@ROUTER.post("/consents", status_code=201, summary="同意する / Give a consent, from now on")
def give(request: Request, me: Me, conn: Conn, *, new: NewConsent, person: For = None) -> consents.Consent:
    """One purpose at a time. It takes the place of an earlier one for the same purpose and recipient."""
    acting = whose(conn, me, person, request)
    look(conn, me, acting.person_id, items="consents", purpose=acting.purpose, request=request, action="write")
    step_in(conn, acting.person_id)
    return agree(conn, acting.person_id, new, given_by=acting.given_by)


@ROUTER.delete("/consents/{consent_id}", status_code=204, summary="同意をやめる / Withdraw a consent, at once")
def withdraw(request: Request, me: Me, conn: Conn, consent_id: int, *, person: For = None) -> None:
    """What was kept under it is hidden from now on. 404 when it is not mine or withdrawn already."""
    acting = whose(conn, me, person, request)
    look(conn, me, acting.person_id, items="consents", purpose=acting.purpose, request=request, action="write")
    step_in(conn, acting.person_id)
    if not consents.withdraw(conn, acting.person_id, consent_id, datetime.now(UTC), by=acting.given_by):
        raise not_found()


@ROUTER.get(
    "/consents/{consent_id}/scans/{what}",
    summary="署名した紙 / The scan of the paper I signed",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}, "image/jpeg": {}, "image/png": {}}}},
)
def scan(
    request: Request, me: Me, conn: Conn, consent_id: int, *, what: Literal["given", "withdrawn"], person: For = None
) -> Response:
    acting = whose(conn, me, person, request)
    found = consent_scans.find(conn, acting.person_id, consent_id, what)
    if found is None:
        raise not_found()
    look(conn, me, acting.person_id, items="consents", purpose=acting.purpose, request=request)
    # saved, not shown: a PDF may hold scripts, and nothing of it shall run at our address
    headers = {"Content-Disposition": f'attachment; filename="consent-{consent_id}-{what}"'}
    return Response(found.content, media_type=found.media_type, headers=headers)


def _words(one: consent_words.Words) -> WordsShape:
    return WordsShape(
        one.purpose, one.version, one.title, one.gist, one.recipients, one.items, list(one.audience),
        one.period, one.opt_out, one.body, one.sha256,
    )  # fmt: skip
