"""The nightly order of calls: models that stand, and those in the shadow, place people among their age and sex.

Kept are a place and three comparisons in numbers; the score itself is not. Without a model that a person has approved
nothing is ordered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import psycopg

from advice_engine import learning
from advice_engine.facts import Facts
from advice_engine.gather import everyone, gather
from advice_engine.history import checkups, treated
from advice_engine.learning import Parameters
from advice_engine.risk_columns import columns, inputs
from advice_engine.risk_metrics import groups
from advice_engine.risk_score import NAMES, Scored, cell, score
from store import models, risk_orders
from store.clock import civil_day
from store.models import Model
from store.risk_orders import Place

FROM_AGE = 40  # 特定健診 begins here, and the published tables
MOST_TERMS = 3
_CHUNK = 500
_SLIGHT = 0.05  # logit: terms below it say nothing
_TOGETHER = {"waist": "bmi", "office_bp_dia": "office_bp_sys"}
_UNSAID = ("age", "male")  # alike among peers, or nearly so

Row = tuple[int, dict[str, float], bool]  # person, inputs, treated for glucose


def order_all(conn: psycopg.Connection, now: datetime) -> int:
    """Place everybody anew, in the caller's transaction; returns how many places."""
    risk_orders.forget_others(conn)
    chosen = [model for part in learning.every() if part.kind == "risk" for model in _scoring(conn, part.id)]
    rows = list(_rows(conn, now)) if chosen else []
    count = 0
    for model in chosen:
        found = places(model.learned_id, model.loaded(), rows, now)
        risk_orders.replace(conn, model.model_id, found)
        count += len(found)
    return count


def places(learned_id: str, parameters: Parameters, rows: Sequence[Row], now: datetime) -> list[Place]:
    """Who comes when among people of the same sex and age band; equal scores go by number. Pure."""
    held = [row for row in rows if not (learned_id == "high_glucose" and row[2])]
    if not held:
        return []
    table = columns([row[1] for row in held])
    scored = score(parameters, table)
    found = []
    for peers, mask in groups(table):
        members = np.flatnonzero(mask)
        first = sorted(members, key=lambda at: (-round(float(scored.logit[at]), 9), held[at][0]))
        for place, at in enumerate(first, start=1):
            told = terms(parameters, scored, held[at][1], int(at))
            found.append(Place(held[at][0], learned_id, peers, place, len(first), told, now))
    return found


def terms(parameters: Parameters, scored: Scored, own: dict[str, float], at: int) -> list[dict[str, Any]]:
    """The three comparisons that weigh most: ``parts`` (input, own value, usual of that age and sex), ``raises``.

    What is measured of one thing stands together: waist and BMI share one weight between them, so do the two pressures.
    """
    usual = parameters["reference"][NAMES[int(own["male"])]][int(cell(np.array([own["age"]]))[0])]
    known: dict[str, list[str]] = {}
    for name in scored.terms:
        if name in own and name not in _UNSAID:
            known.setdefault(_TOGETHER.get(name, name), []).append(name)
    weights = {thing: sum(float(scored.terms[name][at]) for name in names) for thing, names in known.items()}
    largest = sorted(weights, key=lambda thing: (-abs(weights[thing]), thing))[:MOST_TERMS]
    return [
        {
            "parts": [{"input": name, "value": own[name], "usual": usual.get(name)} for name in known[thing]],
            "raises": weights[thing] > 0,
        }
        for thing in largest
        if abs(weights[thing]) >= _SLIGHT
    ]


def _scoring(conn: psycopg.Connection, learned_id: str) -> list[Model]:
    standing = models.active(conn, learned_id)
    return [*([standing] if standing else []), *models.in_shadow(conn, learned_id)]


def _rows(conn: psycopg.Connection, now: datetime) -> Iterator[Row]:
    people = everyone(conn)
    for start in range(0, len(people), _CHUNK):
        for facts in gather(conn, people[start : start + _CHUNK], civil_day(now)).values():
            own = _own(facts)
            if own is not None:
                yield facts.person_id, own, treated(facts, "glucose")


def _own(facts: Facts) -> dict[str, float] | None:
    """The newest checkup's inputs at today's age; None under 40, without a checkup, or where sex is not known."""
    held = checkups(facts)
    if facts.age < FROM_AGE or not held or facts.sex not in ("male", "female"):
        return None
    return inputs(facts, held[0]) | {"age": float(facts.age)}
