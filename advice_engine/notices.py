"""What people are told besides advice: that a 保健師 opened their data in an emergency. A push without content, too."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from advice_engine.wishes import reaching
from store import deliveries, message_wishes, openings

_LATEST = timedelta(days=2)  # who could not be reached by then finds it on the page


def add(conn: psycopg.Connection, now: datetime) -> int:
    """Have every opening delivered that nobody was told of yet, once; returns how many."""
    untold = openings.untold(conn, now - _LATEST)
    if not untold:
        return 0
    people = sorted({person for _, person in untold})
    reached = reaching(conn, people, message_wishes.of_people(conn, people))
    rows = [(opening, person, reached[person]) for opening, person in untold if person in reached]
    if rows:
        deliveries.notify(conn, rows, now)
    return len(rows)
