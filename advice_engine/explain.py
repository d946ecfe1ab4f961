"""Why a person is told what they are told, and not the rest: the whole decision once more, without writing a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg

from advice_engine import choosing, learning
from advice_engine.choosing import Record
from advice_engine.facts import Facts
from advice_engine.gather import gather
from advice_engine.judge import Judgement, judge, put_first
from advice_engine.learned import ranker
from advice_engine.push import Known, plan
from advice_engine.run import fingerprint, ringing, rules
from advice_engine.vetoes import vetoes
from store import choices
from store.advice import AdviceRow
from store.choices import Choice
from store.clock import civil_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """``facts``: what is known, as counts and days, without a value. ``held``: rule -> why. ``vetoes``: each with
    what it holds.

    ``options``: what the ranker may pick, each with its chance and value, [] when it may not choose (``unchosen`` says
    why). ``chosen``: the family that would be taken now, ``because``: 'own', 'town' or ''. ``pushed``: rule -> channel
    or "held: why", of what is new on the page.
    """

    facts: dict[str, str]
    spoke: tuple[str, ...]
    shown: tuple[str, ...]
    held: dict[str, str]
    vetoes: dict[str, tuple[str, ...]]
    model_id: str
    options: list[dict[str, Any]]
    chosen: str
    because: str
    unchosen: str
    pushed: dict[str, str]


def explain(conn: psycopg.Connection, person: int, now: datetime) -> Explanation | None:
    """The decision as it would fall now; None for a person who is not known. Reads only."""
    facts = gather(conn, [person], civil_day(now)).get(person)
    if facts is None:
        return None
    record = _record(conn, person, now)
    judgement = judge(facts, rules(), choosing.preference(record, person))
    known, past = ringing(conn, [person], now)[person], record.past[person]
    ready = choosing.candidates(judgement, past, known, now)
    why = choosing.why_not(judgement, past, known, now)
    choice = choosing.choose(record, person, ready, digest=fingerprint(facts), now=now) if ready and not why else None
    if choice and choice.rule_id:
        judgement = put_first(judgement, choice.rule_id)
    chosen = replace(known, chosen=(choice and choice.rule_id) or "", unchosen=why or "not chosen")
    return Explanation(
        facts=told(facts),
        spoke=judgement.spoke,
        shown=tuple(verdict.rule.id for verdict in judgement.shown),
        held=judgement.held,
        vetoes={veto.id: tuple(sorted(veto.holds)) for veto in vetoes(facts)},
        model_id=record.model_id,
        options=_options(record, choice),
        chosen=choice.family if choice else "",
        because=choice.because if choice else "",
        unchosen="" if choice else why or "nothing new that may ring",
        pushed=_pushed(judgement, chosen, past.open, now),
    )


def told(facts: Facts) -> dict[str, str]:
    """What is known of the person: how much of it and of which days, never a value."""
    found = {f"days: {metric}": _span([one.day for one in figures]) for metric, figures in sorted(facts.days.items())}
    found["home pressure"] = _span([civil_day(one.at) for one in facts.pressures])
    found["glucose"] = _span([civil_day(one.at) for one in facts.glucoses])
    found["checkups"] = _span([one.examined_on for one in facts.checkups])
    for name in ("conditions", "drugs", "devices", "unwanted", "goals", "care"):
        found[name] = str(len(getattr(facts, name)))
    return {name: said for name, said in found.items() if said not in ("0", "")}


def _span(days: Sequence[Any]) -> str:
    return f"{len(days)}, {min(days)} to {max(days)}" if days else ""


def _record(conn: psycopg.Connection, person: int, now: datetime) -> Record:
    """As ``choosing.record``, without keeping a first model."""
    cold = ranker.cold()
    model_id, parameters = choices.newest_model(conn) or (learning.digest(cold), cold)
    topics = {rule.id: rule.topic for rule in rules()}
    past = choices.past(conn, [person], now, civil_day(now))
    return Record(model_id=model_id, parameters=learning.checked(parameters, model_id), past=past, topics=topics)


def _options(record: Record, choice: Choice | None) -> list[dict[str, Any]]:
    if choice is None:
        return []
    worth = choosing.values(record.parameters, choice.snapshot, [one["family"] for one in choice.options])
    tried = {family: {"done": pair[0], "tried": pair[1]} for family, pair in choice.snapshot.items()}
    return [
        {**one, "value": value, **tried.get(one["family"], {})}
        for one, value in zip(choice.options, worth, strict=True)
    ]


def _pushed(judgement: Judgement, known: Known, there: frozenset[str], now: datetime) -> dict[str, str]:
    """What would happen to each speech that is new on the page, or chosen."""
    new = [
        _row(
            verdict.rule.id, verdict.rule.kind, verdict.rule.urgency, audience=verdict.rule.audience, rank=rank, now=now
        )
        for rank, verdict in enumerate(judgement.shown)
        if verdict.rule.id not in there or verdict.rule.id == known.chosen
    ]
    rest = {rule.id: rule.rest_days for rule in rules()}
    return {push.advice.rule_id: push.says for push in plan(new, known, rest, now)}


def _row(rule_id: str, kind: str, urgency: int, *, audience: str, rank: int, now: datetime) -> AdviceRow:
    return AdviceRow(
        rule_id=rule_id, kind=kind, urgency=urgency, audience=audience, title="", body="", reason="", rests_on=[],
        source={}, rank=rank, advice_id=0, person_id=0, judged_at=now, created_at=now, closed_at=None,
    )  # fmt: skip
