"""What the invented town's people have set themselves: goals, how they are told, who looks for whom; and a district.

Who that is stands in ``town.toml`` beside each persona; a small town has only the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import psycopg

from advice_engine.gather import gather
from advice_engine.goal_setting import fitting, made, refused
from advice_engine.run import rules
from phr_api.town_resident import SAKATA, table
from store import cohorts, entitlements, goals, letters, message_wishes
from store.clock import day_start
from store.cohorts import CohortAlert, Week
from store.goals import NewGoal
from store.message_wishes import Wishes

_MISSED = {2, 5}  # weekdays without a mark
_STEPS = (-60, 40, -110, 90, 20, -80, 60, 120, -1_290, -1_410)  # of the district, week by week, against its usual


def make(conn: psycopg.Connection, people: Mapping[int, int], today: date) -> None:
    """Write it down for whoever lives here. ``people``: resident's number to person_id."""
    there = {row["name"]: people[number] for number, row in enumerate(table()["personas"], 1) if number in people}
    for row in table()["personas"]:
        if row["name"] in there:
            _tell(conn, there[row["name"]], row)
            _let(conn, row, there, today)
            _goals(conn, there[row["name"]], row.get("goals", ()), today)
    _district(conn, today)


def _tell(conn: psycopg.Connection, person_id: int, row: Mapping[str, Any]) -> None:
    """How they want to be told of what is new."""
    if "letters" in row:
        letters.ask(conn, person_id, row["letters"])
    if "wishes" in row:
        wished = row["wishes"] | {"silent": tuple(row["wishes"].get("silent", ()))}
        message_wishes.keep(conn, person_id, Wishes(**wished), by="self")


def _let(conn: psycopg.Connection, row: Mapping[str, Any], there: Mapping[str, int], today: date) -> None:
    """For whom they look as a proxy."""
    seen = row.get("sees", {})
    if seen.get("name") in there:
        entitlements.add(
            conn, person_id=there[seen["name"]], proxy_id=there[row["name"]], kind="caregiver",
            relation=seen["relation"], valid_from=day_start(today - timedelta(days=30)), valid_to=None,
            evidence="窓口で署名した委任状", noted_by="staff:1", scope=["see", "enter"],
        )  # fmt: skip


def _goals(conn: psycopg.Connection, person_id: int, kinds: Sequence[Any], today: date) -> None:
    """Each as the form proposes it, begun on a Monday two weeks ago, so that the week that is over was a whole one."""
    if not kinds:
        return
    facts = gather(conn, [person_id], today)[person_id]
    since = today - timedelta(days=today.weekday() + 14)
    for kind in kinds:
        wanted = fitting(facts, kind)
        if wanted is None or refused(facts, wanted, rules()):
            continue
        new = made(facts, wanted)
        goals.add(
            conn, person_id,
            NewGoal(kind=kind, target=new.target, start=new.start, since=since, until=new.until, advice_id=None),
        )  # fmt: skip
        if kind == "breakfast":
            _ate(conn, person_id, since, today)


def _ate(conn: psycopg.Connection, person_id: int, since: date, today: date) -> None:
    for day in (since + timedelta(days=number) for number in range((today - since).days)):
        if day.weekday() not in _MISSED:
            goals.tap(conn, person_id, "breakfast", day)


def _district(conn: psycopg.Connection, today: date) -> None:
    """A district whose older people walk less: found in no readings, for sixty people are too few to compare."""
    last = today - timedelta(days=today.weekday() + 7)
    weeks = tuple(
        Week(last - timedelta(weeks=len(_STEPS) - 1 - number), 31 - number % 3, float(shift))
        for number, shift in enumerate(_STEPS)
    )
    alert = CohortAlert("steps", "見本", "75-", last, weeks[-1].people, weeks[-1].shift, -180.0, weeks)
    cohorts.keep(conn, SAKATA, last, [alert])
