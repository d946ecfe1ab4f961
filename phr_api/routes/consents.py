"""Consents: as easy to withdraw as to give (PHR指針 2025-04)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from phr_api.doors import Conn, Me, look
from phr_api.inputs import Moment, Word
from phr_api.problems import Problem, not_found
from store import consents

ROUTER = APIRouter(prefix="/api", tags=["consents"])


class NewConsent(BaseModel):
    """``recipient``: a facility's code, ``city`` or ``*``; ``text_version``: words shown.

    ``items``: record kinds or ``*``; for ``guidance``: ``advice``, ``readings``, ``checkup_item`` or ``*``.
    """

    model_config = ConfigDict(extra="forbid")

    purpose: Literal["phr_records", "guidance", "push"]
    recipient: Word
    items: Annotated[list[Word], Field(min_length=1, max_length=50)]
    text_version: Word
    valid_to: Moment | None = None


@ROUTER.get("/consents", summary="同意の一覧 / Every consent I gave, newest first")
def listing(request: Request, me: Me, conn: Conn) -> list[consents.Consent]:
    look(conn, me, me.person_id, items="consents", purpose="own", request=request)
    return consents.of_person(conn, me.person_id)


@ROUTER.post("/consents", status_code=201, summary="同意する / Give a consent, from now on")
def give(request: Request, me: Me, conn: Conn, *, new: NewConsent) -> consents.Consent:
    now = datetime.now(UTC)
    if new.valid_to and new.valid_to <= now:
        raise Problem(422, "期限を確かめてください", "期限はこれからの日時にしてください。 valid_to must lie ahead.")
    look(conn, me, me.person_id, items="consents", purpose="own", request=request, action="write")
    consent_id = consents.give(conn, me.person_id, **new.model_dump(), given_by="self", valid_from=now)
    return next(one for one in consents.of_person(conn, me.person_id) if one.consent_id == consent_id)


@ROUTER.delete("/consents/{consent_id}", status_code=204, summary="同意をやめる / Withdraw a consent, at once")
def withdraw(request: Request, me: Me, conn: Conn, consent_id: int) -> None:
    """What was kept under it is hidden from now on. 404 when it is not mine or withdrawn already."""
    look(conn, me, me.person_id, items="consents", purpose="own", request=request, action="write")
    if not consents.withdraw(conn, me.person_id, consent_id, datetime.now(UTC)):
        raise not_found()
