"""The figures of all rounds become medians, and beside each stands the bar that it has to meet. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Figures = Mapping[str, float]  # "fast.rate": readings a second; ".cpu_us" a reading; ".peak_mb"; ".p50" … in ms


@dataclass(frozen=True, slots=True)
class Bar:
    """``least`` or ``most`` is the bar; ``of`` takes one round's figures (KeyError: not measured)."""

    name: str
    of: Callable[[Figures], float]
    least: float | None = None
    most: float | None = None
    unit: str = "×"

    def met(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def says(self) -> str:
        return f"≥ {self.least:g} {self.unit}" if self.least is not None else f"≤ {self.most:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A bar and the median over the rounds."""

    bar: Bar
    value: float
    met: bool


def _ratio(above: str, below: str) -> Callable[[Figures], float]:
    return lambda figures: figures[above] / figures[below]


def _highest(*names: str) -> Callable[[Figures], float]:
    return lambda figures: max(figures[name] for name in names)


BARS = (
    Bar("backlog, public API : naive", _ratio("public.rate", "naive.rate"), least=15),
    Bar("backlog, fast receive : naive", _ratio("fast.rate", "naive.rate"), least=25),
    Bar("bundles of 50 : COPY alone", _ratio("bundles.rate", "copy.rate"), least=0.5),
    Bar("writer alone : COPY alone", _ratio("writer.rate", "copy.rate"), least=0.6),
    Bar("two workers : one", _ratio("workers.rate", "fast.rate"), least=1.4),
    Bar("live at 5,000/s, p50", lambda figures: figures["live.p50"], most=5, unit="ms"),
    Bar("live p99 at 5,000/s : naive p99 at 500/s", _ratio("live.p99", "naive_live.p99"), most=3),
    Bar("CPU a single reading", lambda figures: figures["fast.cpu_us"], most=15, unit="µs"),
    Bar("CPU a reading in bundles", lambda figures: figures["bundles.cpu_us"], most=3, unit="µs"),
    Bar("peak memory, steady", _highest("fast.peak_mb", "bundles.peak_mb", "live.peak_mb"), most=80, unit="MB"),
    Bar("peak memory, database stalled", lambda figures: figures["stall.peak_mb"], most=100, unit="MB"),
)


def medians(rounds: Sequence[Figures]) -> dict[str, float]:
    """Of every figure the median over the rounds."""
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def judged(rounds: Sequence[Figures]) -> list[Judged]:
    """Every bar whose figures were measured: the median of the rounds' values, not a value of medians."""
    found = []
    for bar in BARS:
        try:
            value = median(bar.of(each) for each in rounds)
        except KeyError:
            continue
        found.append(Judged(bar, value, bar.met(value)))
    return found
