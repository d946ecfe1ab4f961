"""Last month's statistics, town by town: which tables there are, and when they are made."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

import psycopg
from psycopg_pool import ConnectionPool

from store import statistics
from store.clock import civil_day
from store.settings import Settings
from store.statistics import Table

# Day figures of home devices. What a facility measured too can stand in them: these need both kinds to be agreed to.
_BOTH = ("readings", "checkup_item")
_FIGURES = (
    Table("steps", ("readings",), "steps", 100),
    Table("sleep", ("readings",), "sleep", 10),
    Table("weight", _BOTH, "weight", 0.5),
    Table("bp_sys", _BOTH, "bp_sys", 1),
    Table("bp_dia", _BOTH, "bp_dia", 1),
)
# Everyday topics and their rules (advice_engine/rules) alone: what points to an illness, its treatment or a checkup's
# result is too telling, whatever the size of the group.
TOPICS = {
    "alcohol": ("alcohol", "alcohol_one_evening"),
    "breakfast": ("breakfast", "breakfast_twenties"),
    "meals": ("late_dinner", "snacks"),
    "salt": ("salt_home_pressure",),
    "sleep": ("sleep_short",),
    "smoking": ("smoking",),
    "steps": ("steps_fallen", "steps_more"),
}
TABLES = (*_FIGURES, *(Table(f"advice: {topic}", ("advice",), rules=rules) for topic, rules in TOPICS.items()))


def make_due(settings: Settings, pool: ConnectionPool, now: datetime) -> int:
    """Release last month's tables of every town that has none yet; returns of how many towns."""
    today = civil_day(now)
    if not 0 < settings.statistics_day <= today.day:
        return 0
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    with pool.connection() as conn:
        towns = statistics.missing(conn, month)
    return sum(make(pool, town, month, settings.statistics_smallest) for town in towns)


def make(pool: ConnectionPool, town: str, month: date, smallest: int) -> bool:
    """Count and release in one transaction. False when somebody took their consent back meanwhile (the next try counts
    without them; when it was dated does not matter), or when another worker was first.
    """
    with suppress(psycopg.errors.UniqueViolation), pool.connection() as conn:
        before = statistics.counted(conn, TABLES, town=town, month=month)
        cells = [
            cell
            for table in TABLES
            for cell in statistics.protected(table, statistics.tally(conn, table, town=town, month=month), smallest)
        ]
        if statistics.counted(conn, TABLES, town=town, month=month) != before:
            return False
        statistics.keep(conn, cells, town=town, month=month, smallest=smallest)
        return True
    return False
