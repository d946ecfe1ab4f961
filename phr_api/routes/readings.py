"""Single numbers, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from phr_api import inputs, shapes
from phr_api.behalf import MaySee
from phr_api.doors import Conn, look
from phr_api.problems import Problem
from store import readings, sources

ROUTER = APIRouter(prefix="/api", tags=["readings"])

_WIDEST = timedelta(days=92)
_USUAL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReadingsShape:
    """Ascending in time. ``more``: older ones of this span were left out by ``limit``."""

    readings: list[shapes.ReadingShape]
    more: bool


@ROUTER.get("/readings", summary="測定値の一覧 / My readings of a span of time")
def listing(
    request: Request,
    me: MaySee,
    conn: Conn,
    *,
    metric: Annotated[list[str], Query(min_length=1, max_length=20, description="weight, bp_sys, …; may repeat")],
    since: Annotated[inputs.Moment | None, Query(description="default: 30 days before `until`")] = None,
    until: Annotated[inputs.Moment | None, Query(description="exclusive; default: now")] = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="the newest so many")] = 1000,
) -> ReadingsShape:
    """At most 92 days at once; `/api/days` answers for longer spans."""
    metrics = inputs.known_metrics(metric)
    start, end = _span(since, until)
    look(conn, me, me.person_id, items=f"readings: {', '.join(metrics)}", purpose=me.purpose, request=request)
    found = readings.between(conn, me.person_id, metrics, start, end)
    newest = found[-limit:]
    labels = sources.labels(conn, (one.source_id for one in newest))
    return ReadingsShape([shapes.reading(one, labels) for one in newest], more=len(found) > limit)


def _span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    end = until or datetime.now(UTC)
    start = since or end - _USUAL
    if not timedelta() <= end - start <= _WIDEST:
        raise Problem(
            422,
            "期間を確かめてください",
            "since から until までは92日以内にしてください。長い期間は /api/days をお使いください。"
            " At most 92 days, since before until; use /api/days for longer spans.",
        )
    return start, end
