"""Twelve weeks of invented people, judged and told by the worker's own code, with the clock moved from day to day.

Judging, ranking, caps, quiet hours and rests are the real ones (``advice_engine.run``, ``deliver``, ``weekly``): what
comes out is what the engine would have done. In a database that holds nobody else; nothing is sent (channel ``log``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from advice_engine import choosing, weekly
from advice_engine.deliver import deliver_once
from advice_engine.run import judge_all, work_once
from phr_api.personas import BEFORE, DAYS, Persona, at, day_of, figures, pressures
from store import advice, due, message_wishes
from store.advice import AdviceRow
from store.clock import civil_day, day_start
from store.message_wishes import Wishes
from store.settings import Settings

TOTALS = ("steps", "sleep")
ANSWERED_ON = 3  # Thursday, counted from Monday
_PERSON = "insert into health.people (birth_date, sex) values (%s, %s) returning person_id"
_SOURCE = "insert into health.sources (kind, label, code) values (%s, %s, %s) returning source_id"
_CONSENT = """
    insert into health.consents (person_id, purpose, recipient, items, valid, text_version, given_by)
    values (%s, 'phr_records', '*', '{*}', '[2015-01-01,)', '1', 'self') returning consent_id
"""
_DOCUMENT = """
    insert into health.documents (person_id, source_id, consent_id, kind, identifier, title, facility, at)
    values (%(person)s, %(source)s, %(consent)s, 'checkup', 'persona|' || %(person)s, '健診', '健診機関(見本)', %(on)s)
    returning document_id
"""
_RECORD = """
    insert into health.records (person_id, source_id, consent_id, document_id, key, kind, at, title, released,
                                metric, value, code)
    values (%(person)s, %(source)s, %(consent)s, %(document)s, %(key)s, %(kind)s, %(at)s, %(key)s, true,
            %(metric)s, %(value)s, %(code)s)
    returning record_id
"""
_DAY = """
    insert into health.days (person_id, day, metric, n, total, mean, low, high, last)
    values (%(person)s, %(day)s, %(metric)s, 1, %(total)s, %(value)s, %(value)s, %(value)s, %(value)s)
    on conflict (person_id, day, metric) do nothing
"""
_READING = """
    insert into health.readings (person_id, metric, at, source_id, value) values (%s, %s, %s, %s, %s)
    on conflict do nothing
"""
_HELD = "select person_id, at, held, push from health.decisions order by decision_id"
_RANG = """
    select deliveries.person_id, sent_at, coalesce(rule_id, 'reflection'), coalesce(kind, 'reflection')
      from health.deliveries left join health.advice using (advice_id) where sent_at is not null
     order by sent_at, delivery_id
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One evening: what stood on the person's page, and what the 保健師's work list held of them."""

    day: date
    screen: tuple[AdviceRow, ...]
    nurse: tuple[AdviceRow, ...]


@dataclass(frozen=True, slots=True)
class Rang:
    """One message that went out: when, of which rule and kind."""

    at: datetime
    rule: str
    kind: str


@dataclass(slots=True)
class Lived:
    """One person's twelve weeks. ``decided``: (when, what was held and why, what rang or why not)."""

    persona: Persona
    seen: list[Seen] = field(default_factory=list)
    rang: list[Rang] = field(default_factory=list)
    decided: list[tuple[datetime, Mapping[str, str], Mapping[str, str]]] = field(default_factory=list)
    answered: list[tuple[date, str, str]] = field(default_factory=list)  # day, title, answer


@dataclass(frozen=True, slots=True)
class _Known:
    """Where this person's rows hang."""

    person: int
    source: int
    consent: int
    persona: Persona


def live(
    pool: ConnectionPool,
    people: Sequence[Persona],
    progress: Callable[[int, int], None] | None = None,
    *,
    days: int = DAYS,
) -> list[Lived]:
    """Everybody's first ``days`` days, in a fresh, migrated, empty database."""
    with pool.connection() as conn:
        known = [_move_in(conn, persona) for persona in people]
    lived = {one.person: Lived(one.persona) for one in known}
    for number in range(1, days + 1):
        _day(pool, known, lived, number)
        if progress:
            progress(number, days)
    with pool.connection() as conn:
        for person, when, held, push in conn.execute(_HELD):
            lived[person].decided.append((when, held, push))
        for person, when, rule, kind in conn.execute(_RANG):
            lived[person].rang.append(Rang(when, rule, kind))
    return list(lived.values())


def _day(pool: ConnectionPool, known: Sequence[_Known], lived: Mapping[int, Lived], number: int) -> None:
    """Night, morning, noon, evening of one day, as the worker's schedule has them."""
    today = day_of(number)
    night, morning, noon, evening = (at(today, hour, 30) for hour in (3, 7, 12, 21))
    with pool.connection() as conn:
        choosing.learn(conn, night)
    judge_all(pool, night)
    with pool.connection() as conn:
        for one in known:
            _happen(conn, one, number)
            _measure(conn, one, number, until=morning)
        due.mark(conn, "advice", [(one.person, today) for one in known])
    _judge_and_tell(pool, morning)
    with pool.connection() as conn:
        weekly.remind(conn, morning + timedelta(hours=1))
    _tell(pool, morning + timedelta(hours=1))
    with pool.connection() as conn:
        answered = [one.person for one in known if _answer(conn, one, lived[one.person], noon)]
        due.mark(conn, "advice", [(person, today) for person in answered])
    _judge_and_tell(pool, noon)
    with pool.connection() as conn:
        for one in known:
            _measure(conn, one, number, until=evening)
            lived[one.person].seen.append(_seen(conn, one.person, today))


def _judge_and_tell(pool: ConnectionPool, now: datetime) -> None:
    while work_once(pool, now):
        pass
    _tell(pool, now)


def _tell(pool: ConnectionPool, now: datetime) -> None:
    while deliver_once(pool, Settings(), now):
        pass


def _seen(conn: psycopg.Connection, person: int, day: date) -> Seen:
    listed = [row for one in advice.worklist(conn, "062049") if one.person_id == person for row in one.advice]
    return Seen(day, tuple(advice.open_for(conn, person)), tuple(listed))


def _answer(conn: psycopg.Connection, one: _Known, lived: Lived, now: datetime) -> bool:
    """On Thursday, in the weeks with an answer: to the first piece of advice on the page."""
    day = civil_day(now)
    week = (day - day_of(1)).days // 7 + 1
    answer = one.persona.answers.get(week) if day.weekday() == ANSWERED_ON else None
    first = next((row for row in advice.open_for(conn, one.person) if row.kind == "advice"), None)
    if not answer or not first:
        return False
    conn.execute(
        "insert into health.feedback (advice_id, person_id, answer, at) values (%s, %s, %s, %s)",
        (first.advice_id, one.person, answer, now),
    )
    lived.answered.append((day, first.title, answer))
    return True


def _move_in(conn: psycopg.Connection, persona: Persona) -> _Known:
    """The person with devices, wishes, checkup and the days before."""
    person = _id(conn, _PERSON, persona.born, persona.sex)
    one = _Known(person, _id(conn, _SOURCE, "record", "健診機関(見本)", None), _id(conn, _CONSENT, person), persona)
    if persona.a_week is not None:
        message_wishes.keep(conn, person, Wishes(a_week=persona.a_week), by="self")
    if persona.examined:
        on, values = persona.examined
        document = _id(conn, _DOCUMENT, person=person, source=one.source, consent=one.consent, on=on)
        for metric, value in values.items():
            _record(conn, one, day_start(on), kind="checkup_item", key=metric, document=document, value=value)
    gateway = f"persona-{persona.key}"
    conn.execute("insert into health.gateways (gateway_id, password_hash) values (%s, '')", (gateway,))
    for number, model in enumerate(persona.devices):
        conn.execute(
            "insert into health.registrations (gateway_id, device, model, person_id, source_id, valid)"
            " values (%s, %s, %s, %s, %s, '[2025-01-01,)')",
            (gateway, str(number), model, person, _id(conn, _SOURCE, "device", "機器", None)),
        )
    for number in range(1 - BEFORE, 1):
        _measure(conn, one, number, until=at(day_of(number), 23))
    return one


def _happen(conn: psycopg.Connection, one: _Known, number: int) -> None:
    """A condition or prescription that arrives on this day."""
    for event in one.persona.events:
        if event.day != number:
            continue
        for kind, code in (("condition", event.condition), ("prescription", event.prescription)):
            if code:
                _record(conn, one, at(day_of(number), 0), kind=kind, key=f"{kind} {number}", code=code)


def _measure(conn: psycopg.Connection, one: _Known, number: int, *, until: datetime) -> None:
    """What is known by ``until`` of this day: weight and sleep in the morning, steps at its end."""
    day = day_of(number)
    for metric, value in figures(one.persona, number).items():
        if metric != "steps" or until > at(day, 20):
            _figure(conn, one.person, day, metric=metric, value=round(value) if metric == "steps" else value)
    for moment, sys, dia in pressures(one.persona, number):
        if moment <= until:
            _pressure(conn, one, moment, sys=sys, dia=dia)


def _pressure(conn: psycopg.Connection, one: _Known, moment: datetime, *, sys: float, dia: float) -> None:
    for metric, value in (("bp_sys", sys), ("bp_dia", dia)):
        conn.execute(_READING, (one.person, metric, moment, one.source, value))
        _figure(conn, one.person, civil_day(moment), metric=metric, value=value)


def _figure(conn: psycopg.Connection, person: int, day: date, *, metric: str, value: float) -> None:
    total = value if metric in TOTALS else None
    conn.execute(_DAY, {"person": person, "day": day, "metric": metric, "total": total, "value": value})


def _record(conn: psycopg.Connection, one: _Known, moment: datetime, **told: Any) -> None:
    given = {"document": None, "value": None, "code": "", "metric": told["key"] if "value" in told else None, **told}
    _id(conn, _RECORD, person=one.person, source=one.source, consent=one.consent, at=moment, **given)


def _id(conn: psycopg.Connection, statement: str, *values: object, **named: object) -> int:
    row = conn.execute(statement.encode(), named or values).fetchone()
    assert row is not None
    return int(row[0])
