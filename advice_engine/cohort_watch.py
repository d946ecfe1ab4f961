"""The nightly watch over districts: counts in the database, judges (``cohorts.find``) and keeps what stands out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import psycopg

from advice_engine.cohorts import METRICS, WEEKS, find
from store import cohorts
from store.clock import civil_day


def watch_all(conn: psycopg.Connection, now: datetime) -> int:
    """Judge the last whole week of every town anew, in the caller's transaction; returns how many alerts stand.

    The same week is judged every night until the next one is over: readings come late.
    """
    week = last_whole_week(now)
    count = 0
    for town in cohorts.towns(conn):
        cells = {metric: cohorts.cells(conn, town, metric, last=week, weeks=WEEKS) for metric in METRICS}
        found = find(cells, week)
        cohorts.keep(conn, town, week, found)
        count += len(found)
    return count


def last_whole_week(now: datetime) -> date:
    """The Monday (Japan) of the newest week that is over."""
    today = civil_day(now)
    return today - timedelta(days=today.weekday() + 7)
