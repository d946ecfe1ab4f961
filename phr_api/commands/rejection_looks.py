"""Who looked at what was refused: its bytes can be somebody's health values."""

from __future__ import annotations

import psycopg

from phr_api.commands import operator
from store import gateways, registrations
from store.rejections import KeptRejection


def note_look(conn: psycopg.Connection, found: KeptRejection) -> None:
    """One look for everybody whose value it may be."""
    who: list[int | None] = [*owners(conn, found)]
    for person_id in who or [None]:
        note(conn, person_id, "read")


def note(conn: psycopg.Connection, person_id: int | None, action: str) -> None:
    """Write down what the operator did, under the name of the system user."""
    operator.note(conn, person_id, action, items="rejections")


def owners(conn: psycopg.Connection, found: KeptRejection) -> list[int]:
    """Whose value it may be: who posted it, or whoever had the device until it arrived (it may have come late).

    Of a device that nobody had: the household of the gateway that heard it.
    """
    if found.person_id is not None:
        return [found.person_id]
    if found.gateway_id is None or found.device is None:
        return []
    key = found.gateway_id, found.device
    had = [one for one in registrations.history(conn, [key]).get(key, ()) if one.valid_from <= found.received_at]
    homes = [one.household_id for one in had if one.household_id is not None]
    if not had and (home := gateways.household(conn, found.gateway_id)) is not None:
        homes = [home]
    known = registrations.members(conn, homes)
    shared = (member.person_id for members in known.values() for member in members)
    return sorted({*shared, *(one.person_id for one in had if one.person_id is not None)})
