"""What people ask facilities to put right: the 保健師 of their town tells the facility and writes down its answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict

from phr_api.doors import Conn, Desk, look
from phr_api.inputs import RowId
from phr_api.problems import not_found
from phr_api.routes.correction_requests import Sentences
from store import correction_requests
from store.correction_requests import Waiting

ROUTER = APIRouter(prefix="/api/nurse/correction-requests", tags=["nurse"])


class Step(BaseModel):
    """``answer`` null: the facility was told. Else what it answered, with its reason; the person reads it."""

    model_config = ConfigDict(extra="forbid")

    answer: Annotated[Sentences | None, BeforeValidator(lambda said: said or None)] = None


@ROUTER.get("", summary="訂正の依頼 / What people of my town ask facilities to put right, oldest first")
def listing(request: Request, nurse: Desk, conn: Conn) -> list[Waiting]:
    """Until the facility has answered. They asked for it: no consent to guidance is needed."""
    found = correction_requests.of_the_desk(conn)
    for one in found:
        look(conn, nurse, one.person_id, items="name, correction requests", purpose="enquiry", request=request)
    return found


@ROUTER.post("/{request_id}", status_code=204, summary="伝えた・返事があった / Told the facility, or its answer")
def step(request: Request, nurse: Desk, conn: Conn, request_id: RowId, *, done: Step) -> None:
    """404 when nobody of her town asked this, it was answered, or the facility was told before."""
    person_id = correction_requests.step(conn, request_id, done.answer)
    if person_id is None:
        raise not_found()
    look(conn, nurse, person_id, items="correction requests", purpose="enquiry", request=request, action="write")
