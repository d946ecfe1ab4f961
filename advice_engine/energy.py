"""How much energy a day, and who may be told to eat less. Pure.

Sources: 国立健康・栄養研究所の式 (Ganpule 2007); 日本人の食事摂取基準(2025年版), kcal per kg x a reference weight,
never the table's kcal for somebody very light or heavy; 肥満症診療ガイドライン2022 (3 % in three to six months, 1 kg
of fat as 7,000 kcal). Every number is an estimate: the weight's own course decides.
"""

from __future__ import annotations

from typing import Literal

from advice_engine.activities import KCAL_PER_KG_FAT
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.frailty import strength_first
from advice_engine.history import Found, answered, bmi
from advice_engine.intakes import OLDER, intake, thin
from advice_engine.once import once
from advice_engine.vetoes import ADULT, VERY_HIGH_BMI, left_to_doctor

Activity = Literal["low", "normal"]
HEAVY, NO_DEFICIT_AGE = 25.0, 75
GOAL_SHARE, GOAL_DAYS = 0.03, 180
STANDARD_BMI = 22.0
FALL_KG = 1.0  # over two to four months: from here on a loss is looked at before anything else is said (our choice)
_PAL = {"low": 1.5, "normal": 1.75}  # 18-64; from 65 on 1.70 for normal
_PAL_NORMAL_OLDER = 1.7
_K = {"male": 0.4235, "female": 0.9708}


def basal_kcal(sex: str, *, weight_kg: float, height_cm: float, age: int) -> float | None:
    """Basal metabolism, kcal a day (Ganpule); None where the sex is not known as male or female."""
    if sex not in _K:
        return None
    return (0.0481 * weight_kg + 0.0234 * height_cm - 0.0138 * age - _K[sex]) * 1000 / 4.186


def reference_weight_kg(height_m: float) -> float:
    """標準体重: the weight at BMI 22, on which energy is reckoned instead of a very light or heavy person's own."""
    return STANDARD_BMI * height_m**2


def activity(facts: Facts) -> Activity | None:
    """From the questionnaire's walking and exercise; None where neither was answered within two years."""
    answers = [answered(facts, question, 1, 2) for question in ("q_walking", "q_exercise")]
    known = [one for one in answers if one is not None]
    if not known:
        return None
    return "normal" if any(one.value == 1 for one in known) else "low"


def losing_kcal(facts: Facts, *, weight_kg: float, height_m: float) -> float | None:
    """A day's energy while losing 3 % in half a year, kcal; None where activity, age or sex are not known.

    The larger, that is the gentler, of two estimates: kcal per kg x reference weight, and the present need less the
    pace; with this pace both lie above basal metabolism.
    """
    active, row = activity(facts), intake(facts.sex, facts.age)
    basal = basal_kcal(facts.sex, weight_kg=weight_kg, height_cm=100 * height_m, age=facts.age)
    if active is None or row is None or basal is None:
        return None
    per_kg = row.kcal_per_kg_normal if active == "normal" else row.kcal_per_kg_low
    level = _PAL_NORMAL_OLDER if active == "normal" and facts.age >= OLDER else _PAL[active]
    return max(per_kg * reference_weight_kg(height_m), basal * level - pace_kcal(weight_kg))


def pace_kcal(weight_kg: float) -> float:
    """The largest deficit that is ever told, kcal a day: 3 % of the weight in half a year."""
    return GOAL_SHARE * weight_kg * KCAL_PER_KG_FAT / GOAL_DAYS


def loss_kg(facts: Facts) -> float | None:
    """How much less the scale shows (median of two weeks) than two to four months ago; None without enough days."""
    recent = middle(between(facts, "weight", oldest=13), at_least=3)
    usual = middle(between(facts, "weight", oldest=120, newest=60), at_least=3)
    return None if recent is None or usual is None else usual - recent


@once
def falls_older(facts: Facts) -> bool:
    """From 65 on, and 1 kg or more has gone in two to four months: eating comes before walking more."""
    lost = loss_kg(facts)
    return facts.age >= OLDER and lost is not None and lost >= FALL_KG


@once
def enough_first(facts: Facts) -> bool:
    """From 65 on and thin, getting thinner, or weak by the answers: no word that makes meals smaller or harder."""
    found = bmi(facts)
    thin_older = facts.age >= OLDER and found is not None and thin(found.value, facts.age)
    return thin_older or falls_older(facts) or strength_first(facts)


def losing_does_no_harm(facts: Facts) -> bool:
    """From 18 to 74, and no answers that put strength first: others are told nothing that may make them thinner."""
    return ADULT <= facts.age < NO_DEFICIT_AGE and not strength_first(facts)


def may_lose(facts: Facts) -> Found | None:
    """The BMI of somebody who may be told to eat less energy, or None.

    Never below BMI 25, from 75 on, under 18, at BMI 35 and more, while the weight falls by itself, nor where a veto
    leaves food to a doctor (pregnancy, dialysis, cancer care, eating disorder, glucose-lowering medicine, ...), nor
    where the answers of an older person put strength first (``frailty``).
    """
    mass, lost = bmi(facts), loss_kg(facts)
    if mass is None or not HEAVY <= mass.value < VERY_HIGH_BMI or not losing_does_no_harm(facts):
        return None
    if left_to_doctor(facts, "diet") or (lost is not None and lost >= FALL_KG):
        return None
    return mass
