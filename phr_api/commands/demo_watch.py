"""Is the demo up, and did an earlier one leave programs behind?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from phr_api.commands.demo_folder import Folder
from phr_api.commands.problem import Problem

_CHILDREN = "children.json"


def ready(port: int) -> bool:
    """Whether the API answers and reaches its database."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def said_since(log: Path, start: int, words: str) -> bool:
    """Whether a log holds these words after its first ``start`` bytes."""
    if not log.exists():
        return False
    with log.open("rb") as file:
        file.seek(start)
        return words.encode() in file.read()


def wait(what: Callable[[], bool], *, tend: Callable[[], None], seconds: float, otherwise: str) -> None:
    """Wait until ``what`` holds, tending the children; after ``seconds`` raise a Problem that says ``otherwise``."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise Problem(otherwise)
        tend()
        time.sleep(0.1)


def note_children(folder: Folder, pids: Mapping[str, int]) -> None:
    """Remember which processes run, with their start times, in case this one is killed outright."""
    known = [(name, pid, _started(pid)) for name, pid in pids.items()]
    (folder.path / _CHILDREN).write_text(json.dumps(known), "utf-8")


def stop_leftovers(folder: Folder, say: Callable[[str], None]) -> None:
    """Stop what a killed `phr up` left running in this folder. Hold the folder's lock."""
    file = folder.path / _CHILDREN
    if not file.exists():
        return
    left = [(name, pid) for name, pid, started in json.loads(file.read_text("utf-8")) if _started(pid) == started]
    for name, pid in left:
        say(f"{name} still runs from a demo that was killed: stopping it")
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            process.terminate()
            _, alive = psutil.wait_procs([process], timeout=10)
            for one in alive:
                one.kill()
    file.unlink()


def _started(pid: int) -> float | None:
    """When the process with this id started; None when there is none."""
    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return None
