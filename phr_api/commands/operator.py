"""Who works at the command line is written into the audit under the name of the system user."""

from __future__ import annotations

import os
from getpass import getuser

import psycopg

from store import audit


def note(conn: psycopg.Connection, person_id: int | None, action: str, *, items: str) -> None:
    """Write down what the operator did with these kinds of this person's data (None: of nobody's in particular)."""
    audit.note(
        conn,
        actor=f"operator:{user()}",
        role="operator",
        person_id=person_id,
        action=action,
        items=items,
        purpose="operation",
    )


def user() -> str:
    """The system user's name; in a container it may have a number only."""
    try:
        return getuser()
    except (KeyError, OSError):
        return str(os.getuid())
