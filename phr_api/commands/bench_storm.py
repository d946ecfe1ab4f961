"""`phr bench storm`: thousands of pedometers come back after six weeks, all at once, while others measure as usual."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen
from typing import Annotated, Any

import numpy as np
import psycopg
import typer

from phr_api.commands import bench_live, bench_load
from phr_api.commands.bench_load import Load, Sent
from phr_api.commands.bench_process import FAST, figuring, running
from phr_api.commands.bench_stage import Stage, stage
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import aside

MOST = 2.0  # live p95 with the storm : without
_PATIENCE = 1800.0
_BURST = 10.0  # seconds: all of the storm has reached the broker long before

_STORED = "select count(*) from health.readings where metric in ('steps', 'steps_counter')"
_DUE = "select count(*) from health.due where work = 'days'"
_FIGURES = """
select substr(device, 2)::int, day::text, total from health.days join health.registrations using (person_id)
 where metric = 'steps' and gateway_id = 'bench-1'
"""


def storm(  # noqa: PLR0917 - the command's options
    pedometers: Annotated[int, typer.Option(min=20, max=20_000, help="How many come back.")] = 2000,
    days: Annotated[int, typer.Option(min=1, max=42, help="After so many days.")] = 42,
    rate: Annotated[float, typer.Option(min=1, help="Live messages a second meanwhile.")] = 50,
    seconds: Annotated[
        float, typer.Option(min=2, help="Live traffic alone, then again and again while the storm lasts.")
    ] = 60,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Disk to measure on; default /var/tmp.")] = None,
) -> None:
    """Nothing lost, all day figures right, and live readings hardly slower, when six weeks arrive at once.

    Starts a broker, a database, the ingest worker and the figures worker of its own. Every day figure is compared with
    what the generator says was walked. JSON on stdout.

    Example:

      phr bench storm --pedometers 200 --days 14

    Exit code 1 when a reading or a figure is missing or wrong, or the live p95 is more than twice what it was before.
    """
    with stage(data, gateways=2, devices=pedometers) as place:
        found = _storm(place, days, Load(round(rate * seconds), rate=rate))
    typer.echo(json.dumps(found))
    if found["lost"] or found["wrong_figures"] or found["p95_ratio"] > MOST:
        raise typer.Exit(1)


def _storm(place: Stage, days: int, load: Load) -> dict[str, Any]:
    place.empty()
    truth = place.place / "truth.json"
    with (
        place.broker() as broker,
        running(place, broker.port, FAST) as ingest,
        figuring(place, broker.port, FAST),
        bench_live.hearing(place) as heard,
    ):
        ingest.wait_until_listening()
        aside.print("live traffic alone …")
        with bench_load.publishing(place, broker.port, load, ["bench-2"]) as live:
            before = bench_load.sent(live)
        asked = (f"--port={broker.port}", "--gateway=bench-1", f"--pedometers={place.devices}", f"--days={days}")
        with (
            bench_load.generator(place, "storm.py", *asked, f"--truth={truth}") as raging,
            ThreadPoolExecutor(1) as watching,
        ):
            aside.print("live traffic and the storm, until all its figures are right …")
            bench_load.go([raging])
            settling = watching.submit(_settling, place, raging)
            rounds = list(_live_until(settling, place, broker.port, load))
            told, stored, right = settling.result()
        _settled(place, told["readings"], time.time())
        quiet = bench_live.latencies(
            place, heard, since=before.start, until=before.start + before.seconds, gateway="bench-2"
        )
        rough = bench_live.latencies(place, heard, since=told["start"], until=told["start"] + right, gateway="bench-2")
        burst = bench_live.latencies(place, heard, since=told["start"], until=told["start"] + _BURST, gateway="bench-2")
        lost = (
            told["readings"] + (1 + len(rounds)) * load.messages - _count(place, "select count(*) from health.readings")
        )
    wrong = _wrong(place, json.loads(truth.read_text("utf-8")))
    p95 = [float(np.percentile(late, 95)) * 1000 for late in (quiet, rough)]
    return {
        "readings": told["readings"],
        "lost": lost,
        "published_s": round(told["seconds"], 1),
        "stored_s": round(stored, 1),
        "figures_right_s": round(right, 1),
        "wrong_figures": wrong,
        "live_p95_ms": {"alone": round(p95[0], 1), "in_the_storm": round(p95[1], 1)},
        "live_p95_ms_first_10_s": round(float(np.percentile(burst, 95)) * 1000, 1),
        "live_max_ms": {"alone": round(max(quiet) * 1000, 1), "in_the_storm": round(max(rough) * 1000, 1)},
        "p95_ratio": round(p95[1] / p95[0], 2),
        "bar": MOST,
        "behind_ms": max(one.behind_ms for one in (before, *rounds)),
    }


def _live_until(settling: Future[Any], place: Stage, port: int, load: Load) -> Iterator[Sent]:
    while not settling.done():
        with bench_load.publishing(place, port, load, ["bench-2"]) as live:
            yield bench_load.sent(live)


def _settling(place: Stage, raging: Popen[str]) -> tuple[dict[str, Any], float, float]:
    told = _told(raging)
    return told, *_settled(place, told["readings"], told["start"])


def _told(raging: Popen[str]) -> dict[str, Any]:
    assert raging.stdout is not None
    told: dict[str, Any] | None = json.loads(raging.stdout.readline() or "null")
    if told is None:
        raise Problem("the storm's generator failed")
    return told


def _settled(place: Stage, expected: int, since: float) -> tuple[float, float]:
    """Seconds after ``since`` (1970) until all of the storm is stored, and until no day is due any more."""
    deadline = time.time() + _PATIENCE
    stored = 0.0
    while time.time() < deadline:
        if not stored and _count(place, _STORED) >= expected:
            stored = time.time() - since
        if stored and _count(place, _DUE) < 10:  # live readings go on making days due
            return stored, time.time() - since
        time.sleep(0.5)
    raise Problem("the storm does not settle")


def _count(place: Stage, query: str) -> int:
    with psycopg.connect(place.database, autocommit=True) as conn:
        [count] = conn.execute(query.encode()).fetchone() or (0,)
        return int(count)


def _wrong(place: Stage, truth: list[tuple[int, str, int]]) -> int:
    """How many day figures differ from what was walked, are missing or should not be there."""
    with psycopg.connect(place.database) as conn:
        figures = {(device, day): total for device, day, total in conn.execute(_FIGURES)}
    walked = {(device, day): float(steps) for device, day, steps in truth}
    return sum(figures.get(key) != walked.get(key) for key in figures.keys() | walked.keys())
