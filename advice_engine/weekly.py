"""Monday morning: who measured something last week is told that the look back on it is there. Once, and off by wish."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from advice_engine import wishes
from advice_engine.reflection import last_monday
from store import deliveries, letters, message_wishes, reflections
from store.clock import civil_day, day_start

MONDAY = 0
LEAST_DAYS = 3  # measured, of seven


def remind(conn: psycopg.Connection, now: datetime) -> int:
    """Have the message delivered to everybody whom it fits; returns to how many. On another day than Monday to nobody.

    Who was told something today already, or is about to be, is left alone: the page is there all the same. Caps, quiet
    hours and pauses are asked again when it is sent (``picking``).
    """
    today = civil_day(now)
    if today.weekday() != MONDAY:
        return 0
    monday = last_monday(today)
    people = reflections.measured(conn, monday, monday + timedelta(days=6), least=LEAST_DAYS)
    told = deliveries.told_since(conn, people, day_start(today))
    wished = message_wishes.of_people(conn, people)
    left = [
        person
        for person in people
        if person not in told
        and not (
            person in wished and (wishes.unwanted(wished[person], "reflection", None) or wished[person].paused(today))
        )
    ]
    ways = wishes.reaching(conn, left, wished)
    reached = {person: way for person, way in ways.items() if way != letters.CHANNEL}  # nobody prints a letter for it
    return deliveries.reflect(conn, sorted(reached.items()), monday, now) if reached else 0
