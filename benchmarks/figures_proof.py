"""Are a day's figures right whatever happens? Random sequences of operations against a real database.

`python benchmarks/figures_proof.py --n 1000`

Each sequence is a small household of its own: readings arrive late by up to 42 days, in any order, again and again;
numbers are typed in and put right; weighings of a shared scale are claimed, refused and taken back; the order of
devices changes; the figures worker gets its turn at random moments. At the end the day figures must equal (1) a
recompute from raw readings into an empty table and (2), for steps and weight, a second and independent way of figuring.
JSON goes to stdout; exit code 1 when one differs, with the seed that shows it again (`--seed S --n 1`).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from math import isclose
from pathlib import Path
from secrets import token_urlsafe
from shutil import rmtree
from statistics import fmean
from tempfile import mkdtemp
from time import monotonic

import figures_oracle
import figures_town
import psycopg
from figures_town import Town
from psycopg_pool import ConnectionPool
from rich.console import Console
from rich.progress import Progress

from ingest import days
from store import embedded, migrations, pool, sealing
from store.clock import day_start
from store.model import Flag

Figure = tuple[int, date, str, int, float | None, float, float, float, float]

_FIGURES = """
select person_id, day, metric, n, total, mean, low, high, last from health.days
 where person_id = any(%s) order by person_id, day, metric
"""
_RAW = """
select source_id, metric, extract(epoch from at)::bigint, seconds, value from health.readings
 where person_id = %s and metric in ('steps', 'steps_counter', 'steps_day') order by at, source_id, metric
"""
_WEIGHED = """
select extract(epoch from at)::bigint, value from health.readings where person_id = %s and metric = 'weight'
 order by at, source_id
"""
_RANKS = "select source_id, rank from health.device_order where person_id = %s"


def differences(town: Town) -> list[str]:
    """What is not as it should be, in words."""
    with town.pool.connection() as conn:
        ids = [town.anna, town.ben, town.carl]
        kept: list[Figure] = conn.execute(_FIGURES, (ids,)).fetchall()
        wrong = [f"steps {person} {day}: {told}" for person, day, told in _steps(conn, town, kept)]
        wrong += [f"weight {person} {day}: {told}" for person, day, told in _weights(conn, town, kept)]
        anew = _anew(conn, town, ids)
        wrong += [f"recomputed: {one}" for one in sorted({*map(repr, kept)} ^ {*map(repr, anew)})]
        conn.rollback()
    return wrong


def _anew(conn: psycopg.Connection, town: Town, ids: list[int]) -> list[Figure]:
    """All figures, from raw readings without any mark of ours, into an empty table."""
    conn.execute("delete from health.days where person_id = any(%s)", (ids,))
    conn.execute("update health.readings set flags = flags & ~%s where person_id = any(%s)", (int(Flag.JUMP), ids))
    days.recompute(conn, [(person, day) for person in ids for day in _all_days(town)])
    return conn.execute(_FIGURES, (ids,)).fetchall()


def _steps(conn: psycopg.Connection, town: Town, kept: list[Figure]) -> Iterator[tuple[int, date, str]]:
    found = {(row[0], row[1]): row[4] for row in kept if row[2] == "steps"}
    for person in (town.anna, town.ben):
        rows = conn.execute(_RAW, (person,)).fetchall()
        ranks = dict(conn.execute(_RANKS, (person,)).fetchall())
        for day in _all_days(town):
            right = figures_oracle.day_of(rows, round(day_start(day).timestamp()), ranks)
            ours = found.get((person, day))
            if (right is None) != (ours is None) or not isclose(right or 0, ours or 0, rel_tol=1e-9, abs_tol=1e-6):
                yield person, day, f"{ours} instead of {None if right is None else float(right)}"


def _weights(conn: psycopg.Connection, town: Town, kept: list[Figure]) -> Iterator[tuple[int, date, str]]:
    for person in (town.anna, town.ben):
        found = {row[1]: row[5] for row in kept if (row[0], row[2]) == (person, "weight")}
        sound = figures_oracle.weights_of(conn.execute(_WEIGHED, (person,)).fetchall())
        for day in _all_days(town):
            start = day_start(day).timestamp()
            values = [value for at, value in sound if start <= at < start + 86_400]
            right = fmean(values) if values else None
            if (right is None) != (day not in found) or not isclose(right or 0, found.get(day, 0), rel_tol=1e-9):
                yield person, day, f"{found.get(day)} instead of {right}"


def _all_days(town: Town) -> list[date]:
    return [town.days[0] + timedelta(days=n) for n in range(-3, len(town.days) + 3)]


def prove(opened: ConnectionPool, n: int, seed: int, operations: int) -> dict[str, object]:
    """Run ``n`` sequences; what was done, and which seeds went wrong."""
    done: Counter[str] = Counter()
    wrong: dict[int, list[str]] = {}
    begun, figures = monotonic(), 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for number in progress.track(range(seed, seed + n), description="sequences"):
            town = figures_town.found(opened, random.Random(number), number)
            figures_town.live(town, operations)
            done.update(town.done)
            if found := differences(town):
                wrong[number] = found
    with opened.connection() as conn:
        [(figures, jumps)] = conn.execute(
            "select (select count(*) from health.days), (select count(*) from health.readings where flags & %s <> 0)",
            (int(Flag.JUMP),),
        ).fetchall()
    took = round(monotonic() - begun, 1)
    return {
        "sequences": n,
        "wrong": wrong,
        "operations": dict(done),
        "figures": figures,
        "jumps": jumps,
        "seconds": took,
    }


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    sealing.use(token_urlsafe(32))  # names are sealed, and here nobody needs to open them again
    folder = Path(mkdtemp(prefix="phr-figures-"))
    try:
        with embedded.server(folder / "pg") as uri:
            migrations.migrate(embedded.database(uri, "proof"))
            yield uri.format(database="proof")
    finally:
        rmtree(folder, ignore_errors=True)


def main() -> int:
    """0: every figure is right; 1: one is not."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--n", type=int, default=1000, help="how many sequences (1000)")
    asked.add_argument("--seed", type=int, default=1, help="of the first sequence (1)")
    asked.add_argument("--operations", type=int, default=40, help="operations at random in each (40)")
    asked.add_argument("--database", metavar="URL", help="a migrated, empty database; else one of its own")
    given = asked.parse_args()
    with _database(given.database) as url, pool.open_pool(url) as opened:
        found = prove(opened, given.n, given.seed, given.operations)
    print(json.dumps(found))
    print("all right" if not found["wrong"] else "NOT RIGHT", file=sys.stderr)
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
