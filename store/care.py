"""Whether a doctor has seen the person because of a red flag or referral: what they or a 保健師 said, the last word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Literal

import psycopg
from psycopg.rows import class_row

from store import due
from store.clock import civil_day

Outcome = Literal["seen", "treated", "unreached", "open"]
LISTED = timedelta(days=30)  # so long the work list shows who said so (health.on_my_list)
UNREACHED = timedelta(days=7)  # so long who could not be reached waits at its end; nothing changes for the citizen
STANDS = timedelta(days=365)  # the longest that an answer counts (advice_engine/care.py)


@dataclass(frozen=True, slots=True)
class Said:
    """The last word on one red flag or referral that is not on the screen now.

    ``what``: 'seen', or 'treated' (under treatment). ``who``: 'self', 'proxy', or a member of staff, whose name is
    ``staff``. ``day``: of the answer, or when they were seen. ``note``: the 保健師's, which the person can read.
    """

    person_id: int
    advice_id: int
    title: str
    what: str
    who: str
    staff: str | None
    day: date
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """The last thing that a 保健師 noted on one open red flag or referral."""

    advice_id: int
    outcome: Outcome
    staff: str | None
    day: date
    note: str
    at: datetime


_CALL = ", ".join(item.name for item in fields(Call))
_SAID = """
    select said.person_id, said.advice_id, title, what, who, staff.name as staff, said.day, note, said.at
      from health.care_answers as said join health.advice as about using (advice_id)
           left join identity.staff on 'staff:' || staff.staff_id = who
     where what in ('seen', 'treated') and said.at > %(since)s and closed_at is not null
       and not exists (select from health.advice as again
                        where (again.person_id, again.rule_id) = (about.person_id, about.rule_id)
                          and again.closed_at is null)
"""
_OF_PERSON = f"{_SAID} and said.person_id = %(person)s order by said.at desc"
_OF_TOWN = f"""
    {_SAID} and audience in ('nurse', 'both')
       and said.person_id in (select person_id from health.people where town = %(town)s)
     order by said.at desc, said.advice_id
"""  # noqa: S608 - text of our own


def of_person(conn: psycopg.Connection, person_id: int, now: datetime) -> list[Said]:
    """What is said to have been seen by a doctor and is off the screen, newest first."""
    with conn.cursor(row_factory=class_row(Said)) as cursor:
        asked = {"person": person_id, "since": now - STANDS}
        return cursor.execute(_OF_PERSON, asked).fetchall()


def of_town(conn: psycopg.Connection, town: str, now: datetime) -> list[Said]:
    """Of everybody in the town the last 30 days' for a 保健師, newest first. The caller shows those who agreed."""
    with conn.cursor(row_factory=class_row(Said)) as cursor:
        asked = {"town": town, "since": now - LISTED}
        return cursor.execute(_OF_TOWN, asked).fetchall()


def calls(conn: psycopg.Connection, advice_ids: Iterable[int]) -> dict[int, Call]:
    """Of these red flags and referrals what a 保健師 noted last."""
    with conn.cursor(row_factory=class_row(Call)) as cursor:
        rows = cursor.execute(
            f"select distinct on (advice_id) {_CALL} from (select call_outcomes.*, name as staff"  # noqa: S608 - ours
            " from health.call_outcomes left join identity.staff using (staff_id)) as called"
            " where advice_id = any(%s) order by advice_id, call_id desc",
            (list(advice_ids),),
        )
        return {one.advice_id: one for one in rows}


def note(
    conn: psycopg.Connection,
    advice_ids: Sequence[int],
    staff_id: int,
    outcome: Outcome,
    *,
    day: date,
    words: str,
    now: datetime,
) -> list[int]:
    """A 保健師 notes what came of her call; returns whose advice it was. The people are judged anew.

    What is not a red flag or referral for her eyes, or of nobody on her list, is left out.
    """
    people = conn.execute(
        "insert into health.call_outcomes (advice_id, person_id, staff_id, outcome, day, note)"
        " select advice_id, person_id, %s, %s, %s, %s from health.advice"
        "  where advice_id = any(%s) and kind in ('red_flag', 'referral') and audience in ('nurse', 'both')"
        " returning person_id",
        (staff_id, outcome, day, words, list(advice_ids)),
    ).fetchall()
    found = sorted({person for (person,) in people})
    due.mark(conn, "advice", [(person, civil_day(now)) for person in found])
    return found
