"""The same person on another day of the year: everything known of them moves along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from advice_person import TODAY

from advice_engine.facts import Facts

JANUARY, JULY = date(2027, 1, 20), date(2026, 7, 20)


def moved(facts: Facts, days: int) -> Facts:
    """Every date shifted by so many days; whoever was 55 is 55."""
    by = timedelta(days=days)
    return replace(
        facts,
        today=facts.today + by,
        birth_date=facts.birth_date + by,
        days={metric: tuple(replace(one, day=one.day + by) for one in known) for metric, known in facts.days.items()},
        pressures=tuple(replace(one, at=one.at + by) for one in facts.pressures),
        glucoses=tuple(replace(one, at=one.at + by) for one in facts.glucoses),
        checkups=tuple(replace(one, examined_on=one.examined_on + by) for one in facts.checkups),
        goals=tuple(
            replace(one, since=one.since + by, until=one.until + by, tapped=frozenset(day + by for day in one.tapped))
            for one in facts.goals
        ),
    )


def on(day: date, facts: Facts) -> Facts:
    """Somebody invented for TODAY, on ``day`` instead."""
    return moved(facts, (day - TODAY).days)
