"""`phr bench advise`: a whole town judged in one night, and whoever is due judged at once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from subprocess import Popen
from typing import Annotated, Any

import psutil
import psycopg
import typer

from advice_engine.run import rules, work_once
from phr_api.commands import bench_advise_alarm, night_shares
from phr_api.commands.bench_advise_town import Town, town
from phr_api.commands.bench_stage import environ
from phr_api.commands.terminal import aside
from store import due
from store.clock import civil_day
from store.pool import open_pool

NIGHT_BAR, MEMORY_BAR, DUE_BAR = 180.0, 2048.0, 1.0  # seconds; MiB; seconds
ALARM_BAR = 5.0  # seconds
DUE, ROUNDS = 100, 5
_MIB = 2**20
_DECIDED = "select count(distinct person_id) from health.decisions"
_ROWS = """
    select (select count(*) from health.days), (select count(*) from health.records),
           (select count(*) from health.readings)
"""


def advise(  # noqa: PLR0917 - the command's options
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 53_198,
    days: Annotated[int, typer.Option(min=1, max=1000, help="So many days of figures each.")] = 400,
    processes: Annotated[int, typer.Option(min=1, help="That share the night. Default: one a core.")] = os.cpu_count()
    or 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="600 people, 60 days: shows that it runs, proves nothing.")
    ] = False,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Disk to measure on; default /var/tmp.")] = None,
) -> None:
    """How long a night takes for the whole town, from facts to committed advice, and what it needs.

    Fills a PostgreSQL of its own: everybody walks, half have a scale, two in five a band, a third a cuff, seven in ten
    two checkups. The first night finds everything new; the next one what a day has changed, while every second somebody
    measures a pressure that is a red flag. Then 100 people are due at once, five times. Filling a town takes some
    minutes and 8 GB of disk. JSON on stdout.

    Example:

      phr bench advise --quick

    Exit code 1 when the slower night takes more than 180 s, memory is over 2 GiB, 100 due people take over 1 s, or a
    red flag is not on the 保健師's list after 5 s.
    """
    people, days = (600, 60) if quick else (people, days)
    now = datetime.now(UTC)
    begun = time.monotonic()
    aside.print(f"filling a town of {people:,} people …")
    with town(data, people, days, today=civil_day(now)) as place:
        filled = time.monotonic() - begun
        found = _measure(place, now, processes) | {"people": people, "days": days, "processes": processes}
    found["filled_s"] = round(filled, 1)
    typer.echo(json.dumps(found))
    if not (quick or found["held"]):
        raise typer.Exit(1)


def _measure(place: Town, now: datetime, processes: int) -> dict[str, Any]:
    first = _night(place, now, processes)
    later = now + timedelta(days=1)
    place.live_on(civil_day(later))
    with bench_advise_alarm.beside(place, later) as alarms:
        second = _night(place, later, processes)
    at_once = _due(place, later + timedelta(hours=1))
    [rows] = _asked(place, _ROWS)
    slower = max(first["seconds"], second["seconds"])
    memory = max(first["peak_mib"]["all"], second["peak_mib"]["all"])
    bars = {"night_s": NIGHT_BAR, "peak_mib": MEMORY_BAR, "due_100_s": DUE_BAR, "red_flag_s": ALARM_BAR}
    found = {"night_s": slower, "peak_mib": memory, "due_100_s": max(at_once), "red_flag_s": max(alarms)}
    met = {name: found[name] <= bar for name, bar in bars.items()}
    return {
        "first_night": first,
        "next_night": second,
        "due_100_s": _spread(at_once),
        "red_flag_s": _spread(alarms) | {"n": len(alarms)},
        "rows": dict(zip(("days", "records", "readings"), rows, strict=True)),
        "bars": bars,
        "met": met,
        "held": all(met.values()) and first["whole"] and second["whole"],
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"median": round(median(seconds), 3), "max": round(max(seconds), 3)}


@dataclass(slots=True)
class _Meter:
    """Looks at the processes of a night while they run: CPU seconds, and the highest memory of all together."""

    postgres: psutil.Process
    shares_s: dict[int, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=lambda: {"all": 0.0, "shares": 0.0, "postgres": 0.0})

    def __call__(self, shares: list[Popen[bytes]]) -> None:
        memory = {"shares": 0.0, "postgres": 0.0}
        for share in shares:
            if share.poll() is None:
                one = psutil.Process(share.pid)
                self.shares_s[share.pid] = sum(one.cpu_times()[:2])
                memory["shares"] += one.memory_info().rss / _MIB
        memory["postgres"] = sum(_own_memory(one) for one in (self.postgres, *self.postgres.children()))
        for name, value in (memory | {"all": sum(memory.values())}).items():
            self.peak[name] = max(self.peak[name], value)

    @property
    def postgres_s(self) -> float:
        """Of the server and all its processes, ended ones too."""
        living = sum(_seconds(one) for one in self.postgres.children())
        return living + sum(self.postgres.cpu_times()[:4])


def _seconds(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:2])
    except psutil.NoSuchProcess:
        return 0.0  # ended since it was found: now it is among its parent's


def _own_memory(process: psutil.Process) -> float:
    """MiB; memory that processes share is counted once among them all."""
    try:
        return float(process.memory_full_info().pss) / _MIB
    except (psutil.NoSuchProcess, psutil.AccessDenied, AttributeError):
        return 0.0


def _night(place: Town, moment: datetime, processes: int) -> dict[str, Any]:
    meter = _Meter(psutil.Process(int((place.postgres / "postmaster.pid").read_text("utf-8").split()[0])))
    before, begun = meter.postgres_s, time.monotonic()
    whole = night_shares.run(environ(place.database, log_level="WARNING"), moment, processes, meter)
    seconds = time.monotonic() - begun
    [(judged,)] = _asked(place, _DECIDED)
    return {
        "seconds": round(seconds, 1),
        "people_a_second": round(judged / seconds),
        "cpu_s": {"shares": round(sum(meter.shares_s.values()), 1), "postgres": round(meter.postgres_s - before, 1)},
        "peak_mib": {name: round(value) for name, value in meter.peak.items()},
        "whole": whole,
    }


def _due(place: Town, now: datetime) -> list[float]:
    """Seconds until 100 people who became due are judged, round by round."""
    rules()
    taken = []
    with open_pool(place.database, size=2, name="phr-bench-due", role="phr_advice") as pool:
        for turn in range(ROUNDS):
            people = [person for (person,) in _asked(place, f"{_SOME} offset {turn * DUE}")]
            with pool.connection() as conn:
                due.mark(conn, "advice", [(person, civil_day(now)) for person in people])
            begun = time.monotonic()
            while work_once(pool, now):
                pass
            taken.append(time.monotonic() - begun)
    return taken


_SOME = f"select person_id from health.people order by hashint8(person_id) limit {DUE}"  # noqa: S608 - a number of ours


def _asked(place: Town, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(place.database, autocommit=True) as conn:
        return conn.execute(query.encode()).fetchall()
