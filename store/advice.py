"""Advice on the citizen's page and the 保健師's work list: one open row a person and rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import class_row

from store import due
from store.clock import civil_day
from store.copied import array_text

_Key = tuple[int, str]  # person, rule
Answer = Literal["done", "not_yet", "under_care", "not_for_me", "helpful"]
TOLD_FOR_OTHERS: tuple[Answer, ...] = ("done", "not_yet", "under_care")  # what one can see; the rest is an opinion
_OF_CARE = ("red_flag", "referral")  # to these alone "under care" is an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What a rule says about a person now. ``rank``: place on the screen, 0 first."""

    rule_id: str
    kind: str  # 'red_flag', 'referral', 'advice', 'praise', 'information'
    urgency: int  # 4 today, 3 soon, 2 in a month, 1 normal, 0 no hurry
    audience: str  # 'citizen', 'nurse', 'both'
    title: str
    body: str
    reason: str
    rests_on: list[dict[str, Any]]  # [{"metric", "what", "value", "at"}], values as people read them
    source: dict[str, Any]  # {"guideline", "year", "section", "verified"}
    rank: int
    english: dict[str, str] = field(default_factory=dict)  # {"title", "body"}, or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRow(Spoken):
    """One row of ``health.advice``. ``judged_at``: when its words or grounds last changed."""

    advice_id: int
    person_id: int
    judged_at: datetime
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling changed: new rows whole, the others counted."""

    new: tuple[AdviceRow, ...]
    changed: int
    closed: int


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One person on the work list with the open red flags and referrals, in screen order. No name in it."""

    person_id: int
    public_id: UUID
    sex: str
    birth_date: date
    advice: tuple[AdviceRow, ...]


_SAID = [item.name for item in fields(Spoken)]
_COLUMNS = ", ".join(f"advice.{item.name}" for item in fields(AdviceRow))
_SAID_ROWS = """
    with said as (select * from jsonb_to_recordset(%(said)s) as row (
        person_id bigint, rule_id text, kind text, urgency smallint, audience text, title text, body text,
        reason text, rests_on jsonb, source jsonb, rank smallint, english jsonb, digest bigint))
"""


# The last day among a row's grounds; ``at`` ends in an ISO date.
_NEWEST = "(select coalesce(max(right(one ->> 'at', 10)), '') from jsonb_array_elements(advice.rests_on) as one)"
_NOW_OPEN = f"""
    select person_id, rule_id, advice_id, digest, case when rule_id = any(%(renewing)s) then {_NEWEST} end
      from health.advice where person_id = any(%(people)s::bigint[]) and closed_at is null
"""  # noqa: S608 - text of our own
_CLOSE = "update health.advice set closed_at = %s where advice_id = any(%s::bigint[]) and closed_at is null"
_CHANGE = f"""
    {_SAID_ROWS}
    update health.advice
       set ({", ".join(_SAID)}, digest, judged_at)
         = ({", ".join(f"said.{name}" for name in _SAID)}, said.digest, %(now)s)
      from said where (said.person_id, said.rule_id) = (advice.person_id, advice.rule_id) and closed_at is null
       and ({", ".join(f"advice.{name}" for name in _SAID)})
           is distinct from ({", ".join(f"said.{name}" for name in _SAID)})
"""  # noqa: S608 - column names of our own dataclass
_OPEN = f"""
    {_SAID_ROWS}
    insert into health.advice (person_id, {", ".join(_SAID)}, digest, judged_at, created_at)
    select person_id, {", ".join(_SAID)}, digest, %(now)s, %(now)s from said order by person_id, rank
        on conflict (person_id, rule_id) where closed_at is null do nothing
    returning person_id, rule_id, advice_id
"""  # noqa: S608 - column names of our own dataclass
_WORKLIST = f"""
    select public_id, sex, birth_date, {_COLUMNS}
      from health.advice join health.people using (person_id)
     where closed_at is null and kind in ('red_flag', 'referral') and audience in ('nurse', 'both') and town = %s
     order by max(advice.created_at) over (partition by person_id) desc, person_id, rank, advice_id
"""  # noqa: S608 - column names of our own dataclass


def settle(
    conn: psycopg.Connection,
    verdicts: Mapping[int, Iterable[Spoken]],
    now: datetime,
    *,
    unheard: Iterable[tuple[int, str]] = (),
    renewing: Iterable[str] = (),
) -> Settled:
    """Bring the open rows of these people in line with what the rules say now.

    A rule that says the same leaves its row alone; other words or grounds change it in place; one that fell
    silent closes its row; one that speaks anew opens a row. ``unheard``: (person, rule) of which nobody knows
    whether it would speak; an open row of these stays as it is. ``renewing``: rules of which a later day among the
    grounds is a new occasion: the old row closes and a new one opens. The caller holds each person's lock
    (``due.take`` or ``due.hold``).
    """
    said = {(person, one.rule_id): one for person, spoken in verdicts.items() for one in spoken}
    digests = {key: _digest(one) for key, one in said.items()}
    known, ended = _standing(conn, list(verdicts), said, unheard=set(unheard), renewing=list(renewing))
    closed = conn.execute(_CLOSE, (now, array_text(ended))).rowcount if ended else 0
    other = {key: said[key] for key, digest in known.items() if key in said and digest != digests[key]}
    new = {key: one for key, one in said.items() if key not in known}
    changed = conn.execute(_CHANGE, {"said": _rows(other, digests), "now": now}).rowcount if other else 0
    opened = conn.execute(_OPEN, {"said": _rows(new, digests), "now": now}).fetchall() if new else []
    rows = ((advice, person, new[person, rule]) for person, rule, advice in opened)
    return Settled(tuple(_row(advice, person, one, now) for advice, person, one in rows), changed, closed)


def _standing(
    conn: psycopg.Connection,
    people: Sequence[int],
    said: Mapping[_Key, Spoken],
    *,
    unheard: Set[_Key],
    renewing: Sequence[str],
) -> tuple[dict[_Key, int], list[int]]:
    """Of the open rows the digests of those that go on, and the ids of those that end."""
    known: dict[_Key, int] = {}
    ended: list[int] = []
    asked = {"people": array_text(people), "renewing": renewing}
    for person, rule, advice_id, digest, newest in conn.execute(_NOW_OPEN, asked):
        one = said.get((person, rule))
        goes_on = one is not None and (newest is None or _newest(one) <= newest)
        if goes_on or (person, rule) in unheard:
            known[person, rule] = digest
        else:
            ended.append(advice_id)
    return known, ended


def _newest(one: Spoken) -> str:
    return max((ground["at"][-10:] for ground in one.rests_on), default="")


def _digest(one: Spoken) -> int:
    """What tells whether a row still says the same, without reading its words: nearly every row of a night does."""
    return int.from_bytes(blake2b(msgspec.json.encode(one), digest_size=8).digest(), signed=True)


def _rows(said: Mapping[_Key, Spoken], digests: Mapping[_Key, int]) -> str:
    """As JSON. Whole texts of hundreds of people: only what a statement needs is sent, and by the fast encoder."""
    rows = [
        {"person_id": person, "digest": digests[person, rule], **_words(one)} for (person, rule), one in said.items()
    ]
    return msgspec.json.encode(rows).decode()


def _words(one: Spoken) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _SAID}


def _row(advice_id: int, person_id: int, one: Spoken, now: datetime) -> AdviceRow:
    return AdviceRow(
        **_words(one), advice_id=advice_id, person_id=person_id, judged_at=now, created_at=now, closed_at=None
    )


def open_for(conn: psycopg.Connection, person_id: int, audience: str = "citizen") -> list[AdviceRow]:
    """What ``audience`` ('citizen' or 'nurse') sees of this person now, in screen order."""
    with conn.cursor(row_factory=class_row(AdviceRow)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.advice where person_id = %s and closed_at is null"  # noqa: S608
            " and audience in (%s, 'both') order by rank, advice_id",
            (person_id, audience),
        ).fetchall()


def worklist(conn: psycopg.Connection, town: str) -> list[WorkRow]:
    """People of a town with open red flags or referrals that are for the nurse too; who has the newest comes first."""
    rows = conn.execute(_WORKLIST, (town,)).fetchall()
    names = [item.name for item in fields(AdviceRow)]
    people = []
    for (public_id, sex, born), group in groupby(rows, key=lambda row: row[:3]):
        advice = tuple(AdviceRow(**dict(zip(names, row[3:], strict=True))) for row in group)
        people.append(WorkRow(advice[0].person_id, public_id, sex, born, advice))
    return people


def feedback(
    conn: psycopg.Connection, person_id: int, advice_id: int, answer: Answer, *, by_proxy: bool = False
) -> bool:
    """Note the answer to the person's own advice; False when it is not theirs. The same answer again is one row.

    The person is judged anew: "not for me" takes the advice off the screen. ``by_proxy``: somebody who may enter for
    them said it; "done", "not yet" and "under care" alone, the others are the person's own to say (the database
    refuses them). "Under care" is no answer to advice, praise or information: False.
    """
    conn.execute("select pg_advisory_xact_lock(hashtextextended('feedback:' || %s, 0))", (person_id,))  # one by one
    mine = conn.execute(
        "select (select answer from health.feedback where feedback.advice_id = advice.advice_id"
        " order by feedback_id desc limit 1), kind from health.advice where (advice_id, person_id) = (%s, %s)",
        (advice_id, person_id),
    ).fetchone()
    if mine is None or (answer == "under_care" and mine[1] not in _OF_CARE):
        return False
    if mine[0] != answer:
        conn.execute(
            "insert into health.feedback (advice_id, person_id, answer, by_proxy) values (%s, %s, %s, %s)",
            (advice_id, person_id, answer, by_proxy),
        )
        due.mark(conn, "advice", [(person_id, civil_day(datetime.now(UTC)))])
    return True


def answers(conn: psycopg.Connection, person_id: int) -> dict[int, Answer]:
    """The person's last answer to each advice they answered."""
    rows = conn.execute(
        "select distinct on (advice_id) advice_id, answer from health.feedback where person_id = %s"
        " order by advice_id, feedback_id desc",
        (person_id,),
    )
    return dict(rows.fetchall())


def answers_to(conn: psycopg.Connection, advice_ids: Iterable[int]) -> dict[int, Answer]:
    """The last answer to each of these that was answered, whosever they are."""
    rows = conn.execute(
        "select distinct on (advice_id) advice_id, answer from health.feedback where advice_id = any(%s)"
        " order by advice_id, feedback_id desc",
        (list(advice_ids),),
    )
    return dict(rows.fetchall())


def because(conn: psycopg.Connection, person_id: int) -> dict[int, str]:
    """Of the advice that was chosen last: why before others, 'own' or 'town'; nothing where that cannot be said."""
    rows = conn.execute(
        "select advice_id, because from health.choices where person_id = %s and advice_id is not null"
        " order by day desc limit 1",
        (person_id,),
    )
    return {advice_id: why for advice_id, why in rows if why}
