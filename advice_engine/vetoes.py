"""When advice on diet or exercise is left to a doctor. Pure; the table is ``vetoes.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from advice_engine.facts import Facts
from advice_engine.figures import fever
from advice_engine.history import bmi, ever, has_condition, latest, takes, treated
from advice_engine.once import once

ADULT = 18
VERY_HIGH_BMI, VERY_LOW_BMI = 35.0, 17.0  # clinician-led
LOW_EGFR, URINE_PROTEIN = 45.0, 3  # mL/min/1.73m2; answer code 1+

_TABLE = tomllib.loads((files("advice_engine") / "vetoes.toml").read_text("utf-8"))
BOTH = frozenset({"diet", "exercise"})
AREAS = (*sorted(BOTH), "weighing")


@dataclass(frozen=True, slots=True)
class Veto:
    """A reason to hold advice of the kinds in ``holds`` ('diet', 'exercise', 'weighing')."""

    id: str
    holds: frozenset[str]


def areas(topic: str) -> frozenset[str]:
    """What a topic of advice touches: 'diet', 'exercise', 'weighing', nothing; unknown: the first two."""
    topics = _TABLE["topics"]
    if topic in topics["neither"]:
        return frozenset()
    return frozenset(area for area in AREAS if topic in topics[area]) or BOTH


@once
def left_to_doctor(facts: Facts, area: str) -> bool:
    """Whether a veto holds ``area``: then no rule of any kind adds a word on it."""
    return any(area in veto.holds for veto in vetoes(facts))


@once
def vetoes(facts: Facts) -> tuple[Veto, ...]:
    """Every veto in force for this person, in the order of the table."""
    listed = tuple(Veto(row["id"], frozenset(row["holds"])) for row in _TABLE["veto"] if _in_force(row, facts))
    return listed + _by_number(facts)


def _in_force(row: dict[str, list[str]], facts: Facts) -> bool:
    return (
        any(has_condition(facts, name) for name in row.get("conditions", ()))
        or any(_answered_yes(facts, question) for question in row.get("answers", ()))
        or any(takes(facts, group) for group in row.get("drugs", ()))
    )


def _answered_yes(facts: Facts, question: str) -> bool:
    return treated(facts, "glucose") if question == "q_med_glucose" else ever(facts, question)


def _by_number(facts: Facts) -> tuple[Veto, ...]:
    egfr, protein, mass = latest(facts, "egfr"), latest(facts, "urine_protein"), bmi(facts)
    kidney = (egfr is not None and egfr.value < LOW_EGFR) or (protein is not None and protein.value >= URINE_PROTEIN)
    extreme = mass is not None and not VERY_LOW_BMI <= mass.value < VERY_HIGH_BMI
    found = (
        ("under_18", facts.age < ADULT, BOTH),
        ("fever", fever(facts) is not None, frozenset({"exercise"})),
        ("kidney_values", kidney, frozenset({"diet"})),
        ("bmi_for_a_clinician", extreme, BOTH),
    )
    return tuple(Veto(name, holds) for name, holds_now, holds in found if holds_now)
