"""The city's living lab: figures and answers of who takes part at this moment, under pseudonyms, page by page."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import islice
from typing import Annotated, Any, Literal

import psycopg
from fastapi import APIRouter, Depends, Query, Request, Response

from phr_api import inputs, releases
from phr_api.doors import Conn, origin
from phr_api.problems import Problem
from phr_api.programs import LivingLab
from store import audit, living_lab
from store.clock import civil_day
from store.living_lab import PURPOSE, Item, LabAnswer, LabDay
from store.metrics import METRICS

ROUTER = APIRouter(prefix="/api/living-lab", tags=["living lab"])

_WIDEST, _USUAL = timedelta(days=91), timedelta(days=6)
_TOPIC_OF = {rule: topic for topic, rules in releases.TOPICS.items() for rule in rules}
# What devices measure at home.
Home = Literal["weight", "body_fat", "steps", "bp_sys", "bp_dia", "pulse", "glucose", "spo2", "temperature", "sleep"]
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@dataclass(frozen=True, slots=True)
class LabDayShape:
    """One civil day (+09:00) of one person, in ``unit`` of the page. ``total`` for steps and sleep only."""

    who: str
    born: int
    sex: str | None
    day: date
    n: int
    total: float | None
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabAnswerShape:
    """The newest answer of one person to one piece of everyday advice."""

    who: str
    born: int
    sex: str | None
    day: date
    topic: str
    answer: str


@dataclass(frozen=True, slots=True)
class LabDaysShape:
    """``who`` is one person's pseudonym for this program; ``born`` the decade (1920: before 1930). ``next``: give it as
    ``after`` for the next page; null: this was the last."""

    metric: str
    unit: str
    rows: list[LabDayShape]
    next: str | None


@dataclass(frozen=True, slots=True)
class LabAnswersShape:
    """As ``LabDaysShape``."""

    rows: list[LabAnswerShape]
    next: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Which days are asked for, and of which people: the first ``limit`` pseudonyms after this one."""

    since: date
    until: date
    after: str
    limit: int


def page(
    since: Annotated[inputs.Day | None, Query(alias="from", description="default: 6 days before `to`")] = None,
    until: Annotated[inputs.Day | None, Query(alias="to", description="inclusive; default: today")] = None,
    after: Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$", description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="people a page")] = 100,
) -> Page:
    """Raises Problem (422) for more than 92 days, or an end before the beginning."""
    end = until or civil_day(datetime.now(UTC))
    start = since or end - _USUAL
    if not timedelta() <= end - start <= _WIDEST:
        raise Problem(422, "期間を確かめてください", "from を to より前に。92日以内。 from before to, 92 days at most.")
    return Page(start, end, after, limit)


Asked = Annotated[Page, Depends(page)]


@ROUTER.get("/days", summary="参加者の1日ごとの値 / Day figures of who takes part now")
def days(request: Request, lab: LivingLab, conn: Conn, asked: Asked, *, metric: Home) -> LabDaysShape:
    """Of days within each person's consent, measured at home alone. Every person shown is told so in their audit."""
    whose, after = _people(conn, lab, "readings", asked)
    found = living_lab.days(conn, list(whose), metric=metric, since=asked.since, until=asked.until)
    _look_at(conn, lab, found, items=f"days: {metric}", request=request)
    rows = [
        LabDayShape(whose[one.person_id], one.born, one.sex, one.day, one.n, one.total, one.mean, one.low, one.high)
        for one in found
    ]
    return LabDaysShape(metric, METRICS[metric].ucum, sorted(rows, key=_in_order), after)


@ROUTER.get("/days.csv", summary="参加者の1日ごとの値(CSV) / A table", response_class=Response, responses=_CSV)
def days_table(request: Request, lab: LivingLab, conn: Conn, asked: Asked, *, metric: Home) -> Response:
    """UTF-8, one header row; the next page stands in the header ``Link``."""
    shown = days(request, lab, conn, asked, metric=metric)
    more = {"metric": shown.metric, "unit": shown.unit}
    return _table(request, LabDayShape, [asdict(one) | more for one in shown.rows], shown.next, more=tuple(more))


@ROUTER.get("/answers", summary="参加者の助言へのお返事 / Answers to advice of who takes part now")
def answers(request: Request, lab: LivingLab, conn: Conn, asked: Asked) -> LabAnswersShape:
    """To everyday advice alone (meals, salt, steps, sleep, alcohol, smoking), never to what points to an illness."""
    whose, after = _people(conn, lab, "answers", asked)
    found = living_lab.answers(conn, list(whose), rules=list(_TOPIC_OF), since=asked.since, until=asked.until)
    _look_at(conn, lab, found, items="answers", request=request)
    rows = [
        LabAnswerShape(whose[one.person_id], one.born, one.sex, one.day, _TOPIC_OF[one.rule_id], one.answer)
        for one in found
    ]
    return LabAnswersShape(sorted(rows, key=_in_order), after)


@ROUTER.get("/answers.csv", summary="参加者の助言へのお返事(CSV) / A table", response_class=Response, responses=_CSV)
def answers_table(request: Request, lab: LivingLab, conn: Conn, asked: Asked) -> Response:
    """UTF-8, one header row; the next page stands in the header ``Link``."""
    shown = answers(request, lab, conn, asked)
    return _table(request, LabAnswerShape, [asdict(one) for one in shown.rows], shown.next)


def _people(conn: psycopg.Connection, lab: LivingLab, item: Item, asked: Page) -> tuple[dict[int, str], str | None]:
    """(person -> pseudonym of this page, after which one the next begins). In the order of pseudonyms, which tells of
    nothing; who takes part or leaves between two pages shifts nobody else."""
    rest = ((name, who) for name, who in living_lab.people(conn, lab.client_id, item).items() if name > asked.after)
    found = list(islice(rest, asked.limit + 1))
    shown = found[: asked.limit]
    return {who: name for name, who in shown}, shown[-1][0] if len(found) > asked.limit else None


def _in_order(row: LabDayShape | LabAnswerShape) -> tuple[str, date]:
    """Not in that of the people's numbers, which tells who came first."""
    return row.who, row.day


def _look_at(
    conn: psycopg.Connection, lab: LivingLab, rows: Sequence[LabDay | LabAnswer], *, items: str, request: Request
) -> None:
    """Written down for each person of whom there is a row; when there is none, that it was asked."""
    who = {"actor": lab.actor, "role": lab.role, "items": items, "purpose": PURPOSE, "origin": origin(request)}
    audit.note_all(conn, {one.person_id: f"consent:{one.consent_id}" for one in rows} or {None: ""}, **who)


def _table(
    request: Request, shape: type[LabDayShape | LabAnswerShape], rows: Sequence[dict[str, object]], after: str | None,
    *, more: tuple[str, ...] = (),
) -> Response:  # fmt: skip
    out = StringIO()
    written = csv.DictWriter(out, [*more, *(item.name for item in fields(shape))])
    written.writeheader()
    written.writerows(rows)
    link = {"Link": f'<?{request.url.include_query_params(after=after).query}>; rel="next"'} if after else {}
    return Response(out.getvalue(), media_type="text/csv", headers=link)
