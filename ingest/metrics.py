"""What an ingest worker counts, for Prometheus. Counted once a batch; read when somebody asks. No health value.

The registry is the meter's own: nothing of the process's global one is touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg_pool import ConnectionPool

from ingest.decode import Outcome
from ingest.inbox import Inbox

_SLUG = re.compile(r"[a-z0-9_]{1,40}")
_MOST_REASONS = 64  # a decoder's words are ours, but a label's values are for ever
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class Session:
    """An MQTT session that this worker reads: its own slot's (``listens``) or one that it drains."""

    slot: str
    inbox: Inbox
    listens: bool


class Meter:
    """Counts of one worker. ``backlog`` says how many messages the broker holds, None when it does not tell."""

    def __init__(self, pool: ConnectionPool, backlog: Callable[[], float | None] = lambda: None) -> None:
        self.registry = CollectorRegistry()
        self.sessions: list[Session] = []
        self._reasons: set[str] = set()
        here = self.registry
        self._messages = Counter("phr_ingest_messages", "Messages stored and acknowledged", registry=here)
        self._readings = Counter("phr_ingest_readings", "Readings that they held, of persons", registry=here)
        self._unclaimed = Counter("phr_ingest_unclaimed", "Numbers that they held, of shared devices", registry=here)
        self._rejections = Counter(
            "phr_ingest_rejections", "What could not be understood, by reason", ["reason"], registry=here
        )
        self._batches = Histogram(
            "phr_ingest_batch_messages", "Messages in one transaction", buckets=_SIZES, registry=here
        )
        self._latency = Histogram(
            "phr_ingest_latency_seconds",
            "Arrival to commit, of the message that waited longest in each batch",
            buckets=_SECONDS,
            registry=here,
        )
        self.registry.register(_Now(self, pool, backlog))

    def began(self, slot: str, inbox: Inbox, listens: bool) -> None:
        """A session is being read from now on; those that ended are let go."""
        self.sessions = [*(known for known in self.sessions if known.inbox.alive), Session(slot, inbox, listens)]

    def kept(self, part: Sequence[Outcome]) -> None:
        """These were stored in one transaction just now."""
        now = datetime.now(UTC)
        self._messages.inc(len(part))
        self._batches.observe(len(part))
        self._readings.inc(sum(len(outcome.rows) + len(outcome.readings) for outcome in part))
        self._unclaimed.inc(sum(len(outcome.unclaimed) for outcome in part))
        for outcome in part:
            if outcome.rejection is not None:
                self._rejections.labels(self._bounded(outcome.rejection.reason)).inc()
        self._latency.observe((now - min(outcome.message.received_at for outcome in part)).total_seconds())

    def text(self) -> bytes:
        """Everything in Prometheus' text form."""
        return generate_latest(self.registry)

    def _bounded(self, reason: str) -> str:
        if reason not in self._reasons and (len(self._reasons) >= _MOST_REASONS or not _SLUG.fullmatch(reason)):
            return "other"
        self._reasons.add(reason)
        return reason


class _Now(Collector):
    """What is asked at the moment of reading."""

    def __init__(self, meter: Meter, pool: ConnectionPool, backlog: Callable[[], float | None]) -> None:
        self._meter, self._pool, self._backlog = meter, pool, backlog

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        alive = [session for session in self._meter.sessions if session.inbox.alive]
        yield _by_slot("held_messages", "In memory, not yet acknowledged", [(s, s.inbox.held) for s in alive])
        yield _by_slot("held_bytes", "Bytes of these", [(s, s.inbox.held_bytes) for s in alive])
        yield _by_slot("connected", "1: the broker has let it in", [(s, s.inbox.connected) for s in alive])
        waiting = self._backlog()
        if waiting is not None:
            yield GaugeMetricFamily(
                "phr_ingest_broker_messages", "Messages that the broker holds, for all, its own figures too", waiting
            )
        yield from _database(self._pool.get_stats())


def _by_slot(name: str, says: str, values: Sequence[tuple[Session, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"phr_ingest_{name}", says, labels=["slot", "work"])
    for session, value in values:
        family.add_metric([session.slot, "own" if session.listens else "draining"], float(value))
    return family


def _database(stats: dict[str, int]) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
    def counted(name: str, says: str, value: float) -> CounterMetricFamily:
        return CounterMetricFamily(f"phr_ingest_database_{name}", says, value)

    yield counted("wait_seconds", "Waited for a connection", stats.get("requests_wait_ms", 0) / 1000)
    yield counted("refusals", "Times that none came", stats.get("requests_errors", 0))
    yield counted("faults", "Connections that failed or were lost", _lost(stats))


def _lost(stats: dict[str, int]) -> int:
    return stats.get("connections_errors", 0) + stats.get("connections_lost", 0)
