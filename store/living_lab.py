"""The city's living lab: what its programs are told of the people who take part, under a name that is not theirs.

The database gives rows of people alone whose consent ``living_lab`` is in force, and of days within it
(``sql/0016_living_lab.sql``); what leaves the house carries a pseudonym instead of the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import psycopg
from psycopg.rows import class_row

from store import sealing

PURPOSE = "living_lab"
Item = Literal["readings", "answers"]


@dataclass(frozen=True, slots=True)
class LabDay:
    """One civil day (+09:00) of one person, in the metric's canonical unit. ``born``: the decade's first year (1920:
    before 1930). ``sex``: 'male', 'female' or None. ``total``: of steps and sleep alone."""

    person_id: int
    consent_id: int
    born: int
    sex: str | None
    day: date
    n: int
    total: float | None
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabAnswer:
    """What one person answered to one piece of advice: 'done', 'not_yet', 'not_for_me', 'helpful'."""

    person_id: int
    consent_id: int
    born: int
    sex: str | None
    day: date
    rule_id: str
    answer: str


def people(conn: psycopg.Connection, client_id: str, item: Item) -> dict[str, int]:
    """Who takes part with this now: pseudonym for this program -> person, in the order of pseudonyms.

    A keyed hash (HMAC-SHA256 under the lookup key, 128 bits of it): the same as long as that key is, another for
    another program, and nothing that anybody could compute who knows the person's ids.
    """
    _, key = sealing.in_use(conn, "lookup")
    found = conn.execute("select person_id from health.lab_people(%s)", (item,)).fetchall()
    return dict(sorted((_pseudonym(key, client_id, person_id), person_id) for (person_id,) in found))


def _pseudonym(key: bytes, client_id: str, person_id: int) -> str:
    return sealing.hash_with(key, (PURPOSE, client_id, str(person_id)))[:16].hex()


def days(conn: psycopg.Connection, whose: Sequence[int], *, metric: str, since: date, until: date) -> list[LabDay]:
    """Figures of ``since <= day <= until``, ascending by day; the consent is asked again."""
    with conn.cursor(row_factory=class_row(LabDay)) as cursor:
        return cursor.execute(
            "select * from health.lab_days(%s, %s, %s, %s) order by day",
            (list(whose), metric, since, until),
        ).fetchall()


def answers(
    conn: psycopg.Connection, whose: Sequence[int], *, rules: Sequence[str], since: date, until: date
) -> list[LabAnswer]:
    """The newest answer to each piece of advice by these rules, ascending by day."""
    with conn.cursor(row_factory=class_row(LabAnswer)) as cursor:
        return cursor.execute(
            "select * from health.lab_answers(%s, %s, %s, %s) order by day, rule_id",
            (list(whose), list(rules), since, until),
        ).fetchall()
