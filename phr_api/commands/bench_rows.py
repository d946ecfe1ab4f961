"""`phr bench rows`: whether a table that grows for years still takes readings as fast as on its first day."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from phr_api.commands.bench_stage import stage
from phr_api.commands.bench_table import BATCH
from phr_api.commands.terminal import aside
from store import readings
from store.model import Reading

PEOPLE = 20_000
LEAST = 0.75  # the last fifth's rate : the first's

_METRICS = (("steps", 412.0, 2700), ("pulse", 66.0, 0), ("bp_sys", 131.0, 0), ("bp_dia", 79.0, 0), ("weight", 58.4, 0))
_EVERY = timedelta(minutes=47)  # from one reading of a person to the next
_LATE = 0.02  # so many come up to 42 days late
_FIFTHS = 5


def rows(
    n: Annotated[int, typer.Option("--rows", min=25_000, help="How many readings.")] = 18_000_000,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Disk to measure on; default /var/tmp.")] = None,
) -> None:
    """Fill one plain table of readings and compare the last fifth's speed with the first's.

    20,000 people take turns, five metrics each, time goes on, one in fifty readings is up to 42 days late; batches of
    5,000 through the product's own writer. Needs about 150 bytes of disk a reading. JSON on stdout.

    Example:

      phr bench rows --rows 18000000

    Exit code 1 when the last fifth is slower than 0.75 of the first. 18 million take five to ten minutes.
    """
    with stage(data, devices=1) as place, psycopg.connect(place.database) as conn:
        fifths = _fill(conn, n // BATCH // _FIFTHS)
        [size] = conn.execute("select pg_total_relation_size('health.readings')").fetchone() or (0,)
    found = {
        "rows": len(fifths) * fifths[0][0],
        "rates": [round(count / seconds) for count, seconds in fifths],
        "last_to_first": round(fifths[0][1] / fifths[-1][1], 3),
        "bar": LEAST,
        "bytes_a_reading": round(size / (len(fifths) * fifths[0][0]), 1),
    }
    typer.echo(json.dumps(found))
    if found["last_to_first"] < LEAST:
        raise typer.Exit(1)


def _fill(conn: psycopg.Connection, batches: int) -> list[tuple[int, float]]:
    """(readings, seconds in the database) of each fifth."""
    fifths = []
    given = _batches()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=aside, transient=True) as progress:
        task = progress.add_task("filling …", total=_FIFTHS * batches)
        for _ in range(_FIFTHS):
            seconds = 0.0
            for _ in range(batches):
                batch = next(given)
                start = time.perf_counter()
                readings.add(conn, batch)
                conn.commit()
                seconds += time.perf_counter() - start
                progress.advance(task)
            fifths.append((batches * BATCH, seconds))
            progress.update(task, description=f"{batches * BATCH / seconds:,.0f} readings a second")
    return fifths


def _batches() -> Iterator[list[Reading]]:
    chance = random.Random(20261121)  # noqa: S311 # nosec B311 - no secret
    start, number = datetime(2025, 4, 1, tzinfo=UTC), 0
    while True:
        yield [_reading(number + k, start, chance) for k in range(BATCH)]
        number += BATCH


def _reading(number: int, start: datetime, chance: random.Random) -> Reading:
    turn, place = divmod(number, PEOPLE)
    person = place * 7919 % PEOPLE + 1  # not in the order of the key
    metric, value, seconds = _METRICS[(turn + person) % len(_METRICS)]
    at = start + turn * _EVERY + timedelta(seconds=person % 2700)
    if chance.random() < _LATE:
        at -= timedelta(seconds=chance.randrange(42 * 86_400), microseconds=number % 1_000_000)
    return Reading(person, metric, at, person, value, seconds, 0, at)
