"""Is anything lost or stored twice? Real processes under load, hit at random moments.

`python benchmarks/faults.py --kind worker|postgres|mosquitto|socket|disk|all --times 20`

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


def strike(kind: str, one: World, dice: random.Random) -> None:
    """One fault, and what an operator (or compose) does about it."""
    if kind == "worker":
        one.kill_worker(dice)
        time.sleep(dice.uniform(0, 5))  # long enough, now and then, for the other to take the slot
        one.start_worker()
    elif kind == "postgres":
        one.kill_postgres()
        time.sleep(dice.uniform(0, 2))
        one.start_postgres()
    elif kind == "mosquitto":
        one.mosquitto.kill()
        one.mosquitto.wait()
        saved = one.broker_config.parent / "state" / "mosquitto.db"
        one.persisted |= {int(mark) for mark in _MARK.findall(saved.read_bytes())} if saved.exists() else set()
        time.sleep(dice.uniform(0, 1))
        one.start_mosquitto()
    elif kind == "socket":
        one.wire.cut()
    else:
        fill_up(one, dice)


def fill_up(one: World, dice: random.Random) -> None:
    """Nothing is free on the database's disk for some seconds."""
    filler = one.folder / "pg" / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 20)):
            pass
    time.sleep(dice.uniform(2, 4))
    filler.unlink(missing_ok=True)
    one.start_postgres()  # it may have given up; else this does nothing


def run(kind: str, *, times: int, rate: float, seed: int, saved_after: int, progress: Progress) -> Proof:
    """Strike ``times`` times under load; what came of it."""
    dice = random.Random(seed)
    task = progress.add_task(kind, total=times)
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(small=kind == "disk"))
        one = stack.enter_context(world(folder, workers=2 if kind == "worker" else 1, saved_after=saved_after))
        sender = Sender(one.broker_port, GATEWAY, SECRET, rate)
        sender.start()
        begun = time.monotonic()
        for _ in range(times):
            time.sleep(dice.uniform(0.3, 2.0))
            strike(kind, one, dice)
            progress.advance(task)
        time.sleep(1)
        sender.finish()
        return prove(kind, one, sender, times=times, seconds=time.monotonic() - begun)


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
    parser.add_argument("--kind", choices=[*KINDS, "all"], default="all")
    parser.add_argument("--times", type=int, default=20, help="faults of each kind")
    parser.add_argument("--rate", type=float, default=400, help="messages a second")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--saved-after", type=int, default=100, help="Mosquitto saves after so many changes")
    given = parser.parse_args()
    proofs, skipped = [], []
    with Progress(console=Console(stderr=True)) as progress:
        for kind in KINDS if given.kind == "all" else [given.kind]:
            if kind == "disk" and not can_mount():
                skipped.append("disk: a small disk needs the right to mount one (root)")
                continue
            proofs.append(
                run(
                    kind,
                    times=given.times,
                    rate=given.rate,
                    seed=given.seed,
                    saved_after=given.saved_after,
                    progress=progress,
                )
            )
    show(proofs)
    sys.stderr.write("".join(f"skipped {why}\n" for why in skipped))
    print(json.dumps({"proofs": [proof.as_json() for proof in proofs], "skipped": skipped}))
    return 0 if all(proof.good for proof in proofs) else 1


if __name__ == "__main__":
    sys.exit(main())
