"""`phr bench ingest`: this ingester beside the obvious one, the client alone and COPY alone, in one run."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from phr_api.commands import bench_bars, bench_plot
from phr_api.commands.bench_bars import Judged
from phr_api.commands.bench_parts import FULL, PARTS, QUICK, Size
from phr_api.commands.bench_stage import Stage, stage
from phr_api.commands.problem import Problem
from phr_api.commands.terminal import aside


def ingest(  # noqa: PLR0917 - the command's options
    rounds: Annotated[int, typer.Option(min=1, max=20, help="Each part so many times; medians are shown.")] = 3,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="PART", help=f"Measure these alone: {', '.join(PARTS)}.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Seconds instead of minutes; proves nothing.")] = False,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Disk to measure on; default /var/tmp.")] = None,
    to_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Every figure of every round.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="A picture, .svg or .png.")] = None,
) -> None:
    """Readings a second, time to the commit, CPU and memory, each beside its bar.

    Starts a Mosquitto and a PostgreSQL (fsync on) of its own in a temporary folder and runs the real worker
    (`python -m ingest`), a plain paho client with one INSERT and commit a message, the MQTT client alone and COPY
    alone, one after the other, `--rounds` times. Nothing of a running demo is touched.

    **Trust the ratios**, which come from one run on one machine; the absolute numbers are this machine's.

    Examples:

      phr bench ingest --json bench.json --plot bench.svg

      phr bench ingest --only naive --only fast --rounds 1

    Exit code 1 when a bar is not met (never with `--quick`). The whole takes about eight minutes.
    """
    parts = _parts(only)
    rounds = 1 if quick else rounds
    with stage(data) as place:
        found = _measure(place, QUICK if quick else FULL, parts, rounds)
    judged = bench_bars.judged(found)
    if to_json:
        to_json.write_text(json.dumps(_report(found, judged, quick), indent=1, ensure_ascii=False) + "\n", "utf-8")
    if plot:
        bench_plot.save(bench_bars.medians(found), plot)
    typer.echo(json.dumps(_report(found, judged, quick)["bars"], ensure_ascii=False))
    _show(bench_bars.medians(found), judged)
    if not quick and not all(each.met for each in judged):
        raise typer.Exit(1)


def _parts(only: list[str] | None) -> list[str]:
    unknown = sorted(set(only or ()) - set(PARTS))
    if unknown:
        raise Problem(f"no part is called {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    return [name for name in PARTS if not only or name in only]


def _measure(place: Stage, size: Size, parts: list[str], rounds: int) -> list[dict[str, float]]:
    """The rounds are interleaved: a slow minute of the machine hits every part, not one of them."""
    found: list[dict[str, float]] = [{} for _ in range(rounds)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=aside, transient=True) as progress:
        task = progress.add_task("", total=rounds * len(parts))
        for figures in found:
            for name in parts:
                progress.update(task, description=PARTS[name].says)
                measured = PARTS[name].measure(place, size)
                figures.update({f"{name}.{which}": float(value) for which, value in measured.items()})
                progress.advance(task)
    return found


def _report(found: list[dict[str, float]], judged: list[Judged], quick: bool) -> dict[str, Any]:
    return {
        "machine": {"cores": psutil.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "quick": quick,
        "bars": [
            {"name": each.bar.name, "value": round(each.value, 3), "bar": each.bar.says, "met": each.met}
            for each in judged
        ],
        "medians": bench_bars.medians(found),
        "rounds": found,
    }


def _show(figures: dict[str, float], judged: list[Judged]) -> None:
    measured = Table("", "readings/s", "p50 ms", "p95", "p99", "µs CPU each", "peak MB", box=None)
    for name in dict.fromkeys(key.partition(".")[0] for key in figures):
        fields = ("rate", "p50", "p95", "p99", "cpu_us", "peak_mb")
        measured.add_row(PARTS[name].says, *(_number(figures.get(f"{name}.{field}")) for field in fields))
    aside.print(measured)
    bars = Table("", "measured", "bar", "", box=None)
    for each in judged:
        met = "[green]met[/]" if each.met else "[red]not met[/]"
        bars.add_row(each.bar.name, f"{_number(each.value)} {each.bar.unit}", each.bar.says, met)
    aside.print(bars)
    aside.print("Ratios are of this one run; the absolute numbers are this machine's, at this hour.")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
