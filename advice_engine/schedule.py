"""What the worker does by the clock: the safety net under NOTIFY, deliveries and their retries, and the nightly run."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from threading import Event

import psycopg
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from psycopg_pool import ConnectionPool

from advice_engine import choosing
from advice_engine.deliver import deliver_once
from advice_engine.risk_order import order_all
from advice_engine.run import judging_all, work_once
from store import cursors
from store.clock import JST, civil_day
from store.settings import Settings

NIGHT = 3  # o'clock in Japan: windows move on, silent devices show
_CURSOR = "advice_engine.nightly"
_ORDERED = "advice_engine.risk_order"
_NIGHTLY_LOCK = 0x5048_5203

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """What each job needs. ``stop`` is set when the process is asked to end: jobs then finish their transaction."""

    pool: ConnectionPool
    settings: Settings
    stop: Event


def judge_due(worker: Worker) -> None:
    """Judge until nobody is due, then send what became due."""
    while not worker.stop.is_set() and work_once(worker.pool, datetime.now(UTC)):
        pass
    deliver_due(worker)


def deliver_due(worker: Worker) -> None:
    """Send until nothing is due."""
    while not worker.stop.is_set() and deliver_once(worker.pool, worker.settings, datetime.now(UTC)):
        pass


def judge_night(worker: Worker, now: datetime | None = None) -> None:
    """Judge everybody once a civil day, by one of however many workers run; a run that was cut short is run again."""
    moment = now or datetime.now(UTC)
    with worker.pool.connection() as conn:
        mine = conn.execute("select pg_try_advisory_xact_lock(%s)", (_NIGHTLY_LOCK,)).fetchone()
        if mine != (True,) or _last_night(conn) == civil_day(moment):
            return
        with worker.pool.connection() as learning:
            log.info("the ranker counts %d more rewards", choosing.learn(learning, moment))
        for done, total in judging_all(worker.pool, moment):
            log.info("nightly run: %d of %d people", done, total)
            if worker.stop.is_set():
                return
        cursors.put(conn, _CURSOR, civil_day(moment).isoformat())


def order_night(worker: Worker, now: datetime | None = None) -> None:
    """The order of calls anew, once a civil day, by one of however many workers run."""
    moment = now or datetime.now(UTC)
    with worker.pool.connection() as conn:
        mine = conn.execute("select pg_try_advisory_xact_lock(%s)", (_NIGHTLY_LOCK + 0x100,)).fetchone()
        if mine != (True,) or cursors.get(conn, _ORDERED) == civil_day(moment).isoformat():
            return
        log.info("order of calls: %d places", order_all(conn, moment))
        cursors.put(conn, _ORDERED, civil_day(moment).isoformat())


def scheduler(worker: Worker) -> BackgroundScheduler:
    """The jobs, not yet started. An instance that is still at work is never joined by a second one."""
    made = BackgroundScheduler(timezone=JST, job_defaults={"coalesce": True, "max_instances": 1})
    made.add_job(partial(quietly, judge_due, worker), "interval", seconds=5, id="due people")
    made.add_job(partial(quietly, deliver_due, worker), "interval", seconds=15, id="deliveries")
    # every ten minutes from 03:00 on, so that a worker that was down at 03:00 still does this day's run
    night = CronTrigger(hour=f"{NIGHT}-23", minute="*/10", timezone=JST)
    made.add_job(partial(quietly, judge_night, worker), night, id="nightly run", misfire_grace_time=None)
    made.add_job(partial(quietly, order_night, worker), night, id="order of calls", misfire_grace_time=None)
    return made


def quietly(work: Callable[[Worker], None], worker: Worker) -> bool:
    """Do it; a fault is logged by kind and place and the next turn tries again. False when it failed.

    Its text is not logged: an error of the database may quote a row, and so a health value.
    """
    try:
        work(worker)
    except Exception as fault:
        code = getattr(fault, "sqlstate", None) or ""
        log.error("%s failed: %s %s at %s", work.__name__, type(fault).__name__, code, _place(fault))
        return False
    return True


def _place(fault: BaseException) -> str:
    return " < ".join(f"{step.name}:{step.lineno}" for step in reversed(traceback.extract_tb(fault.__traceback__)[-4:]))


def _last_night(conn: psycopg.Connection) -> date | None:
    value = cursors.get(conn, _CURSOR)
    return date.fromisoformat(value) if isinstance(value, str) else None
