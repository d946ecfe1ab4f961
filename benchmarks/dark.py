"""How long after a consent has ended is anything of it still to be seen? On every path that exists.

`python benchmarks/dark.py`

The demo's town in a database of its own, the API behind real HTTP, the advice worker and the bridge as processes. For
each purpose the citizen gives the consent, every path shows something, then the consent ends: withdrawn by the citizen
(DELETE /api/consents/…), or run out with nobody doing anything. The same for somebody who is invited to act for them
(DELETE /api/entitlements/…). All paths are asked at once until each is dark. JSON goes to stdout, a table to stderr;
exit code 1 when a path was dark too late (60 s) or showed nothing to begin with.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep, time

from dark_paths import PATHS, Path
from dark_world import World, world
from rich.console import Console
from rich.table import Table

BAR_SECONDS = 60.0
LIGHT_SECONDS = 90.0  # so long a path may take to show what was just agreed to
GRACE_SECONDS = 4.0  # how long a consent that runs out by itself is left to the paths, once all of them show something
_WORKERS_NEED = 25.0  # until all paths of a purpose show something, where this run has not measured it yet
_TWICE = 2.0  # what was measured may take so much longer the next time

Purpose = str


@dataclass(frozen=True, slots=True)
class Dark:
    """One path and one ending. ``seconds`` None: it never went dark; ``shown`` False: there was nothing at first."""

    purpose: Purpose
    ending: str
    path: str
    shown: bool
    seconds: float | None

    @property
    def good(self) -> bool:
        return self.shown and self.seconds is not None and self.seconds <= BAR_SECONDS


def withdrawn(at: World, purpose: Purpose) -> list[Dark]:
    """Given until withdrawn, then withdrawn by the citizen: from right before the request."""
    paths = [path for path in PATHS if path.purpose == purpose]
    begun = monotonic()
    given = at.give(purpose)
    shown = _lit(at, paths)
    at.needed[purpose] = _TWICE * (monotonic() - begun)
    begun = monotonic()
    at.take_back(purpose, given)
    return _watch(at, paths, shown, begun, purpose, "withdrawn")


def run_out(at: World, purpose: Purpose) -> list[Dark]:
    """Given with an end that lies ahead; nobody does anything: from the moment of the end.

    The end can't be moved once it is given, so it is put as far ahead as the paths needed to show something before in
    this run; was that not enough, once more with more time.
    """
    paths = [path for path in PATHS if path.purpose == purpose]
    needs = at.needed.get(purpose, _WORKERS_NEED)
    while True:
        end = datetime.now(UTC) + timedelta(seconds=needs + GRACE_SECONDS)
        at.give(purpose, valid_to=end)
        shown = _lit(at, paths, until=end.timestamp())
        sleep(max(0.0, end.timestamp() - time()))
        found = _watch(at, paths, shown, monotonic(), purpose, "ran out")
        if needs >= _WORKERS_NEED or all(one.shown for one in found):
            return found
        needs = _WORKERS_NEED


def _lit(at: World, paths: list[Path], until: float | None = None) -> set[str]:
    """Which paths show something, before the time is over."""
    found: set[str] = set()
    last = until or time() + LIGHT_SECONDS
    while len(found) < len(paths) and time() < last:
        found |= {path.name for path in paths if path.name not in found and path.shows(at)}
        sleep(0.1)
    return found


def _watch(at: World, paths: list[Path], shown: set[str], begun: float, purpose: Purpose, ending: str) -> list[Dark]:  # noqa: PLR0917
    def until_dark(path: Path) -> Dark:
        while path.shows(at):
            if monotonic() - begun > 2 * BAR_SECONDS:
                return Dark(purpose, ending, path.name, path.name in shown, None)
            sleep(0.05)
        return Dark(purpose, ending, path.name, path.name in shown, round(monotonic() - begun, 3))

    with ThreadPoolExecutor(len(paths)) as threads:
        return list(threads.map(until_dark, paths))


def measure(at: World, endings: list[str]) -> list[Dark]:
    found: list[Dark] = []
    for purpose in dict.fromkeys(path.purpose for path in PATHS):
        if "withdrawn" in endings:
            found += withdrawn(at, purpose)
        if "ran out" in endings and purpose != "phr":  # has no period
            found += run_out(at, purpose)
        at.give(purpose)
    return found


def _tell(found: list[Dark]) -> None:
    table = Table("purpose", "ended", "path", "dark after s", "bar s", box=None)
    for one in found:
        seconds = "never" if one.seconds is None else f"{one.seconds:.2f}"
        table.add_row(
            one.purpose, one.ending, one.path, seconds if one.shown else "showed nothing", f"{BAR_SECONDS:.0f}"
        )
    Console(stderr=True).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--ending", choices=["withdrawn", "ran out"], action="append", help="default: both")
    endings = parser.parse_args().ending or ["withdrawn", "ran out"]
    with world() as at:
        found = measure(at, endings)
    _tell(found)
    rows = [
        {"purpose": o.purpose, "ending": o.ending, "path": o.path, "seconds": o.seconds, "shown": o.shown}
        for o in found
    ]
    print(json.dumps({"bar_seconds": BAR_SECONDS, "good": all(one.good for one in found), "paths": rows}))
    return 0 if all(one.good for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
