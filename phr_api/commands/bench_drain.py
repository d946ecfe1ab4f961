"""How fast a backlog that waits at the broker is drained: filled while the worker is away, its session stands."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg

from phr_api.commands import bench_load
from phr_api.commands.bench_load import Load
from phr_api.commands.bench_process import Contestant, Running, figuring, running
from phr_api.commands.bench_stage import PROGRAMS, Stage
from phr_api.commands.problem import Problem

_PATIENCE = 180.0  # seconds without one more reading

_WHEN = """
select extract(epoch from min(first))::float8, extract(epoch from max(pg_xact_commit_timestamp(xmin)))::float8,
       sum(n)::bigint
  from (select xmin, min(received_at) as first, count(*) as n from health.readings group by xmin) as transactions
"""


@dataclass(frozen=True, slots=True)
class Drained:
    """From the first message received to the last commit (of the client alone: its last acknowledgement)."""

    readings: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of Python's CPU a reading."""
        return self.cpu_seconds / self.readings * 1e6


def drain(stage: Stage, who: Contestant, load: Load, *, workers: int = 1) -> Drained:
    """``workers``: so many processes share the backlog; each one's session stood while it was filled."""
    stage.empty()
    slots = [f"bench-{who.receive}"] * workers  # each takes a number of its own behind it
    with stage.broker() as broker:
        with ExitStack() as absent:
            _start(absent, stage, broker.port, who, slots)
        bench_load.fill(stage, broker.port, load)
        _settle(stage)
        with ExitStack() as there:
            there.enter_context(figuring(stage, broker.port, who))
            started = _start(there, stage, broker.port, who, slots)
            wait_until_stored(stage, load.readings, started)
            first, last, _ = times(stage)
            cpu = sum(one.cpu_between(first, last) for one in started)
    return Drained(load.readings, last - first, cpu, max(one.peak_mb for one in started))


def client_alone(stage: Stage, load: Load, receive: str) -> Drained:
    """The same backlog through the worker's MQTT side, which takes and acknowledges and does nothing else."""
    stage.empty()
    who = Contestant("client alone", (str(PROGRAMS / "client_alone.py"), str(load.messages)), receive)
    with stage.broker() as broker:
        with running(stage, broker.port, who) as absent:
            absent.wait_until_listening()
        bench_load.fill(stage, broker.port, load)
        with running(stage, broker.port, who) as one:
            assert one.process.stdout is not None
            told = json.loads(one.process.stdout.readline() or "null")
            if told is None:
                raise Problem("the client alone did not come to an end")
            cpu = one.cpu_between(told["start"], told["end"])
    return Drained(load.readings, told["end"] - told["start"], cpu, one.peak_mb)


def times(stage: Stage) -> tuple[float, float, int]:
    """First arrival and last commit (seconds since 1970), and how many readings are stored."""
    with psycopg.connect(stage.database) as conn:
        first, last, stored = conn.execute(_WHEN).fetchone() or (0.0, 0.0, 0)
    return first or 0.0, last or 0.0, stored or 0


def _start(  # noqa: PLR0917 - what, where and as whom
    stack: ExitStack, stage: Stage, port: int, who: Contestant, slots: Sequence[str]
) -> list[Running]:
    started = [stack.enter_context(running(stage, port, who, slot=slot)) for slot in slots]
    for one in started:
        one.wait_until_listening()
    return started


def _settle(stage: Stage) -> None:
    """Nothing left to write, and PostgreSQL has noticed that the workers are gone: their slots are free."""
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    with psycopg.connect(stage.database, autocommit=True) as conn:
        while conn.execute(others).fetchone() != (0,):
            time.sleep(0.02)
        conn.execute("checkpoint")


def wait_until_stored(stage: Stage, expected: int, started: Sequence[Running]) -> None:
    """Looks at the table's size, which costs nothing, and counts only when it has stopped growing."""
    size, since = -1, time.monotonic()
    with psycopg.connect(stage.database, autocommit=True) as conn:
        while True:
            time.sleep(0.3)
            [now] = conn.execute("select pg_relation_size('health.readings')").fetchone() or (0,)
            if now == size and conn.execute("select count(*) from health.readings").fetchone() == (expected,):
                return
            size, since = now, since if now == size else time.monotonic()
            if any(one.process.poll() is not None for one in started):
                raise Problem("what is measured ended before everything was stored")
            if time.monotonic() - since > _PATIENCE:
                raise Problem(f"nothing is stored any more, and {expected} readings were sent")
