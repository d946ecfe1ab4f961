"""How soon a red flag is on the list while a whole town's night is at work beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

import psycopg
from psycopg_pool import ConnectionPool

from advice_engine.run import rules, work_once
from phr_api.commands.bench_advise_town import Town
from store import due
from store.clock import civil_day
from store.pool import open_pool

_EVERY = 1.0  # seconds
_PRESS = """
    insert into health.readings (person_id, metric, at, source_id, value)
    select %s, metric, %s, 1, value from (values ('bp_sys', 192.0), ('bp_dia', 114.0)) as one (metric, value)
"""
_WITHOUT_CUFF = """
    select person_id from bench.people where not cuff order by hashint8(-person_id)  -- no calmer reading follows
"""
_LISTED = """
    select exists (select from health.advice where person_id = %s and kind = 'red_flag' and closed_at is null
                      and audience in ('nurse', 'both') and rests_on @> '[{"value": "192/114 mmHg"}]')
"""


@contextmanager
def beside(place: Town, now: datetime) -> Iterator[list[float]]:
    """While the block runs, a citizen a second measures 192/114 mmHg.

    The list gets the seconds from each reading's commit to the judgement's, made as the advice worker makes it, in a
    process of its own. Raises RuntimeError when one of them is not on the 保健師's list then.
    """
    taken: list[float] = []
    missed: list[int] = []
    stop = Event()
    rules()
    with open_pool(place.database, size=2, name="phr-bench-alarm", role="phr_advice") as pool:

        def press() -> None:
            with psycopg.connect(place.database, autocommit=True) as conn:
                for (person,) in conn.execute(_WITHOUT_CUFF):
                    taken.append(_one(conn, pool, person, now))
                    if conn.execute(_LISTED, (person,)).fetchone() != (True,):
                        missed.append(person)
                    if stop.wait(_EVERY):
                        return

        thread = Thread(target=press, name="alarms")
        thread.start()
        try:
            yield taken
        finally:
            stop.set()
            thread.join()
    if missed or not taken:
        raise RuntimeError(f"{len(missed)} of {len(taken)} red flags are not on the list")


def _one(conn: psycopg.Connection, pool: ConnectionPool, person: int, now: datetime) -> float:
    with conn.transaction():
        conn.execute(_PRESS, (person, now))
        due.mark(conn, "advice", [(person, civil_day(now))])
    begun = time.monotonic()
    while work_once(pool, now):
        pass
    return time.monotonic() - begun
