"""Where a bench plays: a PostgreSQL and a Mosquitto of its own in a temporary folder, and an invented population."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import psycopg

from ingest import broker as mosquitto
from ingest.broker import Broker
from phr_api.commands import interrupts
from phr_api.commands.problem import Problem
from store import embedded, gateways, migrations

PROGRAMS = Path(__file__).resolve().parents[2] / "benchmarks"
_SAVED_AFTER = 10_000_000  # in effect never: a broker that rewrites its state all the time would be what is measured
_ROOMY = Path("/var/tmp")  # by custom on a disk, where /tmp may be memory  # noqa: S108 # nosec B108

# One gateway for each load generator; devices d0, d1, … of each, and one person for each device.
_POPULATION = """
with people as (
    insert into health.people (birth_date, sex)
    select date '1950-01-01', 'female' from generate_series(1, %(gateways)s * %(devices)s) returning person_id
), sources as (
    insert into health.sources (kind, label) select 'device', 'bench' from people returning source_id
)
insert into health.registrations (gateway_id, device, model, person_id, source_id, valid)
select 'bench-' || 1 + (p.n - 1) / %(devices)s, 'd' || (p.n - 1) %% %(devices)s, 'phr_readings', p.person_id,
       s.source_id, tstzrange(now() - interval '400 days', null)
  from (select person_id, row_number() over () as n from people) as p
  join (select source_id, row_number() over () as n from sources) as s using (n)
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """``database`` is a connection string; every gateway of the population has ``password``."""

    database: str
    place: Path
    gateways: int
    devices: int  # of each gateway
    password: str

    def empty(self) -> None:
        """Nothing measured yet, and nothing left to write for the database."""
        with psycopg.connect(self.database, autocommit=True) as conn:
            conn.execute(
                "truncate health.readings, health.last_values, health.due, health.days, health.rejections,"
                " health.arrivals, health.slots, health.stated_times"
            )
            conn.execute("vacuum analyze health.registrations")
            conn.execute("checkpoint")

    @contextmanager
    def broker(self) -> Iterator[Broker]:
        """A fresh broker that knows the population's gateways and the worker."""
        folder = Path(mkdtemp(prefix="broker-", dir=self.place))
        hashed = mosquitto.password_hash(self.password)
        config = mosquitto.prepare(
            folder,
            port=_free_port(),
            gateways=[(name, hashed) for name in self.names],
            ingest_password=self.password,
            saved_after=_SAVED_AFTER,
        )
        with mosquitto.running(config, patience=60) as running:
            yield running

    @property
    def names(self) -> list[str]:
        """The gateways' names."""
        return [f"bench-{number + 1}" for number in range(self.gateways)]


def disk(place: Path | None) -> Path | None:
    """The folder to measure in: ``place``, else /var/tmp, else the system's temporary folder."""
    return place or (_ROOMY if _ROOMY.is_dir() else None)


@contextmanager
def stage(place: Path | None, *, gateways: int = 2, devices: int = 1000) -> Iterator[Stage]:
    """Set up on the disk of ``place`` (default: /var/tmp, else the system's temporary folder); removed at the end."""
    if not PROGRAMS.is_dir():
        raise Problem("the bench's programs are not installed with the package: run it from a checkout of the project")
    interrupts.once()  # broker and database are processes of their own: they stop with us, however we are stopped
    with TemporaryDirectory(prefix="phr-bench-", dir=disk(place)) as folder:
        with embedded.server(Path(folder) / "pg") as uri:
            _remember_commit_times(uri)
        with embedded.server(Path(folder) / "pg") as uri:
            database = embedded.database(uri, "bench")
            migrations.migrate(database)
            made = Stage(database, Path(folder), gateways, devices, secrets.token_urlsafe(16))
            _populate(made)
            yield made


def environ(database: str, **settings: object) -> dict[str, str]:
    """The environment of a worker with these settings (``mqtt_port=…``) and no other of the caller's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PHR_")}
    named = {f"PHR_{name.upper()}": str(value) for name, value in settings.items()}
    return kept | named | {"PHR_DATABASE_URL": database}


def _remember_commit_times(uri: str) -> None:
    # pg_xact_commit_timestamp() then tells of every row when it was committed, at no cost to who writes it
    with psycopg.connect(uri.format(database="postgres"), autocommit=True) as conn:
        conn.execute("alter system set track_commit_timestamp = on")


def _populate(made: Stage) -> None:
    with psycopg.connect(made.database) as conn:
        for name in made.names:
            gateways.add(conn, name, made.password)
        conn.execute(_POPULATION, {"gateways": made.gateways, "devices": made.devices})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
