"""What a shared device measured and nobody has claimed yet: one question a measurement, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import psycopg

from phr_api.pages._checkup import said
from store import sources, unclaimed
from store.metrics import METRICS
from store.unclaimed import Unclaimed

_PRESSURE = frozenset({"bp_sys", "bp_dia"})
_UNSAID = frozenset({"impedance"})  # means nothing to people


@dataclass(frozen=True, slots=True)
class Waiting:
    """One measurement (weight; pressure with its pulse), named by household, source and time."""

    household_id: int
    source_id: int
    at: datetime
    label: str
    words: tuple[tuple[str, str], ...]  # 体重, 61.0 kg


def measurements(conn: psycopg.Connection, person_id: int) -> list[Waiting]:
    """Open measurements of the person's households, newest first."""
    rows = unclaimed.of_person(conn, person_id)
    labels = sources.labels(conn, (row.source_id for row in rows))
    grouped = groupby(rows, key=lambda row: (row.household_id, row.source_id, row.at))
    return [Waiting(*key, labels[key[1]], _words(list(group))) for key, group in grouped]


def _words(rows: Sequence[Unclaimed]) -> tuple[tuple[str, str], ...]:
    found = {row.metric: row.value for row in rows}
    words: list[tuple[str, str]] = []
    if found.keys() >= _PRESSURE:
        words.append(("血圧", f"{found.pop('bp_sys'):.0f}/{found.pop('bp_dia'):.0f} mmHg"))
    if words or found.keys() > _UNSAID:
        found = {metric: value for metric, value in found.items() if metric not in _UNSAID}
    return (*words, *((METRICS[metric].ja, said(metric, value)) for metric, value in found.items()))
