"""Reads the log of HeartSteps (``heartsteps_v1/suggestions.csv.gz``; its SOURCE.md names columns and licence)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np

from advice_engine.heartsteps import Trial
from advice_engine.off_policy import Array

_POINTS = 210  # decision points of the 42 days that the trial lasted; people who stayed longer were not in it any more
_DAYS = 41
_A_DAY = 5
_MILD = 15.0  # °C, where the weather was not known

Row = dict[str, str]


def read(data: Path) -> Trial:
    """The available decision points of the 42 days. Raises FileNotFoundError."""
    with gzip.open(data / "heartsteps_v1" / "suggestions.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if _counts(row)]
    rows.sort(key=lambda row: (int(row["user.index"]), float(row["decision.index.nogap"])))

    def column(of: Callable[[Row], float]) -> Array:
        return np.array([of(row) for row in rows], float)

    day = column(lambda row: float(row["decision.index.nogap"]) // _A_DAY / _DAYS)
    hour = column(lambda row: (_number(row, "hour_utc") + _number(row, "sugg.gmtoff") / 3600) % 24)
    weekend = column(lambda row: _number(row, "dow") >= 5)
    home, work = (column(lambda row, at=at: row["dec.location"] == at) for at in ("home", "work"))  # type: ignore[misc]
    arm = column(lambda row: 1 if row["send.active"] == "True" else 2 * (row["send.sedentary"] == "True"))
    before = [column(lambda row, name=name: _steps(row, name)) for name in ("jbsteps30pre.zero", "jbsteps60pre.zero")]  # type: ignore[misc]
    still = column(lambda row: row["recognized.activity"] == "STILL")
    warmth = column(lambda row: _number(row, "dec.temperature", _MILD))
    turn = hour / 24 * 2 * np.pi
    return Trial(
        person=np.array([int(row["user.index"]) for row in rows]),
        arm=arm.astype(np.int64),
        day=day,
        context=np.column_stack([*before, still, home, work, weekend, np.sin(turn), np.cos(turn), warmth]),
        reward=column(lambda row: _steps(row, "jbsteps30.zero")),
        answered=(arm > 0) & (column(lambda row: row["response"] != "") > 0),
        good=column(lambda row: row["response"] == "good"),
        response_context=np.column_stack([arm == 1, day, hour >= 18, weekend, home, work]).astype(float),
    )


def _counts(row: Row) -> bool:
    at = row["decision.index.nogap"]
    return row["avail"] == "True" and at != "" and float(at) < _POINTS


def _number(row: Row, name: str, unknown: float = 0.0) -> float:
    return float(row[name]) if row[name] else unknown


def _steps(row: Row, name: str) -> float:
    return float(np.log(_number(row, name) + 0.5))
