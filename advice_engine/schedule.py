"""What the worker does by the clock: the safety net under NOTIFY, deliveries and their retries, and the nightly run."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Event

import psycopg
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from psycopg_pool import ConnectionPool

from advice_engine import choosing, ranker_night, weekly
from advice_engine.cohort_watch import watch_all
from advice_engine.deliver import deliver_once
from advice_engine.local_refit import refit_all
from advice_engine.risk_order import order_all
from advice_engine.run import CHUNK, judge_portion, work_once
from store import cursors, nights
from store.clock import JST, civil_day
from store.settings import Settings

NIGHT = 3  # o'clock in Japan: windows move on, silent devices show

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
    """Judge everybody once a civil day, sharing the work with whoever else is at it; a run cut short goes on later."""
    moment = now or datetime.now(UTC)
    _begin_night(worker.pool, moment)
    failed: set[str] = set()
    while not worker.stop.is_set():
        before = len(failed)
        try:
            if judge_portion(worker.pool, moment, failed) is None:
                return
        except Exception as fault:
            if len(failed) == before:
                raise  # nothing was taken: the database is away, and the next turn goes on
            log.error("a portion of the nightly run failed: %s", described(fault))


def night(worker: Worker, now: datetime | None = None) -> None:
    """The nightly run in processes of its own, one a core: whoever is due meanwhile is judged at once, by this one."""
    moment = now or datetime.now(UTC)
    if nothing_left(worker.pool, moment):
        return
    command = (sys.executable, "-m", "advice_engine.night", moment.isoformat())
    shares = [subprocess.Popen(command) for _ in range(worker.settings.advice_processes or os.cpu_count() or 1)]
    while any(share.poll() is None for share in shares):
        if worker.stop.wait(0.5):
            for share in shares:
                share.terminate()  # each ends with the portion that it is at
            for share in shares:
                share.wait()
    log.info(
        "nightly run: %s", "all are judged" if nothing_left(worker.pool, moment) else "not done, the next turn goes on"
    )


def nothing_left(pool: ConnectionPool, now: datetime) -> bool:
    """Whether this night has begun and everybody is judged."""
    with pool.connection() as conn:
        done, portions = nights.progress(conn, civil_day(now), CHUNK)
        return not nights.waits(conn, civil_day(now)) and done == portions


def _begin_night(pool: ConnectionPool, now: datetime) -> None:
    """Whoever comes first counts the rewards and lays out the portions; who comes meanwhile waits for it."""
    with pool.connection() as conn:
        if not nights.waits(conn, civil_day(now)):
            return
        try:
            with conn.transaction():
                log.info("the ranker counts %d more rewards", choosing.learn(conn, now))
        except Exception as fault:  # what is not learnt tonight is learnt tomorrow; nobody's red flag waits for it
            log.error("learning failed: %s", described(fault))
        nights.begin(conn, civil_day(now), CHUNK)


def order_night(worker: Worker, now: datetime | None = None) -> None:
    """The order of calls anew, once a civil day, by one of however many workers run."""
    _once_a_day(worker.pool, now or datetime.now(UTC), order_all, cursor="advice_engine.risk_order")


def watch_night(worker: Worker, now: datetime | None = None) -> None:
    """What moved in the districts, once a civil day, by one of however many workers run."""
    _once_a_day(worker.pool, now or datetime.now(UTC), watch_all, cursor="advice_engine.cohort_watch")


def remind_weekly(worker: Worker, now: datetime | None = None) -> None:
    """Monday morning: the look back on the week is there. Once, by one of however many workers run."""
    _once_a_day(worker.pool, now or datetime.now(UTC), weekly.remind, cursor="advice_engine.weekly")


def look_back_night(worker: Worker, now: datetime | None = None) -> None:
    """What the ranker's log says of itself, once a civil day."""
    _once_a_day(worker.pool, now or datetime.now(UTC), ranker_night.look_back, cursor="advice_engine.ranker_night")


def refit_monthly(worker: Worker, now: datetime | None = None) -> None:
    """Risk scores refitted on the town's checkups, as candidates, once a month."""
    moment = now or datetime.now(UTC)
    month = f"{civil_day(moment):%Y-%m}"
    _once_a_day(worker.pool, moment, refit_all, cursor="advice_engine.local_refit", turn=month)


def _once_a_day(
    pool: ConnectionPool,
    now: datetime,
    work: Callable[[psycopg.Connection, datetime], int],
    *,
    cursor: str,
    turn: str = "",
) -> None:
    """``cursor`` remembers the last turn and names the lock: who finds another worker at it leaves it to them.

    ``turn``: what is done once instead of a day: a month.
    """
    turn = turn or civil_day(now).isoformat()
    with pool.connection() as conn:
        mine = conn.execute(
            "select pg_try_advisory_xact_lock(hashtextextended('turn:' || %s, 0))", (cursor,)
        ).fetchone()
        if mine != (True,) or cursors.get(conn, cursor) == turn:
            return
        log.info("%s: %d", cursor, work(conn, now))
        cursors.put(conn, cursor, turn)


def scheduler(worker: Worker) -> BackgroundScheduler:
    """The jobs, not yet started. An instance that is still at work is never joined by a second one."""
    made = BackgroundScheduler(timezone=JST, job_defaults={"coalesce": True, "max_instances": 1})
    made.add_job(partial(quietly, judge_due, worker), "interval", seconds=5, id="due people")
    made.add_job(partial(quietly, deliver_due, worker), "interval", seconds=15, id="deliveries")
    # every ten minutes from 03:00 on, so that a worker that was down at 03:00 still does this day's run
    at_night = CronTrigger(hour=f"{NIGHT}-23", minute="*/10", timezone=JST)
    made.add_job(partial(quietly, night, worker), at_night, id="nightly run", misfire_grace_time=None)
    made.add_job(partial(quietly, order_night, worker), at_night, id="order of calls", misfire_grace_time=None)
    made.add_job(partial(quietly, watch_night, worker), at_night, id="districts", misfire_grace_time=None)
    made.add_job(partial(quietly, look_back_night, worker), at_night, id="ranker's log", misfire_grace_time=None)
    # after eight, and until noon: a message that came later would not be about the morning's page
    monday = CronTrigger(day_of_week="mon", hour="8-11", minute="*/10", timezone=JST)
    made.add_job(partial(quietly, remind_weekly, worker), monday, id="weekly look back", misfire_grace_time=None)
    month = CronTrigger(day="1-7", hour="4-23", minute=30, timezone=JST)
    made.add_job(partial(quietly, refit_monthly, worker), month, id="monthly refit", misfire_grace_time=None)
    return made


def quietly(work: Callable[[Worker], None], worker: Worker) -> bool:
    """Do it; a fault is logged by kind and place and the next turn tries again. False when it failed.

    Its text is not logged: an error of the database may quote a row, and so a health value.
    """
    try:
        work(worker)
    except Exception as fault:
        log.error("%s failed: %s", work.__name__, described(fault))
        return False
    return True


def described(fault: BaseException) -> str:
    """Kind, SQL code and place of a fault, without its text."""
    steps = reversed(traceback.extract_tb(fault.__traceback__)[-4:])
    place = " < ".join(f"{step.name}:{step.lineno}" for step in steps)
    return f"{type(fault).__name__} {getattr(fault, 'sqlstate', None) or ''} at {place}"
