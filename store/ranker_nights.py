"""What the ranker's own log said, night by night. Nobody is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store.choice_outcomes import COUNTS

MOST = 50_000  # decisions of one night's look: the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewarded:
    """One push whose reward is counted. ``options``: [{"family", "chance"}]; ``snapshot``: family -> [done, tried]."""

    person_id: int
    at: datetime
    model_id: str
    family: str
    options: list[dict[str, Any]]
    snapshot: dict[str, list[float]]
    reward: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """``estimates``: [{"policy", "effective", "value", "low", "high"}], without the last three where ``effective``
    decisions are too few; ``effective``: of the newest model. ``agreement``: [{"expected", "observed", "n"}];
    ``drift``: [{"input", "psi", "line"}].
    """

    day: date
    model_id: str
    decisions: int
    effective: float
    estimates: list[dict[str, Any]]
    agreement: list[dict[str, Any]]
    drift: list[dict[str, Any]]


def rewarded(conn: psycopg.Connection, since: datetime) -> list[Rewarded]:
    """Pushes since then whose reward is counted, in order of time; at most the newest ``MOST``."""
    with conn.cursor(row_factory=class_row(Rewarded)) as cursor:
        return cursor.execute(
            "select * from (select person_id, choices.at, model_id, family, options, snapshot, value as reward"  # noqa: S608
            "  from health.choices join health.choice_outcomes using (person_id, day)"
            f" where {COUNTS} and family <> 'none' and choices.at >= %s"
            " order by choices.at desc, person_id limit %s) as newest order by at, person_id",
            (since, MOST),
        ).fetchall()


def add(conn: psycopg.Connection, night: Night) -> None:
    """Keep what this night measured; the first of a day stays."""
    conn.execute(
        "insert into health.ranker_nights (day, model_id, decisions, effective, estimates, agreement, drift)"
        " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        (
            night.day, night.model_id, night.decisions, night.effective, Jsonb(night.estimates),
            Jsonb(night.agreement), Jsonb(night.drift),
        ),
    )  # fmt: skip


def listing(conn: psycopg.Connection, limit: int = 400) -> list[Night]:
    """The last nights, the earliest first."""
    with conn.cursor(row_factory=class_row(Night)) as cursor:
        return cursor.execute(
            "select * from (select * from health.ranker_nights order by day desc limit %s) as last order by day",
            (limit,),
        ).fetchall()
