"""From publish to committed while messages come steadily, and what happens when the database stands still."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf

import numpy as np
import psycopg

from phr_api.commands import bench_load
from phr_api.commands.bench_drain import wait_until_stored
from phr_api.commands.bench_load import Load
from phr_api.commands.bench_process import Contestant, figuring, running
from phr_api.commands.bench_stage import Stage

WARM_UP = 1.0  # seconds at the beginning that do not count

# Another connection hears of a commit when it is done, flushed to disk and visible.
_TELL = """
create function public.bench_tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('bench', pg_current_xact_id()::text);
    return null;
end $$;
create trigger bench_tell after insert on health.readings for each statement execute function public.bench_tell();
"""
# A row written behind a savepoint names that as its transaction; the moment of commit is the same for both.
_COMMITTED = "select id, pg_xact_commit_timestamp(id::text::xid) from unnest(%s::bigint[]) as id"
_WRITTEN = """
select extract(epoch from at)::float8, pg_xact_commit_timestamp(xmin) from health.readings
 where at >= to_timestamp(%(since)s) and at < to_timestamp(%(until)s)
   and source_id in (select source_id from health.registrations where %(gateway)s in ('', gateway_id))
"""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the publish (the reading's own time) until another connection heard of the commit."""

    readings: int
    p50: float
    p95: float
    p99: float
    cpu_us: float
    peak_mb: float
    behind_ms: float  # the load generator, at the worst


@dataclass(frozen=True, slots=True)
class Stalled:
    """``seconds`` until everything was stored after the database came back; ``peak_mb`` of the worker."""

    readings: int
    seconds: float
    peak_mb: float


def live(stage: Stage, who: Contestant, *, rate: float, seconds: float) -> Latency:
    """Single readings at ``rate`` a second."""
    stage.empty()
    load = Load(round(rate * (seconds + WARM_UP)), rate=rate)
    with (
        stage.broker() as broker,
        running(stage, broker.port, who) as one,
        figuring(stage, broker.port, who),
        hearing(stage) as heard,
    ):
        one.wait_until_listening()
        with bench_load.publishing(stage, broker.port, load) as generators:
            sent = bench_load.sent(generators)
        wait_until_stored(stage, load.readings, [one])
        cpu = one.cpu_between(sent.start + WARM_UP, sent.start + sent.seconds)
        late = latencies(stage, heard, since=sent.start + WARM_UP)
    p50, p95, p99 = (float(value) * 1000 for value in np.percentile(late, (50, 95, 99)))
    return Latency(len(late), p50, p95, p99, cpu / len(late) * 1e6, one.peak_mb, sent.behind_ms)


def stalled(stage: Stage, who: Contestant, *, rate: float, seconds: float) -> Stalled:
    """The table is locked for ``seconds`` while messages keep coming, two seconds before and after it too."""
    stage.empty()
    load = Load(round(rate * (seconds + 4)), rate=rate)
    with stage.broker() as broker, running(stage, broker.port, who) as one, figuring(stage, broker.port, who):
        one.wait_until_listening()
        with bench_load.publishing(stage, broker.port, load) as generators:
            time.sleep(2)
            with psycopg.connect(stage.database) as conn:
                conn.execute("lock table health.readings in access exclusive mode")
                time.sleep(seconds)
                conn.rollback()
                back = time.monotonic()
            bench_load.sent(generators)
        wait_until_stored(stage, load.readings, [one])
        after = time.monotonic() - back
    return Stalled(load.readings, after, one.peak_mb)


@contextmanager
def hearing(stage: Stage) -> Iterator[Mapping[int, float]]:
    """Transaction -> when its commit was heard of (seconds since 1970), growing while the block lasts."""
    heard: dict[int, float] = {}
    done = threading.Event()

    def hear(conn: psycopg.Connection) -> None:
        while not done.is_set():
            for told in conn.notifies(timeout=0.5):
                heard[int(told.payload) % 2**32] = time.time()

    with psycopg.connect(stage.database, autocommit=True) as conn:
        conn.execute(_TELL)
        conn.execute("listen bench")
        thread = threading.Thread(target=hear, args=(conn,), name="hear")
        thread.start()
        try:
            yield heard
        finally:
            done.set()
            thread.join()
            conn.execute("drop function public.bench_tell() cascade")


def latencies(
    stage: Stage, heard: Mapping[int, float], *, since: float, until: float = inf, gateway: str = ""
) -> list[float]:
    """Seconds from publish to commit of every reading published in that time (by this gateway)."""
    with psycopg.connect(stage.database) as conn:
        moments = {at: heard[id] for id, at in conn.execute(_COMMITTED, (list(heard),))}
        rows = conn.execute(_WRITTEN, {"since": since, "until": until, "gateway": gateway}).fetchall()
    return [moments[committed] - at for at, committed in rows if committed in moments]
