"""From the database to ``Facts``, for many people at once: a fixed number of queries however many people.

Reads no names. Everything is cut at the end of ``today``, so that a device whose clock runs ahead changes
nothing, and a day judged again later gives the same facts. Of a facility's records only what the citizen may
see: released, not withdrawn, under a consent in force (advice that rested on a withheld record would give it away).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

import psycopg
from psycopg.rows import scalar_row

from advice_engine.facts import CareAnswer, Checkup, DayFigure, Facts, Goal, HomePressure, Point
from devices import catalogue
from store import records
from store.clock import day_start
from store.copied import array_text

DAY_METRICS = ("steps", "weight", "body_fat", "sleep", "temperature")
DAYS = 120
READING_DAYS = 28

# Of who has left the record nothing is a fact any more, and the rules fall silent.
_PEOPLE = """
    select person_id, birth_date, sex, health.has_left(person_id, statement_timestamp())
      from health.people where person_id = any(%(people)s::bigint[])
"""
_DAYS = """
    select person_id, metric, array_agg(day order by day), array_agg(coalesce(total, mean) order by day),
           array_agg(n order by day)
      from health.days
     where person_id = any(%(people)s::bigint[]) and metric = any(%(day_metrics)s)
       and day > %(today)s - %(days)s::integer and day <= %(today)s
     group by person_id, metric
"""
# Samples of one measurement share person, at and source; a measurement without either pressure is none.
_PRESSURES = """
    select person_id, at, max(value) filter (where metric = 'bp_sys') as sys,
           max(value) filter (where metric = 'bp_dia') as dia, max(value) filter (where metric = 'pulse') as pulse,
           bit_or(flags)
      from health.readings
     where person_id = any(%(people)s::bigint[]) and metric in ('bp_sys', 'bp_dia', 'pulse')
       and at >= %(since)s and at < %(until)s
     group by person_id, at, source_id
    having count(*) filter (where metric = 'bp_sys') > 0 and count(*) filter (where metric = 'bp_dia') > 0
     order by person_id, at, source_id
"""
_GLUCOSES = """
    select person_id, at, value from health.readings
     where person_id = any(%(people)s::bigint[]) and metric = 'glucose' and at >= %(since)s and at < %(until)s
     order by person_id, at, source_id
"""


# The consent is asked once a person, source and kind, not once a record.
def _visible(wanted: str) -> str:
    return f"""
    found as materialized (
        select * from health.records
         where person_id = any(%(people)s::bigint[]) and at < %(until)s and released and not withdrawn and ({wanted})),
    allowed as materialized (
        select person_id, source_id, seen.kind from (select distinct person_id, source_id, kind from found) as seen
          join health.sources as source using (source_id)
         where health.consent_in_force(person_id, %(purpose)s, coalesce(source.code, ''), seen.kind,
                                       statement_timestamp())
               is not null),
    visible as (select found.* from found join allowed using (person_id, source_id, kind))
"""  # noqa: S608 - text of our own


# A pressure taken twice stands once in the checkup: その他 (the settled value) before the second before the first
# measurement, which is the descending order of their codes; a waist measured by staff before a self-reported one
# is the ascending order.
_CHECKUPS = f"""
    with {_visible("document_id is not null and metric is not null and value is not null")}
    select person_id, at, facility, document_id, array_agg(metric), array_agg(value)
      from (select distinct on (document.person_id, document.at, document_id, metric)
                   document.person_id, document_id, document.at, document.facility, metric, value
              from health.documents as document join visible using (document_id)
             where document.kind = 'checkup' and document.at <= %(today)s
             order by document.person_id, document.at desc, document_id desc, metric,
                      case when metric like 'office\\_bp%%' then code end desc, code, record_id) as settled
     group by person_id, at, facility, document_id
     order by person_id, at desc, document_id desc
"""  # noqa: S608 - text of our own
# A medicine counts for a year after it was prescribed or handed over, unless the prescription was cancelled or
# stopped (fhir_bridge writes that first); a pregnancy for thirteen months. Other conditions stay.
_TREATED = """
    kind in ('prescription', 'dispense') and code <> '' and at >= %(today_start)s - interval '365 days'
        and value_text !~ '^(取り消し|中止)'
    or kind = 'condition' and code ~* '^[A-Z][0-9][0-9AB]'
        and (code !~* '^(O|Z3[345])' or at >= %(today_start)s - interval '400 days')
"""
_CODES = f"""
    with {_visible(_TREATED)}
    select distinct person_id, case kind when 'condition' then kind else 'prescription' end, code from visible
"""  # noqa: S608 - text of our own
_DEVICES = """
    with days as (select tstzrange(%(today_start)s, %(until)s) as today),
    live as (select person_id, household_id, model from health.registrations, days where valid && today)
    select person_id, model from live where person_id = any(%(people)s::bigint[])
    union
    select member.person_id, model from live join health.household_members as member using (household_id), days
     where member.person_id = any(%(people)s::bigint[]) and member.valid && today
"""
# For a year: what is held leaves the screen, where nobody could take the answer back, and people change.
_UNWANTED = """
    select person_id, rule_id from (
        select distinct on (person_id, rule_id) person_id, rule_id, answer, at
          from health.feedback join health.advice using (advice_id, person_id)
         where person_id = any(%(people)s::bigint[]) order by person_id, rule_id, feedback_id desc) as last
     where answer = 'not_for_me' and at >= %(today_start)s - interval '365 days'
"""
_CARE = """
    select said.person_id, said.rule_id, what, case when who like 'staff:%%' then 'nurse' else who end,
           (said.at at time zone interval '+09:00')::date,
           (select coalesce(max(right(one ->> 'at', 10)), '') from jsonb_array_elements(about.rests_on) as one)
      from health.care_answers as said join health.advice as about using (advice_id)
     where said.person_id = any(%(people)s::bigint[]) and what in ('seen', 'treated')
       and said.at >= %(today_start)s - interval '366 days'
     order by said.person_id, said.rule_id
"""
_GOALS = """
    select person_id, kind, target, since, until, start,
           array(select day from health.goal_days as tapped
                  where (tapped.person_id, tapped.kind) = (goals.person_id, goals.kind)
                    and day > %(today)s - %(days)s::integer and day <= %(today)s)
      from health.goals
     where person_id = any(%(people)s::bigint[]) and ended_at is null and since <= %(today)s
     order by person_id, kind
"""

_NONE: Mapping[Any, Any] = MappingProxyType({})
_EMPTY: frozenset[str] = frozenset()
MOST_OF_A_DEVICE = 6  # metrics; what carries more is a format for devices of any kind
Row = tuple[Any, ...]
T = TypeVar("T")


def gather(conn: psycopg.Connection, person_ids: Sequence[int], today: date) -> dict[int, Facts]:
    """The facts of each of these people on ``today``; who is not known is left out."""
    asked = _asked(person_ids, today)

    def rows(query: str) -> Iterable[Row]:
        return conn.cursor(binary=True).execute(query, asked).fetchall()

    days = _days(rows(_DAYS))
    pressures = _grouped(rows(_PRESSURES), lambda row: HomePressure(*row[1:]))
    glucoses = _grouped(rows(_GLUCOSES), lambda row: Point(*row[1:]))
    checkups = _checkups(rows(_CHECKUPS))
    codes = _sets(((person, kind), code) for person, kind, code in rows(_CODES))
    measured = _measured(days, pressures, glucoses)
    devices = _sets(
        (person, metric) for person, model in rows(_DEVICES) for metric in _metrics(model, measured.get(person, _EMPTY))
    )
    unwanted = _sets(rows(_UNWANTED))
    goals = _grouped(rows(_GOALS), _goal)
    care = _grouped(rows(_CARE), lambda row: CareAnswer(*row[1:]))
    return {
        person: Facts(person_id=person, today=today, birth_date=birth_date, sex=sex)
        if left
        else Facts(
            person_id=person,
            today=today,
            birth_date=birth_date,
            sex=sex,
            days=days.get(person, _NONE),
            pressures=pressures.get(person, ()),
            glucoses=glucoses.get(person, ()),
            checkups=checkups.get(person, ()),
            conditions=codes.get((person, "condition"), frozenset()),
            drugs=codes.get((person, "prescription"), frozenset()),
            devices=devices.get(person, frozenset()),
            unwanted=unwanted.get(person, frozenset()),
            goals=goals.get(person, ()),
            care=care.get(person, ()),
        )
        for person, birth_date, sex, left in rows(_PEOPLE)
    }


def everyone(conn: psycopg.Connection) -> list[int]:
    """All people's ids, ascending."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute("select person_id from health.people order by person_id").fetchall()


def _asked(person_ids: Sequence[int], today: date) -> dict[str, object]:
    return {
        "people": array_text(sorted(set(person_ids))),
        "today": today,
        "today_start": day_start(today),
        "day_metrics": list(DAY_METRICS),
        "days": DAYS,
        "since": day_start(today - timedelta(days=READING_DAYS - 1)),
        "until": day_start(today + timedelta(days=1)),
        "purpose": records.PURPOSE,
    }


def _measured(days: Mapping[int, Mapping[str, Any]], *points: Mapping[int, Any]) -> dict[int, set[str]]:
    """person -> the metrics of which something came; ``points``: pressures, glucoses."""
    found = defaultdict(set, {person: set(metrics) for person, metrics in days.items()})
    for metric, known in zip(("bp_sys", "glucose"), points, strict=True):
        for person in known:
            found[person].add(metric)
    return found


def _metrics(model: str, measured: Set[str]) -> Iterable[str]:
    # a registration outlives its format's file only by a mistake; it then measures nothing that we understand
    known = catalogue.models().get(model)
    if known is None:
        return ()
    # An exchange format can carry anything: it shows a scale or a cuff only by what came from one.
    return known.metrics if len(known.metrics) <= MOST_OF_A_DEVICE else measured & set(known.metrics)


def _days(rows: Iterable[Row]) -> dict[int, Mapping[str, tuple[DayFigure, ...]]]:
    figures: dict[int, dict[str, tuple[DayFigure, ...]]] = defaultdict(dict)
    for person, metric, *columns in rows:
        figures[person][metric] = tuple(map(DayFigure, *columns))
    return {person: MappingProxyType(found) for person, found in figures.items()}


def _checkups(rows: Iterable[Row]) -> dict[int, tuple[Checkup, ...]]:
    def checkup(row: Row) -> Checkup:
        _, at, facility, document, metrics, values = row
        return Checkup(at, facility, document, MappingProxyType(dict(zip(metrics, values, strict=True))))

    return _grouped(rows, checkup)


def _goal(row: Row) -> Goal:
    _, kind, target, since, until, start, tapped = row
    return Goal(kind=kind, target=target, since=since, until=until, start=start, tapped=frozenset(tapped))


def _grouped(rows: Iterable[Row], build: Callable[[Row], T]) -> dict[int, tuple[T, ...]]:
    found: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(build(row))
    return {person: tuple(values) for person, values in found.items()}


def _sets(pairs: Iterable[Sequence[Any]]) -> dict[Any, frozenset[Any]]:
    found: dict[Any, set[Any]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return {key: frozenset(values) for key, values in found.items()}
