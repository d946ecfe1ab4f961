"""Whose measurement is it? What a member says of one, and what is written down about it: one way for both doors."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import psycopg
from fastapi import Request

from phr_api.doors import look
from store import unclaimed
from store.sessions import Citizen


class Act(Protocol):
    """``unclaimed.claim``, ``unclaimed.undo`` or ``unclaimed.nobody``."""

    def __call__(
        self, conn: psycopg.Connection, person_id: int, /, *, household_id: int, source_id: int, at: datetime
    ) -> int: ...


def say(
    request: Request,
    me: Citizen,
    conn: psycopg.Connection,
    act: Act,
    *,
    household_id: int,
    source_id: int,
    at: datetime,
) -> int:
    """Do it; returns how many numbers it changed. Who loses one to another member finds that among their looks."""
    before = unclaimed.holder(conn, household_id=household_id, source_id=source_id, at=at)
    changed = act(conn, me.person_id, household_id=household_id, source_id=source_id, at=at)
    look(conn, me, me.person_id, items="readings: claim", purpose="own", request=request, action="write")
    if changed and before not in (None, me.person_id):
        look(conn, me, before, items="readings: claim", purpose="household", request=request, action="write")
    return changed
