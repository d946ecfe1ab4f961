"""What I ask a facility to put right in its record of me."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from phr_api.doors import Conn, Me, deny, look
from phr_api.problems import not_found
from store import correction_requests
from store.correction_requests import CorrectionRequest

ROUTER = APIRouter(prefix="/api/correction-requests", tags=["rights"])

Sentences = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$")]


class NewRequest(BaseModel):
    """``words``: what is wrong, in one's own words."""

    model_config = ConfigDict(extra="forbid")

    record_id: Annotated[int, Field(ge=1, le=2**63 - 1)]
    words: Sentences


@ROUTER.get("", summary="訂正の依頼 / What I asked facilities to put right, newest first")
def listing(request: Request, me: Me, conn: Conn) -> list[CorrectionRequest]:
    look(conn, me, me.person_id, items="correction requests", purpose="own", request=request)
    return correction_requests.of_person(conn, me.person_id)


@ROUTER.post("", status_code=201, summary="訂正を依頼する / Ask a facility to put a record right")
def ask(request: Request, me: Me, conn: Conn, *, new: NewRequest) -> CorrectionRequest:
    """The record itself is not changed: the facility sends it anew. 404 when it is not mine or may not be seen now."""
    asked = correction_requests.ask(conn, me.person_id, new.record_id, new.words)
    if asked is None:
        deny(conn, me, None, request=request, problem=not_found())
    look(conn, me, me.person_id, items="correction requests", purpose="own", request=request, action="write")
    return asked
