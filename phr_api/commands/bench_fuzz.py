"""`phr bench fuzz`: hostile payloads against every device format, as ingest would take them in."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import thread_time
from typing import Annotated

import typer
from rich.progress import track
from rich.table import Column, Table

from devices.catalogue import models
from devices.mangle import payloads
from devices.model import Model
from ingest.decode import decode
from ingest.message import Message
from ingest.placing import CLOCK_AHEAD, OLDEST
from phr_api.commands.terminal import aside
from store.clock import JST
from store.metrics import METRICS
from store.model import NotUnderstood, Reading, Registration

SLOWEST_MS = 50.0
_ARRIVAL = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@dataclass(slots=True)
class Found:
    """What became of the payloads of one format. ``faults``: each a sentence, with the payload to try again."""

    model: str
    n: int = 0
    readings: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0  # of processor time: what else the machine does is not the format's fault
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def fuzz(
    n: Annotated[int, typer.Option("--n", min=1, help="How many payloads for each format.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same payloads.")] = 0,
    model: Annotated[str, typer.Option(help="One format alone, by its id.")] = "",
) -> None:
    """Throw hostile payloads at every device format: each must give plausible readings or a refusal.

    Bit flips, cuts, swapped fields, huge numbers, deep and doubled JSON, broken text.
    JSON on stdout, a table on stderr.

    Example:

      phr bench fuzz --n 2000

    Exit code 1 when a format failed in any other way, or took longer than 50 ms for one payload.
    """
    chosen = [each for each in models().values() if model in ("", each.id)]
    if not chosen:
        raise typer.BadParameter(f"known formats: {', '.join(models())}", param_hint="--model")
    gc.freeze()  # a collection over all that `phr` has loaded would count as the format's time
    results = [
        attack(each, track(payloads(each, n, seed), each.id, total=n, console=aside, transient=True)) for each in chosen
    ]
    gc.unfreeze()
    typer.echo(json.dumps([_told(found) for found in results]))
    aside.print(_table(results))
    if any(found.faults or found.slowest_ms > SLOWEST_MS for found in results):
        raise typer.Exit(1)


def attack(model: Model, hostile: Iterable[bytes]) -> Found:
    """Decode each as ingest does, on a device that is registered with this format."""
    found = Found(model.id)
    known = [Registration(1, "gw", "d", model.id, 7, None, 70, _ARRIVAL - timedelta(days=900), None)]
    for payload in hostile:
        found.n += 1
        fault = _error(model, payload, found)
        outcome = decode(Message("phr/v1/gw/d", payload, _ARRIVAL), known, {})
        taken = outcome.taken
        found.readings += len(taken)
        fault = fault or next((bad for bad in map(_implausible, taken) if bad), "")
        if not taken and outcome.rejection is None:
            fault = fault or "neither a reading nor a refusal"
        if outcome.rejection is not None:
            found.reasons[outcome.rejection.reason] += 1
        if fault:
            found.faults.append(f"{fault}: {payload[:400]!r}")
    return found


def _error(model: Model, payload: bytes, found: Found) -> str:
    """Which error the format let through, if any; ingest would keep the message as ``decoder_failed``."""
    began = thread_time()
    try:
        model.decode(payload, JST)
    except NotUnderstood:
        pass
    except Exception as error:
        return type(error).__name__
    finally:
        took = thread_time() - began
        found.seconds += took
        found.slowest_ms = max(found.slowest_ms, took * 1000)
    return ""


def _implausible(reading: Reading) -> str:
    metric = METRICS.get(reading.metric)
    if metric is None or not metric.low <= reading.value <= metric.high:
        return "a reading outside its plausible range"
    if not _ARRIVAL - OLDEST - timedelta(days=1) <= reading.at <= _ARRIVAL + CLOCK_AHEAD:
        return "a reading at an impossible time"
    return ""


def _told(found: Found) -> dict[str, object]:
    return {
        "model": found.model,
        "payloads": found.n,
        "readings": found.readings,
        "refused": dict(found.reasons.most_common()),
        "slowest_ms": round(found.slowest_ms, 2),
        "mean_us": round(found.seconds / max(found.n, 1) * 1e6, 1),
        "faults": found.faults[:20],
    }


def _table(results: Iterable[Found]) -> Table:
    table = Table(
        Column("format", no_wrap=True),
        "payloads",
        "readings",
        "refused",
        "reasons",
        "mean µs",
        "slowest ms",
        "faults",
        box=None,
    )
    for found in results:
        numbers = (found.n, found.readings, found.reasons.total(), len(found.reasons))
        took = (f"{found.seconds / max(found.n, 1) * 1e6:.1f}", f"{found.slowest_ms:.2f}", str(len(found.faults)))
        table.add_row(found.model, *(f"{number:,}" for number in numbers), *took)
    return table
