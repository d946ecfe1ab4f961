"""The same person on another day of the year: everything known of them moves along."""

from __future__ import annotations

from datetime import date

from advice_person import TODAY

from advice_engine.facts import Facts
from advice_engine.invented_people import JANUARY, JULY, moved

__all__ = ["JANUARY", "JULY", "on"]


def on(day: date, facts: Facts) -> Facts:
    """Somebody invented for TODAY, on ``day`` instead."""
    return moved(facts, (day - TODAY).days)
