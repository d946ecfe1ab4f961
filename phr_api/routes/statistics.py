"""Statistics for researchers' programs: tables that were released, and nothing that could be asked of live data."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Annotated

import psycopg
from fastapi import APIRouter, Query, Request, Response

from phr_api.doors import Conn, look
from phr_api.problems import Problem
from phr_api.programs import Researcher
from store import reaching, statistics
from store.metrics import METRICS
from store.statistics import Cell, Release

ROUTER = APIRouter(prefix="/api", tags=["statistics"])

Town = Annotated[str, Query(pattern=r"^[0-9]{6}$", description="全国地方公共団体コード")]
Month = Annotated[
    str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="2026-10; default: the newest")
]
_HIDDEN = "‐"  # as NDBオープンデータ writes it


@dataclass(frozen=True, slots=True)
class GroupShape:
    """Men, women or both of an age. ``people``: to tens; null: hidden, as their figures are. Figures in ``unit``;
    ``share`` in percent. A figure that would rest on too few is null."""

    what: str
    unit: str | None
    sex: str
    ages: str
    people: int | None
    q1: float | None
    median: float | None
    q3: float | None
    share: int | None


@dataclass(frozen=True, slots=True)
class ReleaseShape:
    """One town's month. ``months``: all that are out. ``smallest``: groups of fewer people are hidden."""

    town: str
    month: str
    months: list[str]
    made_at: datetime
    smallest: int
    groups: list[GroupShape]


@ROUTER.get("/statistics", summary="市の統計 / Released statistics of one town and month")
def released(
    request: Request, researcher: Researcher, conn: Conn, *, town: Town = "062049", month: Month = None
) -> ReleaseShape:
    """Made once a month and never changed. 404 for a month that is not out."""
    look(conn, researcher, None, items="statistics", purpose="statistics", request=request)
    chosen, all_of_town = _chosen(conn, town, month)
    return ReleaseShape(
        town=town,
        month=_word(chosen.month),
        months=[_word(one.month) for one in all_of_town],
        made_at=chosen.made_at,
        smallest=chosen.smallest,
        groups=[_group(cell) for cell in statistics.cells(conn, chosen.release_id)],
    )


@ROUTER.get(
    "/statistics.csv",
    summary="市の統計(CSV) / The same as a table",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def table(
    request: Request, researcher: Researcher, conn: Conn, *, town: Town = "062049", month: Month = None
) -> Response:
    """UTF-8, one header row, one fact a cell; a hidden number of people is `‐`, a figure that is not there is empty."""
    look(conn, researcher, None, items="statistics", purpose="statistics", request=request)
    chosen, _ = _chosen(conn, town, month)
    name = f"{town}_health_statistics_{chosen.month:%Y%m%d}.csv"
    text = _text(chosen, [_group(cell) for cell in statistics.cells(conn, chosen.release_id)])
    return Response(text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _chosen(conn: psycopg.Connection, town: str, month: str | None) -> tuple[Release, list[Release]]:
    """From here on the transaction reads released tables and can do nothing else. Raises Problem (404)."""
    reaching.as_researcher(conn)
    out = statistics.releases(conn, town)
    for one in out:
        if month in (None, _word(one.month)):
            return one, out
    raise Problem(
        404, "まだ出ていません", "この市町村のこの月の統計はありません。 Nothing is out of this town and month."
    )


def _word(month: date) -> str:
    return f"{month:%Y-%m}"


def _group(cell: Cell) -> GroupShape:
    metric = METRICS.get(cell.what)
    return GroupShape(
        cell.what,
        metric.ucum if metric else None,
        cell.sex,
        cell.ages,
        cell.people,
        cell.q1,
        cell.median,
        cell.q3,
        cell.share,
    )


def _text(release: Release, groups: Sequence[GroupShape]) -> str:
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(("town", "month", "what", "unit", "sex", "ages", "people", "q1", "median", "q3", "share_percent"))
    for one in groups:
        people = _HIDDEN if one.people is None else one.people
        figures = (one.q1, one.median, one.q3, one.share)
        rows.writerow((release.town, _word(release.month), one.what, one.unit, one.sex, one.ages, people, *figures))
    return out.getvalue()
