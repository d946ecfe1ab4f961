"""From a person's checkups to the inputs of a score, and to pairs of consecutive checkups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from advice_engine.facts import Checkup, Facts
from advice_engine.history import checkups
from advice_engine.risk_spline import Columns, Sample
from store.clock import age_on

_VALUES = ("bmi", "waist", "office_bp_sys", "office_bp_dia", "hdl", "tg_fasting", "hba1c", "fpg")
# 標準的な質問票 (2024) items 1-3 and 8: 1 is yes; of smoking 1 is a smoker now, 2 and 3 are not.
_ANSWERS = {"bp_drug": "q_med_bp", "glucose_drug": "q_med_glucose", "lipid_drug": "q_med_lipid", "smoker": "q_smoking"}
INPUTS = ("age", "male", *_VALUES, *_ANSWERS, "family_diabetes")
NEXT_DAYS = (180, 900)  # the next checkup comes half a year to two and a half years later


def inputs(facts: Facts, checkup: Checkup) -> dict[str, float]:
    """What is known at this checkup; the rest is absent."""
    found = {"age": float(age_on(facts.birth_date, checkup.examined_on)), "male": float(facts.sex == "male")}
    found |= {name: checkup.values[name] for name in _VALUES if name in checkup.values}
    answers = {name: checkup.values[word] for name, word in _ANSWERS.items() if word in checkup.values}
    return found | {name: float(code == 1) for name, code in answers.items()}


def columns(rows: Sequence[Mapping[str, float]]) -> Columns:
    """Arrays by input, NaN where a row lacks it."""
    return {name: np.array([row.get(name, np.nan) for row in rows], dtype=np.float64) for name in INPUTS}


def reached(learned_id: str, checkup: Checkup) -> float | None:
    """1 or 0: did this checkup show the target? None: it was not measured."""
    values = checkup.values
    if learned_id == "high_pressure":
        return float(values["office_bp_sys"] >= 140) if "office_bp_sys" in values else None
    known = [values[name] >= line for name, line in (("hba1c", 6.5), ("fpg", 126)) if name in values]
    return float(any(known)) if known else None


def pairs(learned_id: str, people: Iterable[Facts]) -> Sample:
    """Everybody's newest pair of consecutive checkups: inputs at the earlier, target at the later one.

    Ordered by a number that has nothing to do with when people came, so that held-out fifths are alike.
    """
    rows, targets = [], []
    for facts in sorted(people, key=lambda one: one.person_id * 2_654_435_761 % 2**32):
        pair = _pair(learned_id, facts)
        if pair and facts.sex in ("male", "female"):
            rows.append(pair[0])
            targets.append(pair[1])
    return Sample(columns(rows), np.array(targets, dtype=np.float64))


def _pair(learned_id: str, facts: Facts) -> tuple[dict[str, float], float] | None:
    held = checkups(facts)
    for later, earlier in pairwise(held):
        target = reached(learned_id, later)
        apart = (later.examined_on - earlier.examined_on).days
        if target is not None and NEXT_DAYS[0] <= apart <= NEXT_DAYS[1]:
            return inputs(facts, earlier), target
    return None
