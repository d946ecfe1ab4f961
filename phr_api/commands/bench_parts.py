"""What `phr bench ingest` measures, part by part: each gives named figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from phr_api.commands import bench_drain, bench_live, bench_table
from phr_api.commands.bench_drain import Drained
from phr_api.commands.bench_load import Load
from phr_api.commands.bench_process import FAST, NAIVE, PUBLIC
from phr_api.commands.bench_stage import Stage
from phr_api.commands.bench_table import Written

BUNDLE = 50
LIVE_RATE, NAIVE_LIVE_RATE, STALL_RATE = 5000, 500, 15_000  # messages a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured: messages, batches of 5,000, seconds."""

    naive: int
    singles: int
    bundles: int
    batches: int
    live: float
    stall: float
    rate: float = 1.0  # of the live rates


FULL = Size(naive=6000, singles=150_000, bundles=12_000, batches=120, live=8, stall=8)
QUICK = Size(naive=200, singles=3000, bundles=60, batches=2, live=1, stall=0.5, rate=0.1)


@dataclass(frozen=True, slots=True)
class Part:
    says: str
    measure: Callable[[Stage, Size], Mapping[str, float]]


def _drained(found: Drained) -> Mapping[str, float]:
    return {"rate": found.rate, "cpu_us": found.cpu_us, "peak_mb": found.peak_mb}


def _written(found: Written) -> Mapping[str, float]:
    return {"rate": found.rate}


PARTS: Mapping[str, Part] = {
    "naive": Part(
        "backlog of single readings, one INSERT and commit each",
        lambda stage, size: _drained(bench_drain.drain(stage, NAIVE, Load(size.naive))),
    ),
    "client": Part(
        "the same backlog, MQTT client alone, no database",
        lambda stage, size: _drained(bench_drain.client_alone(stage, Load(size.singles), "fast")),
    ),
    "public": Part(
        "the same backlog, this ingester with paho's public API",
        lambda stage, size: _drained(bench_drain.drain(stage, PUBLIC, Load(size.singles))),
    ),
    "fast": Part(
        "the same backlog, this ingester with the fast receive path",
        lambda stage, size: _drained(bench_drain.drain(stage, FAST, Load(size.singles))),
    ),
    "workers": Part(
        "the same backlog, two workers on the shared subscription",
        lambda stage, size: _drained(bench_drain.drain(stage, FAST, Load(size.singles), workers=2)),
    ),
    "bundles": Part(
        f"backlog of bundles of {BUNDLE} readings",
        lambda stage, size: _drained(bench_drain.drain(stage, FAST, Load(size.bundles, BUNDLE))),
    ),
    "copy": Part("COPY alone", lambda stage, size: _written(bench_table.copy_alone(stage, size.batches))),
    "writer": Part("the writer alone", lambda stage, size: _written(bench_table.writer_alone(stage, size.batches))),
    "live": Part(
        f"live, {LIVE_RATE} messages a second",
        lambda stage, size: asdict(bench_live.live(stage, FAST, rate=LIVE_RATE * size.rate, seconds=size.live)),
    ),
    "naive_live": Part(
        f"live, {NAIVE_LIVE_RATE} messages a second, one INSERT and commit each",
        lambda stage, size: asdict(bench_live.live(stage, NAIVE, rate=NAIVE_LIVE_RATE * size.rate, seconds=size.live)),
    ),
    "stall": Part(
        f"database stands still while {STALL_RATE} messages a second come",
        lambda stage, size: asdict(bench_live.stalled(stage, FAST, rate=STALL_RATE * size.rate, seconds=size.stall)),
    ),
}
