"""Walk one, step 7: due people to facts to advice, deliveries and the decision log, in one transaction.

A worker that dies leaves its due marks where they were. Two workers never judge the same person at once (each
person's lock is held from before the facts are read until the commit), and nobody is told twice: an advice row is
new only once, and of one advice there is one delivery.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec
import psycopg
from psycopg_pool import ConnectionPool

from advice_engine import choosing, wishes
from advice_engine.choosing import Record
from advice_engine.facts import Facts
from advice_engine.gather import everyone, gather
from advice_engine.judge import Judgement, judge, put_first
from advice_engine.push import Known, Push, plan
from advice_engine.rule import Rule, Source
from store import advice, choices, decisions, deliveries, due, message_wishes, nights, registry
from store.advice import AdviceRow, Spoken
from store.choices import Choice
from store.clock import civil_day, day_start
from store.decisions import Decision

CHUNK = 100  # people in one transaction: a red flag among them waits until it ends; more at once is hardly quicker

_KNOWN = tuple(one.name for one in fields(Facts) if one.init and one.name != "today")

log = logging.getLogger(__name__)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the house, in the order of file names."""
    return registry.load("advice_engine.rules", "RULE")


def work_once(pool: ConnectionPool, now: datetime, limit: int = CHUNK) -> int:
    """Judge the people of up to ``limit`` due marks; returns how many people were due (0: nothing left to do)."""
    with pool.connection() as conn:
        people = sorted({person for person, _ in due.take(conn, "advice", limit)})
        if people:
            _decide(conn, people, now)
    return len(people)


def judge_all(pool: ConnectionPool, now: datetime, progress: Callable[[int, int], None] | None = None) -> int:
    """Judge everybody, chunk by chunk; ``progress(done, total)`` after each. Returns how many people."""
    with pool.connection() as conn:
        people = everyone(conn)
    for start in range(0, len(people), CHUNK):
        chunk = people[start : start + CHUNK]
        with pool.connection() as conn:
            due.hold(conn, "advice", chunk)
            _decide(conn, chunk, now)
        if progress:
            progress(start + len(chunk), len(people))
    return len(people)


def judge_portion(pool: ConnectionPool, now: datetime, failed: set[str]) -> int | None:
    """Judge the next portion of this night that nobody has done or is at; how many people, None when none is left.

    A portion whose judging fails is left to the next turn (its name goes into ``failed``) and holds up no other.
    """
    night = civil_day(now)
    with pool.connection() as conn:
        portion = nights.take(conn, night, CHUNK, left=failed)
        if portion is None:
            return None
        failed.add(portion.name)
        due.hold(conn, "advice", portion.people)
        _decide(conn, portion.people, now)
        nights.done(conn, portion, night)
    failed.discard(portion.name)
    return len(portion.people)


def fingerprint(facts: Facts) -> str:
    """The same for the same facts, whatever order sets and mappings come in, and on whatever day they are judged.

    Without ``today``, so that the nightly run over unchanged facts is known to be one; what then differs because a
    day has passed shows in the decision itself.
    """
    known = [getattr(facts, name) for name in _KNOWN]
    return sha256(msgspec.json.encode(known, enc_hook=dict, order="deterministic")).hexdigest()


def _decide(conn: psycopg.Connection, people: Sequence[int], now: datetime) -> None:
    record = choosing.record(conn, people, rules(), now)
    judged = {
        person: (fingerprint(facts), judge(facts, rules(), choosing.preference(record, person)))
        for person, facts in gather(conn, people, civil_day(now)).items()
    }
    chosen, unchosen = _choose(conn, record, judged, now)
    for person, choice in chosen.items():
        digest, judgement = judged[person]
        judged[person] = digest, put_first(judgement, choice.rule_id) if choice.rule_id else judgement
    failed = [(person, rule) for person, (_, judgement) in judged.items() for rule in judgement.failed]
    for rule, count in Counter(rule for _, rule in failed).items():
        log.error("rule %s failed for %d people; the decision log names the error", rule, count)
    spoken = {person: _spoken(judgement) for person, (_, judgement) in judged.items()}
    renewing = [rule.id for rule in rules() if rule.renews]
    settled = advice.settle(conn, spoken, now, unheard=failed, renewing=renewing)
    taken = choices.keep(conn, chosen.values())
    new = {row.advice_id: row for row in (*settled.new, *taken)}
    pushes = _pushes(conn, list(new.values()), _Chosen(chosen, unchosen), now)
    sent = [(push.advice.advice_id, push.advice.person_id, push.channel) for push in pushes if push.channel]
    deliveries.add(conn, sent, now)
    decisions.add(conn, _decisions(judged, pushes), now)
    counts = (len(judged), len(settled.new), settled.changed, settled.closed, len(sent))
    log.info("judged %d people: %d new, %d changed, %d closed, %d to tell", *counts)


@cache
def _source(source: Source) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(source)
    return found


def _spoken(judgement: Judgement) -> list[Spoken]:
    return [
        Spoken(
            rule_id=verdict.rule.id,
            kind=verdict.rule.kind,
            urgency=verdict.rule.urgency,
            audience=verdict.rule.audience,
            title=verdict.speech.title,
            body=verdict.speech.body,
            reason=verdict.speech.reason,
            rests_on=list(msgspec.to_builtins(verdict.speech.rests_on)),
            source=_source(verdict.rule.source),
            rank=rank,
            english=msgspec.to_builtins(verdict.speech.english) if verdict.speech.english else {},
        )
        for rank, verdict in enumerate(judgement.shown)
    ]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """``left``: of whom nothing was chosen, and why."""

    choices: Mapping[int, Choice]
    left: Mapping[int, str]


def _choose(
    conn: psycopg.Connection, record: Record, judged: Mapping[int, tuple[str, Judgement]], now: datetime
) -> tuple[dict[int, Choice], dict[int, str]]:
    """One choice for everybody who has advice that may ring now; of the others, why not."""
    people = [person for person, (_, judgement) in judged.items() if judgement.admitted]
    chosen: dict[int, Choice] = {}
    left: dict[int, str] = {}
    for person, known in ringing(conn, people, now).items():
        digest, judgement = judged[person]
        ready = choosing.candidates(judgement, record.past[person], known, now)
        why = choosing.why_not(judgement, record.past[person], known, now)
        if ready and not why:
            chosen[person] = choosing.choose(record, person, ready, digest=digest, now=now)
        else:
            left[person] = why or "not chosen"
    return chosen, left


def ringing(conn: psycopg.Connection, people: Sequence[int], now: datetime) -> dict[int, Known]:
    """What the plan of pushes needs to know of each of these people."""
    if not people:
        return {}
    told = deliveries.told(conn, people, day_start(civil_day(now)))
    wished = message_wishes.of_people(conn, people)
    reached = wishes.reaching(conn, people, wished)

    def known(person: int) -> Known:
        wish = wished.get(person, message_wishes.NONE)
        full = "enough this week" if told.week.get(person, 0) >= wish.a_week else ""
        return Known(
            channel=reached.get(person),
            told_today=person in told.since,
            last=told.last[person],
            silent=wishes.silent(wish, rules()),
            hushed="paused" if wish.paused(civil_day(now)) else full,
        )

    return {person: known(person) for person in people}


def _pushes(conn: psycopg.Connection, new: Sequence[AdviceRow], made: _Chosen, now: datetime) -> list[Push]:
    known = ringing(conn, sorted({row.person_id for row in new}), now)
    rest_days = {rule.id: rule.rest_days for rule in rules()}
    planned: list[Push] = []
    for person, rows in groupby(sorted(new, key=lambda row: row.person_id), key=lambda row: row.person_id):
        choice, why = made.choices.get(person), made.left.get(person, "not chosen")
        chosen = replace(known[person], chosen=(choice and choice.rule_id) or "", unchosen=why)
        planned += plan(list(rows), chosen, rest_days, now)
    return planned


def _decisions(judged: dict[int, tuple[str, Judgement]], pushes: Sequence[Push]) -> list[Decision]:
    said: dict[int, dict[str, Any]] = {}
    for push in pushes:
        said.setdefault(push.advice.person_id, {})[push.advice.rule_id] = push.says
    return [
        Decision(
            person_id=person,
            facts_hash=digest,
            spoke=list(judgement.spoke),
            shown=[verdict.rule.id for verdict in judgement.shown],
            held=judgement.held,
            push=said.get(person, {}),
        )
        for person, (digest, judgement) in judged.items()
    ]
