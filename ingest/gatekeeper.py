"""`python -m ingest.gatekeeper FOLDER`: keeps the broker's password file as the registered gateways are.

A gateway that is new, has a new secret or is revoked is so at the running broker within a second: a commit wakes us
(NOTIFY ``phr_gateways``), we write the file and send Mosquitto SIGHUP. It then cuts whoever's password no longer
holds and leaves all others connected (measured with 2.0.11). Run it beside the broker: it needs the broker's folder
and must be allowed to signal the process in ``mosquitto.pid`` (same user). A broker in a container of its own sends
itself the signal (compose.yaml): it touches ``begun`` when it starts and waits for the file ``reload``, which we make.
Sharing its process namespace would be shorter, and end us with it: the engine does not start us again while the broker
is away, and once it is back nobody lets its gateways in.

Who comes in with a renewed secret is read off the broker's log: from then on the old one has an hour.

With ``--closed-at-start`` gateways come in only once an ingest worker has subscribed at the broker that runs. Mosquitto
does not save shared subscriptions, so what a gateway sends before that is acknowledged and kept by nobody. It is for a
broker that starts with ``passwords.closed`` in the place of ``passwords`` (compose.yaml).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

import psutil
import psycopg

from ingest import broker, coming
from store import gateways, pool, slots, worker
from store.settings import Settings

CHANNEL = "phr_gateways"
ROLE = "phr_gatekeeper"

BEGUN, RELOAD = "begun", "reload"  # files of a broker that signals itself

_SETTLED = 1.0  # seconds after which a broker that just started has read its files and hears signals
_PAUSE = 0.25  # between two reloads: a street of new gateways is one reload, not thirty

log = logging.getLogger("ingest.gatekeeper")


@dataclass(slots=True)
class Gatekeeper:
    """What the broker in ``folder`` was last told. ``poll``: seconds after which we look although nobody called."""

    folder: Path
    ingest_password: str
    poll: float = 10.0
    closed_at_start: bool = False
    _written: list[tuple[str, str]] | None = None
    _told: tuple[int | None, float] | None = field(default=None)  # which broker process has heard of what is written
    _read: int = 0  # octets of the broker's log

    def watch(self, conn: psycopg.Connection, stop: Event) -> None:
        """Until ``stop``. ``conn`` is in autocommit mode."""
        conn.execute(f"listen {CHANNEL}")
        while not stop.is_set():
            self._listen(conn)
            live = gateways.all_live(conn)
            if not (self._may_open(conn) and self.tell(live)):
                stop.wait(_PAUSE)  # the broker is just starting: it is told as soon as it can hear
                continue
            stop.wait(_PAUSE)
            self._wait(conn, stop)

    def _listen(self, conn: psycopg.Connection) -> None:
        """Who came in since we last looked."""
        names, self._read = coming.since(self.folder / broker.LOG_FILE, self._read)
        renewed = {name for name in names if gateways.gateway_of(name) != name}
        if renewed and gateways.heard(conn, renewed):
            log.info("a renewed secret is in use")

    def _may_open(self, conn: psycopg.Connection) -> bool:
        """Whether whoever comes in now is heard."""
        if not self.closed_at_start:
            return True
        running = broker_process(self.folder)
        if running is not None and running == self._told:
            return True
        self._written = None  # the broker began with a file that lets nobody in
        age = time.time() - running[1] if running else 0.0
        return age > _SETTLED and slots.any_subscribed(conn, within=age)

    def tell(self, live: Sequence[tuple[str, str]]) -> bool:
        """Let these in and nobody else; False when the broker that runs can't be told yet."""
        if self._written != live:
            broker.admit(self.folder, live, self.ingest_password)
            self._written, self._told = list(live), None
            log.info("%d gateways may come in", len(live))
        running = broker_process(self.folder)
        if running is None or running == self._told:
            return True  # who starts later reads the file
        if time.time() - running[1] < _SETTLED:
            return False
        _signal(self.folder, running[0])
        self._told = running
        return True

    def _wait(self, conn: psycopg.Connection, stop: Event) -> None:
        until = monotonic() + (min(self.poll, _SETTLED) if self.closed_at_start else self.poll)
        while not stop.is_set() and monotonic() < until:
            if list(conn.notifies(timeout=0.5, stop_after=1)):
                return


def _signal(folder: Path, process: int | None) -> None:
    if process is None:
        (folder / RELOAD).touch()
    else:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGHUP)


def broker_process(folder: Path) -> tuple[int | None, float] | None:
    """Process id and start of the Mosquitto that runs on this folder; None when none does.

    One that signals itself has no number here, and its start is known: whether it still runs is not, and needs not be.

    A broker that was killed leaves its pid file behind, and the number may be another program's by now.
    """
    with suppress(FileNotFoundError):
        return None, (folder / BEGUN).stat().st_mtime
    with suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int((folder / broker.PID_FILE).read_text("ascii")))
        if process.name() == "mosquitto":
            return process.pid, process.create_time()
    return None


def main() -> int:
    """0: stopped as told; 2: called wrongly, or a setting is missing."""
    words = [word for word in sys.argv[1:] if word != "--closed-at-start"]
    if len(words) != 1:
        sys.stderr.write("usage: python -m ingest.gatekeeper [--closed-at-start] FOLDER\n")
        return 2
    given = worker.begin("database_url", "mqtt_password", role=ROLE)
    stop = worker.told_to_stop()
    keep(given, Path(words[0]), stop, closed_at_start=len(sys.argv) > 2)
    return 0


def keep(given: Settings, folder: Path, stop: Event, *, closed_at_start: bool = False) -> None:
    """Watch until ``stop``; while the database is away nobody's access changes."""
    keeper = Gatekeeper(folder, given.mqtt_password, closed_at_start=closed_at_start)
    while not stop.is_set():
        try:
            with pool.alone(given.database_url, "ingest-gatekeeper", role=ROLE) as conn:
                keeper.watch(conn, stop)
        except psycopg.Error as fault:
            log.warning("the database can't be asked (%s); gateways stay as they are", type(fault).__name__)
            stop.wait(1)


if __name__ == "__main__":
    sys.exit(main())
