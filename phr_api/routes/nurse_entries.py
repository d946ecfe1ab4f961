"""What a 保健師 types in for a citizen: from paper, from the telephone, at the measuring corner."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from phr_api import entering, inputs, reach
from phr_api.doors import Conn, Nurse, look
from phr_api.entry import Correction, Entries, TypedMetric
from store.corrections import Corrected
from store.sources import Enterer, StaffHow
from store.typed import Typed

ROUTER = APIRouter(prefix="/api/nurse/people/{public_id}", tags=["nurse"])

How = Annotated[StaffHow, Query(description="where the number was: on paper, said on the telephone, at a kiosk")]


class StaffEntries(Entries):
    """As a citizen's own entries; ``at`` is when it was measured, ``how`` how it reached the city."""

    how: Annotated[StaffHow, Field(description="paper, telephone or kiosk")]


@ROUTER.post("/entries", status_code=201, summary="ご本人に代わって入力する / Type in readings for a person of my town")
def add(
    request: Request, response: Response, nurse: Nurse, conn: Conn, *, public_id: UUID, entries: StaffEntries
) -> Typed:
    """The citizen sees who entered it. All are kept or none; the same again changes nothing (200)."""
    person_id = reach.person(conn, nurse, public_id, request).person_id
    items = entering.named(entries.readings)
    look(conn, nurse, person_id, items=items, purpose="guidance", request=request, action="write")
    done = entering.keep(conn, person_id, entries.readings, Enterer(nurse.actor, entries.how))
    if not done.stored:
        response.status_code = 200
    return done


@ROUTER.put("/entries/{metric}/{at}", summary="入力した値を直す / Correct a value that staff typed in")
def correct(
    request: Request,
    nurse: Nurse,
    conn: Conn,
    *,
    public_id: UUID,
    metric: TypedMetric,
    at: inputs.Moment,
    how: How,
    correction: Correction,
) -> Corrected:
    """What a 保健師 entered that way, her own first; never what the citizen or a device said."""
    person_id = reach.person(conn, nurse, public_id, request).person_id
    look(conn, nurse, person_id, items=f"readings: {metric}", purpose="guidance", request=request, action="write")
    return entering.put_right(conn, person_id, correction, Enterer(nurse.actor, how), metric=metric, at=at)
