"""A town for `phr bench advise`: a PostgreSQL of its own, with as many people and days as asked for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from phr_api.commands import interrupts
from phr_api.commands.bench_stage import disk
from store import embedded, migrations

PRESSURE_DAYS = 40  # the engine looks at 28
METRICS = ("steps", "weight", "sleep", "body_fat")
_SETTINGS = "-c timezone=UTC -c synchronous_commit=off -c maintenance_work_mem=512MB"
_BARE = """
    alter table health.days drop constraint days_pkey;
    drop index health.days_metric_day_idx;
    alter table health.days set unlogged;
"""
_DRESSED = (
    "alter table health.days add primary key (person_id, day, metric)",
    "create index on health.days (metric, day)",
)


@dataclass(frozen=True, slots=True)
class Town:
    """``database`` is a connection string; ``postgres`` the folder with the server's pid; figures until ``today``."""

    database: str
    postgres: Path
    today: date

    def live_on(self, night: date) -> None:
        """One more day of everybody's figures and pressures."""
        for metric in METRICS:
            _run(self.database, "call bench.figures(%s, %s, %s)", metric, night, night)
        _run(self.database, "call bench.press(%s, %s)", night, night)


@contextmanager
def town(place: Path | None, people: int, days: int, *, today: date) -> Iterator[Town]:
    """Set up on the disk of ``place`` (default: /var/tmp); removed at the end."""
    interrupts.once()
    with (
        TemporaryDirectory(prefix="phr-bench-", dir=disk(place)) as folder,
        embedded.server(Path(folder) / "pg") as uri,
    ):
        database = embedded.database(uri, "bench")
        migrations.migrate(database)
        made = Town(database, Path(folder) / "pg", today)
        _fill(made, people, days)
        yield made


def _fill(made: Town, people: int, days: int) -> None:
    settings = f"set bench.people = {people}; set bench.today = '{made.today}'; select setseed(0.5);"
    script = (files("phr_api.commands") / "bench_advise_town.sql").read_text("utf-8")
    _run(made.database, _BARE)
    _run(made.database, settings + script)
    first, lately = made.today - timedelta(days=days - 1), made.today - timedelta(days=PRESSURE_DAYS)
    with ThreadPoolExecutor(2) as two:
        list(
            two.map(lambda one: _run(made.database, "call bench.figures(%s, %s, %s)", one, first, made.today), METRICS)
        )
        list(two.map(lambda one: _run(made.database, one), _DRESSED))
    _run(made.database, "call bench.press(%s, %s)", lately, made.today)
    for statement in ("vacuum analyze", "checkpoint"):
        _run(made.database, statement)


def _run(database: str, statement: str, *given: object) -> None:
    with psycopg.connect(database, autocommit=True, options=_SETTINGS) as conn:
        conn.execute(statement.encode(), given or None)
