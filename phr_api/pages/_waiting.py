"""What shared devices measured: whose is it? One question a measurement, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import psycopg

from phr_api.pages._checkup import said
from phr_api.pages._words import UNSAID
from store import sources, unclaimed
from store.metrics import METRICS
from store.unclaimed import Unclaimed

_PRESSURE = frozenset({"bp_sys", "bp_dia"})
_GIVEN = timedelta(days=7)  # so long the page says what was given automatically
_MISTAKEN = timedelta(days=1)  # … and offers to take back what was said


@dataclass(frozen=True, slots=True)
class Waiting:
    """One measurement (weight; pressure with its pulse), named by household, source and time."""

    household_id: int
    source_id: int
    at: datetime
    label: str
    words: tuple[tuple[str, str], ...]  # 体重, 61.0 kg


@dataclass(frozen=True, slots=True)
class Shared:
    """What the page shows of the household's shared devices, each newest first."""

    waiting: list[Waiting]  # open: somebody may say whose
    given: list[Waiting]  # by the gate, to this person
    mine: list[Waiting]  # this person claimed it a moment ago, and may have pressed the wrong button
    nobodys: list[Waiting]  # a member said so, likewise


def of_person(conn: psycopg.Connection, person_id: int, now: datetime) -> Shared:
    """Measurements of the person's households, as far as they concern this person."""
    return Shared(
        _measurements(conn, unclaimed.of_person(conn, person_id)),
        _measurements(conn, unclaimed.by_gate(conn, person_id, now - _GIVEN)),
        _measurements(conn, unclaimed.claimed(conn, person_id, now - _MISTAKEN)),
        _measurements(conn, unclaimed.set_aside(conn, person_id, now - _MISTAKEN)),
    )


def _measurements(conn: psycopg.Connection, rows: Sequence[Unclaimed]) -> list[Waiting]:
    labels = sources.labels(conn, (row.source_id for row in rows))
    grouped = groupby(rows, key=lambda row: (row.household_id, row.source_id, row.at))
    return [Waiting(*key, labels[key[1]], _words(list(group))) for key, group in grouped]


def _words(rows: Sequence[Unclaimed]) -> tuple[tuple[str, str], ...]:
    found = {row.metric: row.value for row in rows}
    words: list[tuple[str, str]] = []
    if found.keys() >= _PRESSURE:
        words.append(("血圧", f"{found.pop('bp_sys'):.0f}/{found.pop('bp_dia'):.0f} mmHg"))
    if words or found.keys() > UNSAID:
        found = {metric: value for metric, value in found.items() if metric not in UNSAID}
    return (*words, *((METRICS[metric].ja, said(metric, value)) for metric, value in found.items()))
