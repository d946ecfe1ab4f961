"""The supervisor of child processes, with real processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from phr_api.children import Children, Service, ending, last_line

STAYS = "import time; time.sleep(600)"


def python(name: str, code: str, **environ: str) -> Service:
    return Service(name=name, command=(sys.executable, "-u", "-c", code), environ=environ)


def eventually(what: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def children(tmp_path: Path, said: list[str]) -> Children:
    return Children(tmp_path, said.append)


def test_a_child_that_dies_is_started_again_and_its_cause_is_told(children: Children, said: list[str]) -> None:
    children.start(python("ingest", "import sys; print('no such broker'); sys.exit(3)"))
    first = children.pids()["ingest"]
    try:
        eventually(lambda: children.tend() or children.pids()["ingest"] != first)
    finally:
        children.stop()
    assert said[0] == "ingest stopped (exit code 3: no such broker); starting it again"


def test_a_killed_child_is_started_again(children: Children, said: list[str]) -> None:
    children.start(python("api", STAYS))
    first = children.pids()["api"]
    try:
        os.kill(first, signal.SIGKILL)
        eventually(lambda: children.tend() or children.pids()["api"] != first)
        assert psutil.pid_exists(children.pids()["api"])
    finally:
        children.stop()
    assert said == ["api stopped (killed by SIGKILL); starting it again"]


def test_a_child_that_dies_again_and_again_waits_longer(children: Children, said: list[str]) -> None:
    children.start(python("api", "raise SystemExit(1)"))
    try:
        eventually(lambda: children.tend() or len(said) >= 3)
    finally:
        children.stop()
    assert [line.rpartition("; ")[2] for line in said[:3]] == ["starting it again", "again in 1 s", "again in 3 s"]


def test_stopping_stops_the_last_started_first(children: Children, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def stop(*_):\n"
        "    with open(ORDER, 'a') as file: file.write(NAME + ' ')\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop); print('ready'); time.sleep(600)"
    )
    for name in ("first", "second", "third"):
        children.start(python(name, f"ORDER, NAME = {str(order)!r}, {name!r}\n{code}"))
        eventually(lambda name=name: last_line(tmp_path / f"{name}.log") == "ready")
    pids = children.pids().values()
    children.stop()
    assert order.read_text() == "third second first "
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


def test_a_child_that_ignores_the_request_to_stop_is_killed(
    children: Children, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phr_api.children._GRACE", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(600)"
    children.start(python("deaf", deaf))
    eventually(lambda: last_line(tmp_path / "deaf.log") == "ready")
    pid = children.pids()["deaf"]
    children.stop()
    assert not psutil.pid_exists(pid)
    assert said[0].startswith("deaf does not stop by itself; killed")


def test_a_child_gets_its_settings_by_environment_and_logs_to_its_own_file(children: Children, tmp_path: Path) -> None:
    children.start(python("api", "import os; print(os.environ['PHR_API_PORT'])", PHR_API_PORT="8123"))
    eventually(lambda: last_line(tmp_path / "api.log") == "8123")
    children.stop()


def test_children_end_with_a_supervisor_that_is_killed_outright(tmp_path: Path) -> None:
    """The kernel tells them (setpriv of util-linux, on every Debian and Ubuntu)."""
    code = (
        "import pathlib, time; from phr_api.children import *\n"
        f"children = Children(pathlib.Path({str(tmp_path)!r}), print)\n"
        f"children.start(Service(name='stays', command=({sys.executable!r}, '-c', {STAYS!r})))\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(children.pids()['stays'])); time.sleep(600)"
    )
    supervisor = psutil.Popen([sys.executable, "-c", code])
    eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    child = psutil.Process(int((tmp_path / "pid").read_text()))
    eventually(lambda: child.cmdline()[0] == sys.executable)  # no longer setpriv, which names it too
    supervisor.kill()
    supervisor.wait()
    eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_an_empty_log_gives_the_code_alone(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n \n")
    assert ending(2, tmp_path / "log") == "exit code 2"
    assert ending(-15, tmp_path / "missing") == "killed by SIGTERM"
