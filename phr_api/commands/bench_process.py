"""A program under measurement: its life, its CPU time and its memory."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import NamedTemporaryFile

import numpy as np
import psutil

from phr_api.commands.bench_stage import PROGRAMS, Stage, environ
from phr_api.commands.problem import Problem

_EVERY = 0.02  # seconds between two looks at the CPU time


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program that reads the broker: ``command`` behind the Python interpreter, and its settings.

    ``figured``: the figures worker runs beside it, as in the product, and takes its share of the machine.
    """

    name: str
    command: tuple[str, ...]
    receive: str = "fast"
    figured: bool = False


FAST = Contestant("ingest, fast receive", ("-m", "ingest"), figured=True)
PUBLIC = Contestant("ingest, paho's public API", ("-m", "ingest"), "public", figured=True)
FIGURES = Contestant("day figures", ("-m", "ingest.figures"))
NAIVE = Contestant("naive", (str(PROGRAMS / "naive.py"),))


@dataclass(slots=True)
class Running:
    """A contestant's process. ``looks``: (seconds since 1970, CPU seconds so far)."""

    process: Popen[str]
    log: Path
    looks: list[tuple[float, float]] = field(default_factory=list)
    peak_mb: float = 0.0

    def wait_until_listening(self, patience: float = 60) -> None:
        deadline = time.monotonic() + patience
        while "listening" not in self.log.read_text("utf-8"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                last = self.log.read_text("utf-8").strip().splitlines()[-1:]
                raise Problem(f"what is to be measured did not start: {' '.join(last)}")
            time.sleep(0.02)

    def cpu_between(self, start: float, end: float) -> float:
        """CPU seconds used in that time (seconds since 1970)."""
        moments, seconds = zip(*self.looks, strict=True)
        before, after = np.interp([start, end], moments, seconds)
        return float(after - before)


@contextmanager
def running(
    stage: Stage, port: int, who: Contestant, *, slot: str = "bench", extra: Sequence[str] = ()
) -> Iterator[Running]:
    """Start it, watch it, and kill it at the end: what it has not acknowledged is the broker's to keep."""
    env = environ(
        stage.database,
        mqtt_port=port,
        mqtt_password=stage.password,
        mqtt_slot=slot,
        ingest_receive=who.receive,
        metrics_port=0,
        log_level="INFO",
    )
    with NamedTemporaryFile(dir=stage.place, suffix=".log") as log:
        process = Popen([sys.executable, *who.command, *extra], stdout=PIPE, stderr=log, text=True, env=env)
        one, done = Running(process, Path(log.name)), threading.Event()
        watch = threading.Thread(target=_watch, args=(one, done), name="watch")
        watch.start()
        try:
            yield one
        finally:
            done.set()
            watch.join()
            one.peak_mb = max(one.peak_mb, _high_water_mb(process.pid))
            process.kill()
            process.communicate()


@contextmanager
def figuring(stage: Stage, port: int, who: Contestant) -> Iterator[None]:
    """The figures worker beside ``who`` where the product has it."""
    with ExitStack() as stack:
        if who.figured:
            stack.enter_context(running(stage, port, FIGURES))
        yield


def _high_water_mb(pid: int) -> float:
    """What Linux remembers as the highest resident set; 0 where nothing remembers it."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _watch(one: Running, done: threading.Event) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(one.process.pid)
        while not done.wait(_EVERY):
            times = process.cpu_times()
            one.looks.append((time.time(), times.user + times.system))
            one.peak_mb = max(one.peak_mb, process.memory_info().rss / 1e6)
