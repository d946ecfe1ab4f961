"""The newest value of each home measurement, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from phr_api.pages._checkup import said
from store import days, last_values
from store.model import Flag

_SHOWN = (
    ("weight", "体重"),
    ("body_fat", "体脂肪率"),
    ("pulse", "脈拍"),
    ("glucose", "血糖(自己測定)"),
    ("spo2", "酸素飽和度(SpO2)"),
    ("temperature", "体温"),
)


@dataclass(frozen=True, slots=True)
class Last:
    """One tile. ``at`` None: a figure of today that is still growing. ``entered``: who typed it in, else empty.

    ``odd``: too far from the readings around it for any body (``ingest.jumps``).
    """

    what: str
    value: str
    unit: str
    at: datetime | None
    entered: str = ""
    odd: bool = False


def values(conn: psycopg.Connection, person_id: int, today: date) -> list[Last]:
    """Home measurements only: checkup values stand in their own table."""
    found = {row.metric: row for row in last_values.of_person(conn, person_id)}
    tiles = [_tile(what, metric, found[metric]) for metric, what in _SHOWN if metric in found]
    if {"bp_sys", "bp_dia"} <= found.keys():
        pair = f"{found['bp_sys'].value:.0f}/{found['bp_dia'].value:.0f}"
        tiles.insert(1, Last("血圧(mmHg)", pair, "", found["bp_sys"].at, found["bp_sys"].entered))
    return [*tiles, *_days(conn, person_id, today)]


def _tile(what: str, metric: str, row: last_values.LastValue) -> Last:
    number, unit = said(metric, row.value).split(" ", 1)
    return Last(what, number, unit, row.at, row.entered, bool(row.flags & Flag.JUMP))


def _days(conn: psycopg.Connection, person_id: int, today: date) -> list[Last]:
    figures = days.between(conn, person_id, ["steps", "sleep"], today, today)
    totals = {row.metric: row.total or 0 for row in figures}
    tiles = []
    if "steps" in totals:
        tiles.append(Last("きょうの歩数", f"{totals['steps']:,.0f}", "歩", None))
    if "sleep" in totals:
        hours, minutes = divmod(round(totals["sleep"]), 60)
        tiles.append(Last("睡眠(けさまで)", f"{hours}時間{minutes}分", "", None))
    return tiles
