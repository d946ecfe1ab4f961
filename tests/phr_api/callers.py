"""Callers of the API in the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from fastapi import FastAPI
from psycopg_pool import ConnectionPool

from store import consents
from store.people import Person
from store.settings import Settings
from store.staff import Staff

AppOn = Callable[[Settings, ConnectionPool], FastAPI]


@dataclass(frozen=True)
class Town:
    """Two citizens and one 保健師, each with a session token."""

    hanako: Person
    taro: Person
    nurse: Staff
    hanako_token: str
    taro_token: str
    nurse_token: str


def agree(conn: psycopg.Connection, person_id: int) -> int:
    """This person agrees to be supported by the city's 保健師; returns the consent's id."""
    return consents.give(
        conn,
        person_id,
        purpose="guidance",
        recipient="city",
        items=["*"],
        text_version="1",
        given_by="self",
        valid_from=datetime.now(UTC) - timedelta(days=1),
    )


def bearer(token: str) -> dict[str, str]:
    """The header of a program that calls with this token."""
    return {"Authorization": f"Bearer {token}"}
