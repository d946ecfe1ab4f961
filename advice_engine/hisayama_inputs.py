"""From facts to the 久山町スコア's inputs. Pure.

Who has had heart disease or a stroke is not scored (the guideline's 二次予防), nor who takes medicine for lipids: the
table is for untreated values. Diabetes and kidney disease count as recorded or treated only: where a single checkup
shows a sign of them, a doctor comes first and there is no score. A missing value means no score, never a default.
"""

from __future__ import annotations

from dataclasses import dataclass

from advice_engine.checkup_values import FRESH_DAYS
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.hisayama import Profile
from advice_engine.history import (
    Found,
    diabetes_signs,
    ever,
    has_condition,
    heart_or_stroke,
    kidney_signs,
    latest,
    treated,
)

IMPAIRED = {"fpg": (110.0, 126.0)}  # mg/dL
SMOKES = 1


@dataclass(frozen=True, slots=True)
class Scored:
    """The profile, and the checkup values it rests on; ``ldl`` is one of them."""

    profile: Profile
    found: tuple[Found, ...]

    @property
    def ldl(self) -> Found:
        return next(one for one in self.found if one.metric == "ldl")


def profile(facts: Facts) -> Scored | None:
    """From the newest values of the last two years; None where one is missing or the score does not apply."""
    held = [latest(facts, metric) for metric in ("office_bp_sys", "ldl", "hdl", "fpg", "q_smoking")]
    known = {one.metric: one for one in held if one and one.on >= ago(facts, 2 * FRESH_DAYS)}
    if len(known) < len(held) or facts.sex not in ("male", "female") or not 40 <= facts.age <= 79:
        return None
    ill = _recorded(facts)
    if heart_or_stroke(facts) or treated(facts, "lipid") or (not ill and _signs(facts)):
        return None
    low, high = IMPAIRED["fpg"]
    made = Profile(
        age=facts.age,
        male=facts.sex == "male",
        systolic=known["office_bp_sys"].value,
        ldl=known["ldl"].value,
        hdl=known["hdl"].value,
        smoker=known["q_smoking"].value == SMOKES,
        impaired_glucose=low <= known["fpg"].value < high,
        high_risk_illness=ill,
    )
    return Scored(made, tuple(known[metric] for metric in ("office_bp_sys", "ldl", "hdl", "fpg")))


def _recorded(facts: Facts) -> bool:
    """Diabetes or kidney disease that the person was told of, is treated for, or that a released record names."""
    known = any(has_condition(facts, name) for name in ("diabetes", "kidney"))
    return known or treated(facts, "glucose") or ever(facts, "q_kidney")


def _signs(facts: Facts) -> bool:
    return diabetes_signs(facts) or kidney_signs(facts)
