"""Runs child processes: each with a log of its own; starts again what dies; stops all, last started first."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

_QUICK = 60.0  # a child that lived longer than these seconds starts again at once
_LONGEST_WAIT = 30.0
_GRACE = 15.0  # seconds a child has to stop by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One program to keep running. Secrets belong into files named in ``environ``, never into ``command``."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Child:
    """A service's process, and how often it has died in a row."""

    service: Service
    log: Path
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    due: float | None = None  # when to start again


class Children:
    """The children of one supervisor. ``say`` gets one line for people whenever a child died."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._children: list[Child] = []

    def start(self, service: Service) -> None:
        """Run ``service`` from now on."""
        log = self._logs / f"{service.name}.log"
        self._children.append(Child(service, log, _spawn(service, log), time.monotonic()))

    def pids(self) -> dict[str, int]:
        """Process id of every child by name."""
        return {child.service.name: child.process.pid for child in self._children}

    def tend(self) -> None:
        """Start again what has died. Call it about every second."""
        now = time.monotonic()
        for child in self._children:
            if child.due is None and child.process.poll() is not None:
                self._mourn(child, now)
            if child.due is not None and now >= child.due:
                child.process, child.started, child.due = _spawn(child.service, child.log), now, None

    def _mourn(self, child: Child, now: float) -> None:
        child.deaths = 1 if now - child.started > _QUICK else child.deaths + 1
        wait = min(_LONGEST_WAIT, 2.0 ** (child.deaths - 1) - 1)
        child.due = now + wait
        again = f"again in {wait:.0f} s" if wait else "starting it again"
        self._say(f"{child.service.name} stopped ({ending(child.process.returncode, child.log)}); {again}")

    def stop(self) -> None:
        """Stop every child, the last started first; who does not stop by itself is killed."""
        for child in reversed(self._children):
            with suppress(ProcessLookupError):
                child.process.terminate()
            try:
                child.process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                self._say(f"{child.service.name} does not stop by itself; killed (log: {child.log})")
                child.process.kill()
                child.process.wait()
        self._children.clear()


def ending(code: int | None, log: Path) -> str:
    """How a process ended, and the last line of its log."""
    how = f"killed by {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"
    last = last_line(log)
    return f"{how}: {last}" if last else how


def last_line(log: Path) -> str:
    """The last line of a log that says something, cut to 160 characters."""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines()]
        return next((line[:160] for line in reversed(lines) if line), "")
    return ""


def _spawn(service: Service, log: Path) -> subprocess.Popen[bytes]:
    """Start the process in a session of its own: Ctrl-C at the terminal reaches the supervisor alone.

    Where the system can (util-linux), the kernel stops the child should the supervisor be killed outright.
    """
    tied = ("setpriv", "--pdeathsig", "TERM", "--") if which("setpriv") else ()
    with log.open("ab") as out:
        return subprocess.Popen(
            (*tied, *service.command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **service.environ},
        )
