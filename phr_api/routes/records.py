"""Records of facilities and checkups, under consents in force."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from advice_engine.gather import gather
from phr_api import checkups, shapes
from phr_api.behalf import MaySee
from phr_api.doors import Conn, look
from phr_api.problems import not_found
from store import people, records
from store.clock import civil_day

ROUTER = APIRouter(prefix="/api", tags=["records"])


@ROUTER.get("/records", summary="記録の一覧 / My records of facilities, newest first")
def timeline(
    request: Request, me: MaySee, conn: Conn, *, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[shapes.RecordShape]:
    """Released by the facility, and under a consent of mine that is in force now."""
    look(conn, me, me.person_id, items="records", purpose=me.purpose, request=request)
    return [shapes.record(one) for one in records.timeline(conn, me.person_id, limit=limit)]


@ROUTER.get("/checkups", summary="健診の結果 / My checkups: each item against its line, 階層化, メタボ判定")
def checkup_reports(request: Request, me: MaySee, conn: Conn) -> list[checkups.SeenCheckup]:
    look(conn, me, me.person_id, items="checkups", purpose=me.purpose, request=request)
    person = people.by_id(conn, me.person_id)
    if person is None:
        raise not_found()
    facts = gather(conn, [me.person_id], civil_day(datetime.now(UTC)))[me.person_id]
    values = {checkup.document_id: checkup for checkup in facts.checkups}
    return [checkups.seen(row, values.get(row.document_id), person) for row in records.checkups(conn, me.person_id)]
