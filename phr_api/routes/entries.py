"""Numbers that the citizen types in, and puts right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response

from phr_api import entering, inputs
from phr_api.behalf import MayEnter, MaySee, enterer
from phr_api.doors import Conn, look
from phr_api.entry import Correction, Entries, TypedMetric
from store import corrections
from store.corrections import Corrected
from store.metrics import METRICS
from store.typed import Typed

ROUTER = APIRouter(prefix="/api", tags=["entries"])

_BY = {"self": "ご本人", "proxy": "代理の方"}


@dataclass(frozen=True, slots=True)
class CorrectionShape:
    """One correction: what stood there, what stands there now, and whether I, my proxy or a 保健師 changed it."""

    metric: str
    metric_ja: str
    at: datetime
    old_value: float
    new_value: float
    unit: str
    by: str
    corrected_at: datetime


@ROUTER.post("/entries", status_code=201, summary="測定値を入力する / Type in readings of my own")
def add(request: Request, response: Response, me: MayEnter, conn: Conn, *, entries: Entries) -> Typed:
    """All are kept or none. The same entry again changes nothing (200); another value at the same time is refused."""
    items = entering.named(entries.readings)
    look(conn, me, me.person_id, items=items, purpose=me.purpose, request=request, action="write")
    done = entering.keep(conn, me.person_id, entries.readings, enterer(me))
    if not done.stored:
        response.status_code = 200
    return done


@ROUTER.put("/entries/{metric}/{at}", summary="入力した値を直す / Correct a value that I typed in")
def correct(
    request: Request,
    me: MayEnter,
    conn: Conn,
    *,
    metric: TypedMetric,
    at: inputs.Moment,
    correction: Correction,
) -> Corrected:
    """Only what I typed in myself; what a device said stays. The old value is kept (`GET /api/corrections`)."""
    look(conn, me, me.person_id, items=f"readings: {metric}", purpose=me.purpose, request=request, action="write")
    return entering.put_right(conn, me.person_id, correction, enterer(me), metric=metric, at=at)


@ROUTER.get("/corrections", summary="直した値の記録 / Corrections of my typed readings, newest first")
def listing(request: Request, me: MaySee, conn: Conn) -> list[CorrectionShape]:
    look(conn, me, me.person_id, items="readings", purpose=me.purpose, request=request)
    return [_shape(one) for one in corrections.of_person(conn, me.person_id)]


def _shape(one: corrections.Correction) -> CorrectionShape:
    metric = METRICS[one.metric]
    by = _BY.get(one.corrected_by.partition(":")[0], "保健師")
    return CorrectionShape(
        metric.id, metric.ja, one.at, one.old_value, one.new_value, metric.ucum, by, one.corrected_at
    )
