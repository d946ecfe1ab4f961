"""What checkups, conditions and prescriptions tell: newest values, answers, treatment. Pure.

Nothing here depends on the order in which facts come.
"""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files

import msgspec

from advice_engine.facts import Checkup, Facts
from advice_engine.figures import ago, between, middle
from advice_engine.once import once

ANSWERS_HOLD_DAYS = 730  # older questionnaire answers no longer carry advice (our choice)

_TABLE = tomllib.loads((files("advice_engine") / "conditions.toml").read_text("utf-8"))
CONDITIONS: dict[str, list[str]] = _TABLE["icd10"]
DRUGS: dict[str, list[str]] = _TABLE["yj"]


class Found(msgspec.Struct, frozen=True, gc=False):
    """A checkup value and the day of its examination."""

    metric: str
    value: float
    on: date


@once
def checkups(facts: Facts) -> tuple[Checkup, ...]:
    """Up to today, newest first."""
    held = (checkup for checkup in facts.checkups if checkup.examined_on <= facts.today)
    return tuple(sorted(held, key=lambda checkup: (checkup.examined_on, checkup.document_id), reverse=True))


@once
def places(facts: Facts) -> dict[str, int]:
    """Of each metric the place of the newest checkup that measured it, 0 being the newest of all."""
    held = list(enumerate(checkups(facts)))
    return {metric: place for place, checkup in reversed(held) for metric in checkup.values}


@once
def _newest(facts: Facts) -> dict[str, Found]:
    oldest_first = reversed(checkups(facts))
    return {
        metric: Found(metric, value, checkup.examined_on)
        for checkup in oldest_first
        for metric, value in checkup.values.items()
    }


def latest(facts: Facts, metric: str, *, within: int | None = None) -> Found | None:
    """The newest checkup value of the metric, however old; with ``within`` (days) None where that one is older."""
    found = _newest(facts).get(metric)
    return found if found and (within is None or found.on >= ago(facts, within)) else None


def before(facts: Facts, metric: str) -> Found | None:
    """The value of the checkup that measured the metric before the newest one did, however old."""
    held = [checkup for checkup in checkups(facts) if metric in checkup.values][1:2]
    return next((Found(metric, checkup.values[metric], checkup.examined_on) for checkup in held), None)


def answered(facts: Facts, question: str, *codes: int) -> Found | None:
    """The newest answer to the question, if it is one of ``codes`` and not older than two years."""
    found = _newest(facts).get(question)
    if found is None or found.value not in codes:
        return None
    return found if found.on >= ago(facts, ANSWERS_HOLD_DAYS) else None


@once
def ever(facts: Facts, question: str) -> bool:
    """Whether any checkup holds a yes (1): what one was once told does not go away."""
    return any(checkup.values.get(question) == 1 for checkup in checkups(facts))


@once
def has_condition(facts: Facts, name: str) -> bool:
    """Whether a released condition belongs to the group ``name`` of ``conditions.toml``."""
    codes = {code.upper().replace(".", "") for code in facts.conditions}
    return any(code.startswith(tuple(CONDITIONS[name])) for code in codes)


@once
def takes(facts: Facts, group: str) -> bool:
    """Whether a released prescription belongs to the group, by YJ code.

    Only codes in the shape of YJ or 一般名 (a letter at the eighth place) are read: HOT codes are other numbers.
    """
    yj = (code for code in facts.drugs if len(code) >= 9 and code[7].isalpha())
    return any(code.startswith(tuple(DRUGS[group])) for code in yj)


@once
def treated(facts: Facts, what: str) -> bool:
    """On a drug for 'bp', 'glucose' or 'lipid': newest questionnaire, 再確認 of that year, or a prescription."""
    told, rechecked = latest(facts, f"q_med_{what}"), latest(facts, f"recheck_med_{what}")
    found = rechecked is not None and (told is None or rechecked.on >= told.on)
    return (told is not None and told.value == 1) or found or takes(facts, what)


def heart_or_stroke(facts: Facts) -> bool:
    return (
        ever(facts, "q_heart")
        or ever(facts, "q_stroke")
        or has_condition(facts, "heart")
        or has_condition(facts, "stroke")
    )


def _reaches(facts: Facts, metric: str, line: float) -> bool:
    found = latest(facts, metric)
    return found is not None and found.value >= line


@once
def diabetes_signs(facts: Facts) -> bool:
    """Treated, recorded, or values in the diabetes range (fasting >= 126 mg/dL, HbA1c >= 6.5 %)."""
    recorded = treated(facts, "glucose") or has_condition(facts, "diabetes")
    return recorded or _reaches(facts, "fpg", 126) or _reaches(facts, "hba1c", 6.5)


@once
def kidney_signs(facts: Facts) -> bool:
    """Told of it, recorded, eGFR < 60 or urine protein >= 1+: no automatic word on potassium, protein, water."""
    told = ever(facts, "q_kidney") or has_condition(facts, "kidney")
    egfr = latest(facts, "egfr")
    return told or (egfr is not None and egfr.value < 60) or _reaches(facts, "urine_protein", 3)


def height_m(facts: Facts) -> float | None:
    """The newest measured height in metres."""
    found = latest(facts, "height")
    return found.value / 100 if found else None


@once
def bmi(facts: Facts) -> Found | None:
    """BMI from the scale (median of at least 3 days of the last 30) and the checkup's height, else the
    checkup's own of the last two years."""
    height, weights = height_m(facts), between(facts, "weight", oldest=30)
    weight = middle(weights, at_least=3)
    if height and weight:
        return Found("bmi", round(weight / height**2, 1), weights[-1].day)
    return latest(facts, "bmi", within=ANSWERS_HOLD_DAYS)
