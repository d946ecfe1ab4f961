"""Load at a broker: `benchmarks/publish.py` as processes of its own, one for each gateway."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
def generator(stage: Stage, *command: str) -> Iterator[Popen[str]]:
    """One program of `benchmarks/` that has said that it is ready; killed at the end if it still runs."""
    process = Popen(
        [sys.executable, str(PROGRAMS / command[0]), *command[1:]],
        stdin=PIPE,
        stdout=PIPE,
        text=True,
        env=environ(stage.database, bench_password=stage.password),
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise Problem("a load generator did not start")
        yield process
    finally:
        process.kill()
        process.communicate()


def go(processes: Iterable[Popen[str]]) -> None:
    """They begin to send."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


@contextmanager
def publishing(stage: Stage, port: int, load: Load, names: Sequence[str] = ()) -> Iterator[list[Popen[str]]]:
    """The load from these gateways (default: all), sending from the block's beginning on."""
    names = names or stage.names
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                generator(
                    stage,
                    "publish.py",
                    f"--port={port}",
                    f"--gateway={name}",
                    f"--count={len(range(part, load.messages, len(names)))}",
                    f"--devices={stage.devices}",
                    f"--bundle={load.bundle}",
                    f"--rate={load.rate / len(names)}",
                )
            )
            for part, name in enumerate(names)
        ]
        go(processes)
        yield processes


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
