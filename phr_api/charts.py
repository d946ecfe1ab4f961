"""All charts of one person, from the day figures."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg

from phr_api.chart import Chart, Figures
from phr_api.chart_pressure import pressure
from phr_api.chart_steps import steps
from phr_api.chart_weight import weight
from store import days
from store.people import Person

_LONGEST = timedelta(days=120)


def of_person(conn: psycopg.Connection, person: Person, *, height_cm: float | None, today: date) -> list[Chart]:
    """The charts for which something was measured: weight, home blood pressure, steps."""
    found: dict[str, list[tuple[date, float]]] = {"weight": [], "steps": [], "bp_sys": [], "bp_dia": []}
    for row in days.between(conn, person.person_id, list(found), today - _LONGEST, today):
        found[row.metric].append((row.day, row.mean if row.total is None else row.total))
    charts = (
        weight(found["weight"], height_cm=height_cm, birth_date=person.birth_date, today=today),
        pressure(found["bp_sys"], found["bp_dia"], today=today),
        _steps(found["steps"], person, today),
    )
    return [chart for chart in charts if chart is not None]


def _steps(figures: Figures, person: Person, today: date) -> Chart | None:
    return steps(figures, birth_date=person.birth_date, today=today)
