"""Callers of the API in the tests."""

from __future__ import annotations

from dataclasses import dataclass

from store.people import Person
from store.staff import Staff


@dataclass(frozen=True)
class Town:
    """Two citizens and one 保健師, each with a session token."""

    hanako: Person
    taro: Person
    nurse: Staff
    hanako_token: str
    taro_token: str
    nurse_token: str


def bearer(token: str) -> dict[str, str]:
    """The header of a program that calls with this token."""
    return {"Authorization": f"Bearer {token}"}
