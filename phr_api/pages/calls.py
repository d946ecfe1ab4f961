"""What came of a 保健師's call: seen by a doctor, under treatment, not reached; or what was noted is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from phr_api import reach
from phr_api.doors import Conn, Nurse, deny, look
from phr_api.inputs import Day, RowId
from phr_api.problems import Problem, not_found
from store import care
from store.clock import civil_day

ROUTER = APIRouter(prefix="/nurse", tags=["pages"], include_in_schema=False)


class CallForm(BaseModel):
    """``advice``: the red flags and referrals that she called about. ``day``: of the call or the visit; empty: today.

    ``note`` is read by her colleagues and by the person.
    """

    model_config = ConfigDict(extra="forbid")

    advice: list[RowId] = Field(min_length=1, max_length=40)
    outcome: Literal["seen", "treated", "unreached", "open"]
    day: Annotated[Day | None, BeforeValidator(lambda said: said or None)] = None  # a form's empty field
    note: str = Field("", max_length=500, pattern=r"^[^\x00]*$")


@ROUTER.post("/calls")
def note(request: Request, nurse: Nurse, conn: Conn, *, call: Annotated[CallForm, Form()]) -> RedirectResponse:
    """Of people on her list alone: 404 for everything else, and the attempt is written down."""
    listed = {one.advice_id for row in reach.work_list(conn, nurse, request) for one in row.advice}
    listed |= {one.advice_id for one in reach.answered(conn, nurse, request)}
    if not listed.issuperset(call.advice):
        deny(conn, nurse, None, request=request, problem=not_found())
    now = datetime.now(UTC)
    day, words = _past(call.day or civil_day(now), now), call.note.strip()
    for person_id in care.note(conn, call.advice, nurse.staff_id, call.outcome, day=day, words=words, now=now):
        look(conn, nurse, person_id, items="call", purpose="outreach", request=request, action="write")
    return RedirectResponse(f"/nurse?said={call.outcome}", 303)


def _past(day: date, now: datetime) -> date:
    if day > civil_day(now):
        raise Problem(422, "日を確かめてください", "きょうまでの日にしてください。 day lies ahead.")
    return day
