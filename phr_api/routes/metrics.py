"""The town's figures for Prometheus: what waits, what was refused, what was written. No health value, nobody's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from secrets import compare_digest

import psycopg
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from phr_api.doors import Conn, Public
from phr_api.problems import not_found
from store import counts, reaching, rejections

_SLUG = re.compile(r"[a-z0-9_]{1,40}")  # a label's values stay few

ROUTER = APIRouter(tags=["about"], dependencies=[Public])


@ROUTER.get("/metrics", summary="運用の数（Prometheus） / Operators' figures", response_class=Response)
def metrics(request: Request, conn: Conn) -> Response:
    """With `Authorization: Bearer` and the token of `PHR_METRICS_TOKEN`; without that setting it is not there."""
    given = request.headers.get("authorization", "").encode()
    tokens = request.app.state.settings.metrics_token.splitlines()
    if not any([compare_digest(given, f"Bearer {token}".encode()) for token in tokens if token]):
        raise not_found()
    reaching.as_operator(conn)
    registry = CollectorRegistry()
    registry.register(_Town(conn))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Town(Collector):
    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn

    def describe(self) -> list[Metric]:
        return []  # else registering would ask the database once more

    def collect(self) -> Iterator[Metric]:
        due = counts.due(self._conn)
        yield _by("rejections_open", "Messages not understood and not yet resolved", "reason", self._rejections())
        yield _by("due_marks", "What waits for a worker", "work", {row.work: row.marks for row in due})
        yield _by("due_oldest_seconds", "Age of the oldest of these", "work", {row.work: row.oldest for row in due})
        aside = counts.set_aside(self._conn)
        yield GaugeMetricFamily("phr_set_aside_messages", "Long messages not yet decoded", aside.messages)
        yield GaugeMetricFamily("phr_set_aside_oldest_seconds", "Age of the oldest of these", aside.oldest)
        yield _by("deliveries", "Pushes by how they went", "status", counts.deliveries(self._conn))
        yield GaugeMetricFamily("phr_gateways_live", "Gateways let in", counts.live_gateways(self._conn))
        yield GaugeMetricFamily("phr_slots_waiting", "Ingest sessions not drained", counts.waiting_slots(self._conn))
        yield CounterMetricFamily("phr_readings_written", "Readings stored", counts.readings_written(self._conn))

    def _rejections(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for reason, number in rejections.open_by_reason(self._conn).items():
            found[reason if _SLUG.fullmatch(reason) else "other"] += number
        return found


def _by(name: str, says: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"phr_{name}", says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family
