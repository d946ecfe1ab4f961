"""`phr learn cohorts`: how often the alerts speak of nothing. `phr learn districts`: who lives in which part of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import psycopg
import typer

from advice_engine import cohort_trials
from advice_engine.risk_refit import Gate
from phr_api.commands import demo_database, operator
from phr_api.commands.demo_database import Demo
from phr_api.commands.learn_gates import Seed, To, compared, show
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import cohorts as kept

_File = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV with the columns public_id and district; an empty district clears.")
]


def cohorts(
    towns: Annotated[int, typer.Option(min=4, help="Invented towns of each check.")] = 100,
    seed: Seed = 0,
    to: To = None,
) -> None:
    """Try the alerts of districts on invented towns of 40 groups; every number stands beside its bar.

    Example: phr learn cohorts --towns 200
    """
    show([*measured(towns, seed)], to)


def measured(towns: int, seed: int) -> Iterator[Gate]:
    """Bar 17, and what plainer rules would do."""
    quiet = cohort_trials.quiet(towns, seed)
    found = {shift: cohort_trials.found(shift, towns, seed) for shift in (8.0, 4.0)}
    yield Gate(
        f"districts: false alerts a month and town, {towns} towns, seed {seed}",
        f"{quiet.told:.2f}",
        "<= 0.5",
        quiet.told <= 0.5,
    )
    yield compared("  by two standard deviations", f"{quiet.plain:.1f}")
    yield compared("  … after the town's own move is taken out", f"{quiet.move_removed:.1f}")
    yield Gate("districts: +8 mmHg found within 5 weeks", f"{found[8.0]:.2f}", ">= 0.85", found[8.0] >= 0.85)
    yield compared("  +4 mmHg", f"{found[4.0]:.2f}")


def districts(file: _File, home: Demo = None) -> None:
    """Note in which part of the town people live, as coarse as 学区: only the alerts count by it.

    Example: phr learn districts districts.csv
    """
    rows = _rows(file)
    with demo_database.existing(home) as url, psycopg.connect(url, application_name="phr-learn") as conn:
        known = kept.place(conn, rows)
        operator.note(conn, None, "write", items="districts")
    console.print(f"{known} of {sum(bool(district) for _, district in rows)} are people of this record")


def _rows(file: Path) -> list[tuple[UUID, str]]:
    if not file.is_file():
        raise Problem(f"{file} is not there")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            return [(UUID(row["public_id"]), row["district"] or "") for row in csv.DictReader(lines)]
        except (KeyError, ValueError):
            raise Problem(f"{file}: a line has no public_id, or no district") from None
