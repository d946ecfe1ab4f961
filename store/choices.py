"""Which one piece of advice was pushed, with what chance, and what became of it. Append-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store.advice import AdviceRow
from store.choice_outcomes import COUNTS

Counts = Mapping[str, tuple[float, float]]  # family -> (done, tried), old ones at half weight

LATELY = timedelta(days=7)
TIRED = timedelta(days=60)
_FADING = timedelta(days=90)  # effects fade: what is older counts half


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice. ``options``: [{"family", "rule", "chance"}]; ``advice_id`` and ``rule_id`` None: none was taken."""

    person_id: int
    day: date
    at: datetime
    model_id: str
    rules_version: str
    facts_hash: str
    snapshot: dict[str, list[float]]
    snapshot_hash: str
    options: list[dict[str, Any]]
    family: str
    rule_id: str | None
    advice_id: int | None
    seed: str
    uniform: bool
    because: str = ""  # why it came first: 'own' record, the 'town''s, '' where that cannot be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the ranker needs to know of one person. ``told``: (day, rule) of the last week, the newest first.

    ``chose_on``: the last day with a choice, also of none. ``tired``: rule -> answers "not for me" of the last 60 days.
    ``rung``: rules whose open advice was delivered or is about to be; ``open``: every rule with an open row.
    """

    counts: dict[str, tuple[float, float]] = field(default_factory=dict)
    told: list[tuple[date, str]] = field(default_factory=list)
    chose_on: date | None = None
    tired: dict[str, int] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    rung: frozenset[str] = frozenset()


_COLUMNS = ", ".join(item.name for item in fields(Choice))
_ADVICE = ", ".join(f"advice.{item.name}" for item in fields(AdviceRow))
_COUNTS = f"""
    select person_id, family, sum(weight * value), sum(weight)
      from (select choices.person_id, family, value,
                   case when choices.at < %(now)s - %(fading)s then 0.5 else 1.0 end::double precision as weight
              from health.choices join health.choice_outcomes using (person_id, day)
             where {COUNTS} and choices.at < %(now)s and (%(everybody)s or person_id = any(%(people)s))) as one
     group by person_id, family order by person_id, family
"""  # noqa: S608 - text of our own
_TOLD = """
    select person_id, day, rule_id from health.choices
     where person_id = any(%(people)s) and day > %(today)s - %(lately)s::integer and day <= %(today)s
     order by person_id, day desc
"""
_TIRED = """
    select person_id, rule_id, count(*) from (
        select distinct on (advice_id) advice_id, feedback.person_id, rule_id, answer, at
          from health.feedback join health.advice using (advice_id)
         where feedback.person_id = any(%(people)s) order by advice_id, feedback_id desc) as last
     where answer = 'not_for_me' and at > %(now)s - %(tired)s group by person_id, rule_id
"""
_OPEN = """
    select person_id, rule_id,
           exists (select from health.deliveries where deliveries.advice_id = advice.advice_id
                      and (attempts > 0 or status <> 'dropped' or reason is distinct from 'no_channel'))
      from health.advice where person_id = any(%(people)s) and closed_at is null
"""


def past(conn: psycopg.Connection, people: Sequence[int], now: datetime, today: date) -> dict[int, Past]:
    """What is known of each of these people."""
    asked = _asked(now, people=list(people), today=today, lately=LATELY.days, tired=TIRED)
    found: dict[int, dict[str, Any]] = {person: {"open": set(), "rung": set()} for person in people}
    for person, family, done, tried in conn.execute(_COUNTS, asked):
        found[person].setdefault("counts", {})[family] = (done, tried)
    for person, day, rule in conn.execute(_TOLD, asked):
        found[person].setdefault("chose_on", day)
        if rule:
            found[person].setdefault("told", []).append((day, rule))
    for person, rule, times in conn.execute(_TIRED, asked):
        found[person].setdefault("tired", {})[rule] = times
    for person, rule, rung in conn.execute(_OPEN, asked):
        found[person]["open"].add(rule)
        if rung:
            found[person]["rung"].add(rule)
    return {
        person: Past(**(known | {"open": frozenset(known["open"]), "rung": frozenset(known["rung"])}))
        for person, known in found.items()
    }


def counts(conn: psycopg.Connection, now: datetime) -> dict[int, dict[str, tuple[float, float]]]:
    """Of everybody with a rewarded choice: how often each family was pushed and followed."""
    found: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    for person, family, done, tried in conn.execute(_COUNTS, _asked(now, people=[], everybody=True)):
        found[person][family] = (done, tried)
    return dict(found)


def keep(conn: psycopg.Connection, made: Iterable[Choice]) -> list[AdviceRow]:
    """Write choices, each with the open advice of its rule; returns these open rows.

    Raises UniqueViolation for a second choice on the same day.
    """
    chosen = {choice.person_id: choice for choice in made}
    rows = _open_rows(conn, [(person, choice.rule_id) for person, choice in chosen.items() if choice.rule_id])
    ids = {row.person_id: row.advice_id for row in rows}
    kept = [replace(choice, advice_id=ids.get(person)) for person, choice in chosen.items()]
    conn.execute(
        f"insert into health.choices ({_COLUMNS}) select {_COLUMNS}"  # noqa: S608 - column names of our own dataclass
        " from jsonb_populate_recordset(null::health.choices, %s)",
        (msgspec.json.encode(kept).decode(),),
    )
    return rows


def _open_rows(conn: psycopg.Connection, wanted: Sequence[tuple[int, str]]) -> list[AdviceRow]:
    with conn.cursor(row_factory=class_row(AdviceRow)) as cursor:
        return cursor.execute(
            f"select {_ADVICE} from health.advice join unnest(%s::bigint[], %s::text[]) as wanted (person, rule)"  # noqa: S608
            " on (person_id, rule_id) = (wanted.person, wanted.rule) where closed_at is null",
            ([person for person, _ in wanted], [rule for _, rule in wanted]),
        ).fetchall()


def all_since(conn: psycopg.Connection, since: datetime) -> list[Choice]:
    """Every choice since then, in order of time."""
    with conn.cursor(row_factory=class_row(Choice)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from health.choices where at >= %s order by at, person_id, day",  # noqa: S608
            (since,),
        ).fetchall()


def models(conn: psycopg.Connection) -> dict[str, dict[str, Any]]:
    """Every model that ever chose: id -> parameters."""
    return dict(conn.execute("select model_id, parameters from health.ranker_models").fetchall())


def newest_model(conn: psycopg.Connection) -> tuple[str, dict[str, Any]] | None:
    """The model that chooses now, if one was ever made."""
    return conn.execute(
        "select model_id, parameters from health.ranker_models order by made_at desc, model_id limit 1"
    ).fetchone()


def keep_model(
    conn: psycopg.Connection, model_id: str, parameters: Mapping[str, Any], *, tries: int, now: datetime
) -> None:
    """Keep what the ranker learnt; the same again stays as it was."""
    conn.execute(
        "insert into health.ranker_models (model_id, parameters, tries, made_at) values (%s, %s, %s, %s)"
        " on conflict do nothing",
        (model_id, Jsonb(dict(parameters)), tries, now),
    )


def _asked(now: datetime, **more: object) -> dict[str, object]:
    return {"now": now, "fading": _FADING, "everybody": False, **more}
