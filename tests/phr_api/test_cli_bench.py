"""The benches of broker, worker and database, small: that they run, find what is lost and say what was measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

from phr_api.commands import bench_bars
from phr_api.commands.bench_bars import BARS
from phr_api.commands.bench_parts import PARTS


def phr(*arguments: str) -> CompletedProcess[str]:
    return run([sys.executable, "-m", "phr_api.cli", "bench", *arguments], capture_output=True, text=True, timeout=240)


def test_a_quick_bench_measures_this_ingester_beside_the_naive_one(tmp_path: Path) -> None:
    only = [word for part in ("naive", "fast", "copy", "writer", "naive_live") for word in ("--only", part)]
    answer = phr("ingest", "--quick", *only, "--json", f"{tmp_path}/b.json", "--plot", f"{tmp_path}/b.svg")
    assert answer.returncode == 0, answer.stderr
    told = json.loads((tmp_path / "b.json").read_text("utf-8"))
    assert [bar["name"] for bar in json.loads(answer.stdout)] == [bar["name"] for bar in told["bars"]]
    assert {"backlog, fast receive : naive", "writer alone : COPY alone"} <= {bar["name"] for bar in told["bars"]}
    assert all(told["medians"][f"{part}.rate"] > 0 for part in ("naive", "fast", "copy", "writer"))
    assert told["medians"]["fast.cpu_us"] > 0 and told["medians"]["fast.peak_mb"] > 10
    assert 0 < told["medians"]["naive_live.p50"] <= told["medians"]["naive_live.p99"]
    assert (tmp_path / "b.svg").read_text("utf-8").startswith("<svg")
    assert "Ratios are of this one run" in answer.stderr


def test_a_part_that_does_not_exist_is_named_with_those_that_do() -> None:
    answer = phr("ingest", "--only", "turbo")
    assert answer.returncode == 1
    assert "turbo" in answer.stderr and "bundles" in answer.stderr


def test_a_small_storm_loses_nothing_and_its_figures_are_what_was_walked() -> None:
    answer = phr("storm", "--pedometers", "40", "--days", "5", "--seconds", "3", "--rate", "20")
    told = json.loads(answer.stdout)
    # 2 counters with 17 messages a day, 38 pedometers with 16 hours a day
    assert told["readings"] == 2 * 5 * 17 + 38 * 5 * 16
    assert (told["lost"], told["wrong_figures"]) == (0, 0)
    assert told["live_p95_ms"]["alone"] > 0 and told["live_p95_ms"]["in_the_storm"] > 0


def test_rows_compares_the_last_fifth_with_the_first() -> None:
    told = json.loads(phr("rows", "--rows", "25000").stdout)
    assert told["rows"] == 25_000 and len(told["rates"]) == 5
    assert told["last_to_first"] == pytest.approx(told["rates"][-1] / told["rates"][0], abs=0.01)


def test_a_bar_takes_the_median_of_the_rounds_own_ratios() -> None:
    rounds = [
        {"fast.rate": 30_000, "naive.rate": 1000},
        {"fast.rate": 60_000, "naive.rate": 3000},
        {"fast.rate": 26_000, "naive.rate": 1000},
    ]
    [judged] = bench_bars.judged(rounds)
    assert (judged.bar.name, judged.value, judged.met) == ("backlog, fast receive : naive", 26, True)
    assert bench_bars.medians(rounds) == {"fast.rate": 30_000, "naive.rate": 1000}


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.name)
def test_a_bar_is_met_up_to_its_edge_and_not_beyond(bar: bench_bars.Bar) -> None:
    edge = bar.least if bar.least is not None else bar.most
    assert edge is not None and bar.met(edge)
    assert not bar.met(edge * 0.99 if bar.least is not None else edge * 1.01)


def test_every_bar_rests_on_parts_that_are_measured() -> None:
    figures = {f"{part}.{which}": 1.0 for part in PARTS for which in ("rate", "p50", "p95", "p99", "cpu_us", "peak_mb")}
    assert len(bench_bars.judged([figures])) == len(BARS)
