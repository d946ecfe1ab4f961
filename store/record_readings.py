"""Readings that come from records: a projection of what may be shown, never a copy with a life of its own.

A corrected, withheld or withdrawn record, and a consent that was withdrawn or ran out, take their readings with them.
"""

from __future__ import annotations

from datetime import datetime

import psycopg

from store import due, readings
from store.clock import civil_day
from store.metrics import METRICS
from store.model import Reading
from store.records import PURPOSE

# Of several records of one moment (the same result in two documents) the one stated last counts.
_WANTED = """
    select distinct on (metric, at, source_id) metric, at, source_id, value from health.shown_records
     where person_id = %(person)s and metric = any(%(metrics)s) and value is not null
     order by metric, at, source_id, stated_at desc nulls first, record_id desc
"""
_REMOVE = f"""
    with wanted as ({_WANTED})
    delete from health.readings as reading using health.sources as source
     where reading.person_id = %(person)s and source.source_id = reading.source_id and source.kind = 'record'
       and (reading.metric, reading.at, reading.source_id, reading.value) not in (select * from wanted)
    returning reading.metric
"""  # noqa: S608 - our own text
_MISSING = f"""
    select * from ({_WANTED}) as wanted
     where (metric, at, source_id) not in
           (select metric, at, source_id from health.readings where person_id = %(person)s)
"""  # noqa: S608 - our own text
_FORGET_LAST = "delete from health.last_values where person_id = %(person)s and metric = any(%(metrics)s)"
_RENEW_LAST = """
    insert into health.last_values (person_id, metric, at, value, source_id)
    select distinct on (metric) person_id, metric, at, value, source_id from health.readings
     where person_id = %(person)s and metric = any(%(metrics)s) order by metric, at desc, source_id desc
"""


def hold(conn: psycopg.Connection, person_id: int) -> None:
    """Keep other writers of this person's records out until the transaction ends."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended('records:' || %s, 0))", (person_id,))


def settle(conn: psycopg.Connection, person_id: int, now: datetime) -> int:
    """Make the person's readings from records what their shown records say; returns how many are new."""
    names = {"person": person_id, "metrics": list(METRICS)}
    removed = sorted({row[0] for row in conn.execute(_REMOVE, names)})
    if removed:
        conn.execute(_FORGET_LAST, {"person": person_id, "metrics": removed})
        conn.execute(_RENEW_LAST, {"person": person_id, "metrics": removed})
    missing = conn.execute(_MISSING, names).fetchall()
    batch = [Reading(person_id, metric, at, source, value, 0, 0, now) for metric, at, source, value in missing]
    readings.add(conn, batch)
    return len(batch)


def consent_changed(conn: psycopg.Connection, person_id: int, now: datetime) -> None:
    """What a consent given, withdrawn or run out entails: readings settled, advice to be judged again."""
    hold(conn, person_id)
    settle(conn, person_id, now)
    due.mark(conn, "advice", [(person_id, civil_day(now))])


_TURNED = """
    select person_id from health.consents
     where purpose = %(records)s and not upper_inf(valid) and upper(valid) >= %(since)s and upper(valid) < %(until)s
    union
    select person_id from health.consents
     where purpose = %(records)s and lower(valid) >= %(since)s and lower(valid) < %(until)s
     order by person_id
"""


def turned(conn: psycopg.Connection, since: datetime, until: datetime) -> list[int]:
    """The people of whom a consent for records ran out, or began, in ``since <= moment < until``."""
    rows = conn.execute(_TURNED, {"records": PURPOSE, "since": since, "until": until})
    return [row[0] for row in rows]
