"""Is anything lost or stored twice? Real processes under load, hit at random moments.

`python benchmarks/faults.py --kind worker|postgres|mosquitto|socket|disk|all|mixed --times 20`

A gateway that knows what the broker acknowledged sends readings with a time, weighings without one and broken payloads.
Meanwhile a fault strikes, again and again: SIGKILL of a worker (of two: the other drains its slot), of PostgreSQL with
all its processes, of Mosquitto, a cut wire between worker and broker, a full disk of the database. At the end every
message must be stored exactly once. Of Mosquitto's SIGKILL what it had on disk counts as kept; what it had acknowledged
and not yet saved is counted as its own loss. A table goes to stderr, JSON to stdout; exit code 1 when a proof fails.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from fault_load import Sender
from fault_proof import Proof, prove
from fault_world import GATEWAY, SECRET, World, world
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

KINDS = ("worker", "postgres", "mosquitto", "socket", "disk")
DISK = 320  # megabytes of the small disk
_MARK = re.compile(rb"tok-(\d{7})")


def strike(kind: str, one: World, sender: Sender, dice: random.Random) -> set[int]:
    """One fault, and what an operator (or compose) does about it. Returns what Mosquitto had not saved by then."""
    excused: set[int] = set()
    if kind == "worker":
        one.kill_worker(dice)
        time.sleep(dice.uniform(0, 5))  # long enough, now and then, for another to take the slot
        one.start_worker()
    elif kind == "postgres":
        one.kill_postgres()
        time.sleep(dice.uniform(0, 2))
        one.start_postgres()
    elif kind == "mosquitto":
        saved = {int(mark) for mark in _MARK.findall(one.kill_mosquitto())}
        excused = set(list(sender.promised)[-2 * one.saved_after :]) - saved
        time.sleep(dice.uniform(0, 1))
        one.start_mosquitto()
    elif kind == "socket":
        one.wire.cut()
    else:
        fill_up(one, dice)
    return excused


def fill_up(one: World, dice: random.Random) -> None:
    """Nothing is free on the database's disk for some seconds."""
    filler = one.folder / "pg" / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 20)):
            pass
    time.sleep(dice.uniform(2, 4))
    filler.unlink(missing_ok=True)
    one.start_postgres()  # it may have given up; else this does nothing


def run(kind: str, strikes: list[str], *, rate: float, seed: int, saved_after: int, progress: Progress) -> Proof:
    """Let these faults strike under load, one after the other; what came of it."""
    dice = random.Random(seed)
    task = progress.add_task(kind, total=len(strikes))
    excused: set[int] = set()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(small="disk" in strikes))
        one = stack.enter_context(world(folder, workers=2 if "worker" in strikes else 1, saved_after=saved_after))
        sender = Sender(one.broker_port, GATEWAY, SECRET, rate)
        sender.start()
        begun = time.monotonic()
        for fault in strikes:
            time.sleep(dice.uniform(0.3, 2.0))
            excused |= strike(fault, one, sender, dice)
            progress.advance(task)
        time.sleep(1)
        sender.finish()
        seconds = time.monotonic() - begun
        return prove(kind, one, sender, excused=excused, times=len(strikes), seconds=seconds)


class _folder:
    """A new folder, removed at the end; ``small``: a disk of its own of ``DISK`` megabytes."""

    def __init__(self, *, small: bool) -> None:
        self._small = small

    def __enter__(self) -> Path:
        self._path = Path(mkdtemp(prefix="phr-faults-"))
        self._path.chmod(0o755)
        if self._small:
            (self._path / "pg").mkdir()
            mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(self._path / "pg")]
            subprocess.run(mount, check=True)
        return self._path

    def __exit__(self, *_: object) -> None:
        if self._small:
            subprocess.run(["umount", "-l", str(self._path / "pg")], check=False)
        rmtree(self._path, ignore_errors=True)


def can_mount() -> bool:
    if os.geteuid():
        return False
    probe = mkdtemp(prefix="phr-faults-")
    try:
        tried = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], capture_output=True)
        return not tried.returncode and not subprocess.run(["umount", probe], capture_output=True).returncode
    finally:
        Path(probe).rmdir()


def show(proofs: list[Proof]) -> None:
    table = Table(title="Faults under load: what was lost, what was stored twice")
    for column in ("fault", "times", "sent", "lost", "stored twice", "broker's own loss", "took over / drained"):
        table.add_column(column, justify="left" if column == "fault" else "right")
    for proof in proofs:
        cells = (proof.times, proof.sent, proof.lost, proof.doubled, proof.brokers_loss, proof.drained)
        table.add_row(proof.kind, *map(str, cells))
    Console(stderr=True).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=[*KINDS, "all", "mixed"], default="all")
    parser.add_argument(
        "--times", type=int, default=20, help="faults of each kind (mixed: of all kinds in one run, in random order)"
    )
    parser.add_argument("--rate", type=float, default=400, help="messages a second")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--saved-after", type=int, default=100, help="Mosquitto saves after so many changes")
    given = parser.parse_args()
    possible = [kind for kind in KINDS if kind != "disk" or can_mount()]
    skipped = [] if "disk" in possible else ["disk: a small disk needs the right to mount one (root)"]
    how = {"rate": given.rate, "seed": given.seed, "saved_after": given.saved_after}
    proofs = []
    with Progress(console=Console(stderr=True)) as progress:
        if given.kind == "mixed":
            strikes = possible * given.times
            random.Random(given.seed).shuffle(strikes)
            proofs.append(run("mixed", strikes, progress=progress, **how))
        for kind in KINDS if given.kind == "all" else [given.kind]:
            if kind in possible:
                proofs.append(run(kind, [kind] * given.times, progress=progress, **how))
    show(proofs)
    sys.stderr.write("".join(f"skipped {why}\n" for why in skipped))
    print(json.dumps({"proofs": [proof.as_json() for proof in proofs], "skipped": skipped}))
    return 0 if all(proof.good for proof in proofs) else 1


if __name__ == "__main__":
    sys.exit(main())
