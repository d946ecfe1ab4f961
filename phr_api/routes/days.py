"""Day figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from phr_api import inputs, shapes
from phr_api.behalf import MaySee
from phr_api.doors import Conn, look
from phr_api.problems import Problem
from store import days
from store.clock import civil_day

ROUTER = APIRouter(prefix="/api", tags=["days"])

_WIDEST = timedelta(days=3660)
_USUAL = timedelta(days=29)


@ROUTER.get("/days", summary="1日ごとの値 / My figures by civil day (+09:00)")
def listing(
    request: Request,
    me: MaySee,
    conn: Conn,
    *,
    metric: Annotated[list[str], Query(min_length=1, max_length=20, description="steps, weight, …; may repeat")],
    since: Annotated[inputs.Day | None, Query(description="default: 29 days before `until`")] = None,
    until: Annotated[inputs.Day | None, Query(description="inclusive; default: today")] = None,
) -> list[shapes.DayShape]:
    """Ascending. Recomputed from raw readings whenever late ones arrive; at most ten years at once."""
    metrics = inputs.known_metrics(metric)
    end = until or civil_day(datetime.now(UTC))
    start = since or end - _USUAL
    if not timedelta() <= end - start <= _WIDEST:
        raise Problem(
            422, "期間を確かめてください", "since を until より前に。10年以内。 since before until, ten years at most."
        )
    look(conn, me, me.person_id, items=f"days: {', '.join(metrics)}", purpose=me.purpose, request=request)
    return [shapes.day(one) for one in days.between(conn, me.person_id, metrics, start, end)]
