"""`phr up`: the whole product on this machine, with an invented town living in it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from ingest.broker import Tls, prepare
from phr_api import town, town_seed
from phr_api.children import Children, last_line
from phr_api.commands import demo_database, demo_folder, demo_services, demo_tls, demo_watch, demo_welcome, interrupts
from phr_api.commands.demo_feed import Feed
from phr_api.commands.demo_folder import Folder
from phr_api.commands.own_name import phr
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import console
from store import gateways, migrations, sealing_keys
from store.clock import civil_day
from store.pool import open_pool

_READY_SECONDS = 60


def up(
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="The folder of this demo's whole state.")] = Path(".phr"),
    port: Annotated[int, typer.Option(help="Port of the pages and the API; a taken one: the next free.")] = 8080,
    mqtt_port: Annotated[int, typer.Option(help="Port of the broker; a taken one: the next free.")] = 1883,
    mqtt_tls_port: Annotated[int, typer.Option(help="Its port for TLS; a taken one: the next free.")] = 8883,
    fresh: Annotated[bool, typer.Option("--fresh", help="Remove this demo's data first.")] = False,
    people: Annotated[int, typer.Option(min=1, max=2000, help="How many invented people, at the first start.")] = 60,
    live: Annotated[bool, typer.Option(help="Let the town's devices go on measuring.")] = True,
) -> None:
    """Run the whole product with a small invented town, until Ctrl-C.

    PostgreSQL, broker, gatekeeper, ingest, figures, bridge, advice, API and pages, all as children of this command.
    The first start makes the town (people, devices, 90 days of readings, checkups); the next ones continue it.

    Examples:

      phr up

      phr up --people 12 --port 9000 --data /tmp/phr-demo

      phr up --fresh
    """
    program = demo_services.mosquitto()
    folder = demo_folder.prepare(data, fresh=fresh)
    interrupts.once()
    with demo_folder.lock(folder):
        try:
            with ExitStack() as stack:
                children = _start(folder, stack, program=program, ports=(port, mqtt_port, mqtt_tls_port), people=people)
                _show(folder, children, live=live, wanted=(port, mqtt_port))
        except KeyboardInterrupt:
            again = f"`{phr()} up --data {folder.path}` continues it, --fresh starts over"
            console.print(f"stopped; everything is kept in {folder.path} ({again})")


def _start(folder: Folder, stack: ExitStack, *, program: str, ports: tuple[int, int, int], people: int) -> Children:
    """Everything up to the API's first answer. ``stack`` stops it, last started first."""
    demo_watch.stop_leftovers(folder, console.print)
    url = stack.enter_context(demo_database.started(folder, console.print))
    _settle(folder, url, people)
    api_port = demo_folder.free_port(ports[0])
    mqtt_port = demo_folder.free_port(ports[1], taken=(api_port,))
    tls_port = demo_folder.free_port(ports[2], taken=(api_port, mqtt_port))
    demo_folder.remember(folder, api_port=api_port, mqtt_port=mqtt_port, mqtt_tls_port=tls_port)
    broker_log = folder.logs / "broker.log"
    heard = broker_log.stat().st_size if broker_log.exists() else 0
    children = Children(folder.logs, lambda line: console.print(f"! {line}", markup=False))
    stack.callback(children.stop)
    children.start(demo_services.broker(program, _broker_config(folder, url, mqtt_port, tls_port)))
    told = {"api_port": api_port, "mqtt_port": mqtt_port, "tls_port": tls_port}
    for service in demo_services.workers(folder, url=url, **told):
        children.start(service)
    demo_watch.note_children(folder, children.pids())
    _wait(folder, children, api_port, heard)
    return children


def _wait(folder: Folder, children: Children, api_port: int, heard: int) -> None:
    """Until the ingest worker is at the broker (before its first visit nothing is kept for it) and the API answers."""
    demo_watch.wait(
        lambda: demo_watch.said_since(folder.logs / "broker.log", heard, " as ingest-1 "),
        tend=children.tend,
        seconds=_READY_SECONDS,
        otherwise=f"ingest does not reach the broker: {last_line(folder.logs / 'ingest.log')}",
    )
    demo_watch.wait(
        lambda: demo_watch.ready(api_port),
        tend=children.tend,
        seconds=_READY_SECONDS,
        otherwise=f"the API does not answer after {_READY_SECONDS} s: {last_line(folder.logs / 'api.log')}",
    )


def _settle(folder: Folder, url: str, people: int) -> None:
    """A migrated database with the town in it. What an interrupted start left half done is made anew."""
    known = demo_folder.state(folder)
    if known.get("seeded_at"):
        _migrate(url)
        if people not in (known["people"], town.PEOPLE):
            console.print(f"this demo has {known['people']} people; --people counts only at its first start (--fresh)")
        return
    demo_database.renew(url)
    _migrate(url)
    now = datetime.now(UTC)
    _seed(folder, url, people, now)
    demo_folder.remember(folder, people=people, seed=town.SEED, seeded_at=now.isoformat())


def _migrate(url: str) -> None:
    migrations.migrate(url)
    with psycopg.connect(url) as conn:
        sealing_keys.prepare(conn)


def _seed(folder: Folder, url: str, people: int, now: datetime) -> None:
    residents = town.residents(civil_day(now), people)
    columns = (TextColumn("making the town: {task.description}"), BarColumn(), MofNCompleteColumn())
    with open_pool(url, name="phr-seed") as pool, Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        passwords = demo_services.gateway_passwords(folder, town_seed.names(residents))
        town_seed.seed(
            pool, residents, passwords=passwords, now=now, number=town.SEED, records=folder.records, tell=tell
        )


def _broker_config(folder: Folder, url: str, port: int, tls_port: int) -> Path:
    with psycopg.connect(url) as conn:
        known = gateways.all_live(conn)
    password = demo_services.ingest_password(folder).read_text("utf-8")
    made = demo_tls.certificates(folder.broker)
    return prepare(
        folder.broker, port=port, gateways=known, ingest_password=password, tls=Tls(made.cert, made.key, tls_port)
    )


def _show(folder: Folder, children: Children, *, live: bool, wanted: tuple[int, int]) -> None:
    """The table, then one line a reading, until the interrupt."""
    if live:
        children.start(demo_services.simulator(folder))
    demo_welcome.show(console, folder, demo_welcome.first_persona(folder), wanted)
    url = (folder.secrets / "database_url").read_text("utf-8")
    noted: dict[str, int] = {}
    try:
        with psycopg.connect(url, autocommit=True) as conn:
            feed = Feed(conn)
            while True:
                children.tend()
                if children.pids() != noted:
                    noted = children.pids()
                    demo_watch.note_children(folder, noted)
                for line in feed.lines():
                    console.print(line, markup=False)
                time.sleep(0.5)
    except psycopg.OperationalError:
        raise Problem(f"PostgreSQL has stopped: {last_line(folder.database / 'log')}") from None
