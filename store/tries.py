"""How often somebody tried in vain, counted in the database: the same for every copy of the API.

A try is counted before it is judged and forgotten when it was right, so that tries side by side do not pass
together. The caller must commit a try that failed: answer, don't raise.
"""

from __future__ import annotations

import psycopg

FREE = 5  # tries without waiting
LONGEST_SECONDS = 900


def take(conn: psycopg.Connection, key: str, *, free: int = FREE) -> float:
    """Count one try. 0: go on; else the seconds to wait, and the try does not count."""
    row = conn.execute("select identity.try_now(%s, %s, %s)", (key, free, LONGEST_SECONDS)).fetchone()
    assert row is not None
    return float(row[0])


def forgive(conn: psycopg.Connection, key: str) -> None:
    """It was right: nothing to wait for any more."""
    conn.execute("select identity.forgive(%s)", (key,))
