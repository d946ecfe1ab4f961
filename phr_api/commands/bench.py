"""`phr bench`: measures the product."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from phr_api.commands import (
    bench_advise,
    bench_fuzz,
    bench_gate,
    bench_ingest,
    bench_onboarding,
    bench_rows,
    bench_safety,
    bench_storm,
    bench_walk,
    bench_walk_alarm,
    demo_folder,
    demo_watch,
)
from phr_api.commands.bench_onboarding import Onboarding
from phr_api.commands.bench_walk import Walk
from phr_api.commands.demo_folder import Folder
from phr_api.commands.terminal import aside

BAR_MS = 2000  # p95 from publish to visible
ALARM_BAR_MS = 5000  # the slowest from publish to the 保健師's list
ONBOARDING_BARS_MS = {"stored_ms": 3000, "disconnected_ms": 2000, "refused_ms": 2000}

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Measure the product.")


app.command()(bench_advise.advise)
app.command()(bench_fuzz.fuzz)
app.command()(bench_gate.gate)
app.command()(bench_ingest.ingest)
app.command()(bench_rows.rows)
app.command()(bench_safety.safety)
app.command()(bench_storm.storm)


@app.callback()
def bench() -> None:
    """Measure the product: `walk` while it runs, the others with a broker and a database of their own."""


@app.command()
def walk(
    n: Annotated[int, typer.Option("--n", min=1, max=5000, help="How many readings.")] = 200,
    rate: Annotated[float, typer.Option(min=0.1, max=50, help="At most so many readings a second.")] = 5,
    alarms: Annotated[int, typer.Option(min=1, max=50, help="How many red flags.")] = 10,
    data: Annotated[Path, typer.Option(metavar="DIR", help="A running demo; else a temporary one.")] = Path(".phr"),
) -> None:
    """From a gateway's publish to the citizen's screen, to the judgement that stands on it, and to the nurse's list.

    Publishes weights of one invented citizen through the broker, one after the other, and asks the API as that
    citizen until each is there. Then pressures of 180/110 and more of another one, until each stands on the list of
    people to call; that citizen has a red flag for three days. JSON on stdout, a table on stderr.

    Example:

      phr bench walk --n 50

    Exit code 1 when the p95 to visible is over 2 s, a red flag took over 5 s, or a reading never arrived.
    """
    with _demo(data) as folder:
        walks = bench_walk.measure(folder, n=n, rate=rate)
        listed = bench_walk_alarm.measure(folder, n=alarms)
    alarm_ms = _spread([one for one in listed if one is not None])
    found = {
        "n": n,
        "lost": sum(one.visible is None for one in walks) + sum(one is None for one in listed),
        "visible_ms": _spread([one.visible for one in walks if one.visible is not None]),
        "advice_ms": _spread([one.advice for one in walks if one.advice is not None]),
        "alarm_ms": alarm_ms,
        "bar_p95_ms": BAR_MS,
        "bar_alarm_max_ms": ALARM_BAR_MS,
    }
    typer.echo(json.dumps(found))
    _table(walks, listed)
    late = _spread([one.visible or np.inf for one in walks])["p95"] > BAR_MS or alarm_ms.get("max", 0) > ALARM_BAR_MS
    if found["lost"] or late:
        raise typer.Exit(1)


@app.command()
def onboarding(
    n: Annotated[int, typer.Option("--n", min=1, max=500, help="How many gateways.")] = 20,
    data: Annotated[Path, typer.Option(metavar="DIR", help="A running demo; else a temporary one.")] = Path(".phr"),
) -> None:
    """From a gateway's one-time code to its first stored reading, and from its revocation to the broker's refusal.

    Each gateway redeems its code at the API, connects through TLS, publishes, and is revoked. JSON on stdout.

    Example:

      phr bench onboarding --n 20

    Exit code 1 when the p95 is over 3 s to stored or over 2 s to disconnected or refused.
    """
    with _demo(data) as folder:
        rows = bench_onboarding.measure(folder, n=n)
    spreads = {f"{name}_ms": _spread([getattr(row, name) for row in rows]) for name in Onboarding.__slots__}
    typer.echo(json.dumps({"n": n, **spreads, "bars_p95_ms": ONBOARDING_BARS_MS}))
    if any(spreads[name]["p95"] > bar for name, bar in ONBOARDING_BARS_MS.items()):
        raise typer.Exit(1)


@contextmanager
def _demo(data: Path) -> Iterator[Folder]:
    """The demo that runs in ``data``, or a small one of its own for the length of the block."""
    if (data / demo_folder.MARKER).is_file() and demo_folder.running(demo_folder.find(data)):
        yield demo_folder.find(data)
        return
    aside.print("no demo runs there: starting a small one of my own …")
    with TemporaryDirectory(prefix="phr-bench-") as place:
        command = (sys.executable, "-m", "phr_api.cli", "up", "--people", "6", "--no-live", "--data", f"{place}/demo")
        process = Popen((*command, "--port", "8480", "--mqtt-port", "18830"), stdout=DEVNULL)
        folder = Folder(Path(place).resolve() / "demo")
        try:
            demo_watch.wait(
                lambda: _up(folder), tend=lambda: None, seconds=120, otherwise="the temporary demo does not start"
            )
            yield folder
        finally:
            process.terminate()
            process.wait(60)


def _up(folder: Folder) -> bool:
    return folder.marker.exists() and demo_watch.ready(demo_folder.state(folder).get("api_port", 0))


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds."""
    if not seconds:
        return {}
    p50, p95, most = (round(float(value) * 1000, 1) for value in np.percentile(seconds, (50, 95, 100)))
    return {"p50": p50, "p95": p95, "max": most}


def _table(walks: Sequence[Walk], listed: Sequence[float | None]) -> None:
    table = Table("ms", "p50", "p95", "max", box=None)
    for name, values in (
        ("publish to visible", [one.visible for one in walks if one.visible is not None]),
        ("publish to advice", [one.advice for one in walks if one.advice is not None]),
        ("red flag to the nurse's list", [one for one in listed if one is not None]),
    ):
        table.add_row(name, *(f"{value:.1f}" for value in _spread(values).values()))
    aside.print(table)
