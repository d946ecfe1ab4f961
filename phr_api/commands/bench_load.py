"""Load at a broker: `benchmarks/publish.py` as processes of its own, one for each gateway."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import PIPE, Popen

from phr_api.commands.bench_stage import PROGRAMS, Stage, environ
from phr_api.commands.problem import Problem


@dataclass(frozen=True, slots=True)
class Load:
    """So many messages of ``bundle`` readings each, as fast as the broker takes them or at ``rate`` a second."""

    messages: int
    bundle: int = 1
    rate: float = 0

    @property
    def readings(self) -> int:
        return self.messages * self.bundle


@dataclass(frozen=True, slots=True)
class Sent:
    """``start``: seconds since 1970. ``behind_ms``: how late the generator itself was at the worst."""

    start: float
    seconds: float
    behind_ms: float


@contextmanager
def publishing(stage: Stage, port: int, load: Load) -> Iterator[list[Popen[str]]]:
    """The generators, all sending from the block's beginning on; killed at its end if they still run."""
    shares = [len(range(part, load.messages, stage.gateways)) for part in range(stage.gateways)]
    processes = [
        Popen(
            [
                sys.executable,
                str(PROGRAMS / "publish.py"),
                f"--port={port}",
                f"--gateway={name}",
                f"--count={share}",
                f"--devices={stage.devices}",
                f"--bundle={load.bundle}",
                f"--rate={load.rate / stage.gateways}",
            ],
            stdin=PIPE,
            stdout=PIPE,
            text=True,
            env=environ(stage.database, bench_password=stage.password),
        )
        for name, share in zip(stage.names, shares, strict=True)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise Problem("a load generator did not start")
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def sent(processes: list[Popen[str]]) -> Sent:
    """Waits until everything was sent and acknowledged by the broker."""
    told = [json.loads(process.communicate()[0] or "null") for process in processes]
    if None in told:
        raise Problem("a load generator failed")
    start = min(each["start"] for each in told)
    return Sent(
        start,
        max(each["start"] + each["seconds"] for each in told) - start,
        max(each["behind_ms"] for each in told),
    )


def fill(stage: Stage, port: int, load: Load) -> Sent:
    """Publish it all and wait."""
    with publishing(stage, port, load) as processes:
        return sent(processes)
