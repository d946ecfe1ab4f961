"""What moved in the districts of a 保健師's own town: groups of fifteen people and more, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from fastapi import APIRouter, Request

from phr_api import cohort_words
from phr_api.doors import Conn, Desk, look
from store import cohorts
from store.clock import civil_day
from store.cohorts import CohortAlert
from store.metrics import METRICS

ROUTER = APIRouter(prefix="/api/nurse", tags=["nurse"])


@dataclass(frozen=True, slots=True)
class CohortWeekShape:
    """``shift`` of the mean person of the group against their own usual, in the alert's ``unit``."""

    week: date
    people: int
    shift: float


@dataclass(frozen=True, slots=True)
class CohortAlertShape:
    """A district's age band that was shifted in the week of this Monday and in the one before.

    ``shift`` and ``town_move`` in ``unit`` (UCUM); the town's move is taken out of the shift.
    """

    metric: str
    unit: str
    district: str
    ages: str
    week: date
    people: int
    shift: float
    town_move: float
    says: str
    look_at: str
    weeks: list[CohortWeekShape]


@ROUTER.get("/cohort-alerts", summary="地区のようす / What moved in the districts of my town")
def alerts(request: Request, nurse: Desk, conn: Conn) -> list[CohortAlertShape]:
    """The newest alert of each group of the last three weeks; the town's own 保健師 alone, no facility's."""
    look(conn, nurse, None, items="cohort alerts", purpose="guidance", request=request)
    return [_shape(one) for one in cohorts.recent(conn, nurse.town, civil_day(datetime.now(UTC)))]


def _shape(one: CohortAlert) -> CohortAlertShape:
    digits = METRICS[one.metric].digits + 1
    return CohortAlertShape(
        one.metric,
        METRICS[one.metric].ucum,
        one.district,
        one.ages,
        one.week,
        one.people,
        round(one.shift, digits),
        round(one.town_move, digits),
        cohort_words.sentence(one),
        cohort_words.look_at(one),
        [CohortWeekShape(week.week, week.people, round(week.shift, digits)) for week in one.weeks],
    )
