"""Who must not be told what, written down a second time and in another way than ``vetoes.py`` and the rules do it.

For the trial on random people alone (``safety_trials.py``): a fault in the engine's own tables, or in how they are
read, shows only where somebody else says the same independently. Nothing is shared with them but the facts. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from advice_engine.facts import Checkup, Facts

# Who has one of these conditions: doctor first, for what is eaten and for how one moves.
BOTH_CONDITIONS = re.compile(
    r"O|Z3[345]"  # pregnancy and childbirth
    r"|N1[789]|N083|Z49|Z940|Z992|I1[23]|E1[01234]2"  # kidneys
    r"|F0[0123]|G3[01]|C|Z51[012]|F50|Z794"  # dementia, cancer and its care, eating disorder, insulin
)
MOVING_CONDITIONS = re.compile(r"I0[56789]|I1[13]|I[234]|I5[012]|I71|I6[0-9]|G45")  # heart, great vessels, stroke
GLUCOSE_MEDICINE = re.compile(r"(2492|2499|396).{3,4}[A-Z]")  # 薬効分類 of a YJ code, a letter at its eighth place
MOVING = {"activity_menu", "balance", "frailty", "going_out", "sit_breaks", "steps", "strength"}
FREE = {"carry_pedometer", "falls", "measure_pressure", "sleep", "smoking", "weigh_in"}
FOOD_WORDS = re.compile("みそ汁|塩分|減塩|揚げ物|おかず|おやつ|甘い飲み物|間食|野菜を|たんぱく質をとり|カロリー|kcal")
MOVING_WORDS = re.compile("歩いてみ|歩くのも|いすから|足踏み|かかと上げ|片足立ち|スクワット|体操をして")
KIDNEY_WORDS = re.compile(
    "バナナ|果物|野菜を|減塩しお|減塩塩|塩化カリウム|カリウム|たんぱく質を(もう|しっかり|増)|水分を(多|たくさん)"
)
LOSING = {"energy_for_weight", "weight_goal", "weight_trend_up"}


def no_food(facts: Facts) -> bool:
    """Whether no word on what to eat or drink may be said."""
    egfr, protein = _newest(facts, "egfr"), _newest(facts, "urine_protein")
    return _neither(facts) or (egfr is not None and egfr < 45) or (protein is not None and protein >= 3)


def no_moving(facts: Facts) -> bool:
    """Whether no word on moving more may be said."""
    warm = [one for one in facts.days.get("temperature", ()) if 0 <= (facts.today - one.day).days <= 1]
    told = any(_once_yes(facts, question) for question in ("q_heart", "q_stroke"))
    return _neither(facts) or told or _coded(facts, MOVING_CONDITIONS) or any(one.value >= 37.5 for one in warm)


def no_kidney_words(facts: Facts) -> bool:
    """Whether potassium, protein, salt substitutes and water must not be spoken of."""
    egfr, protein = _newest(facts, "egfr"), _newest(facts, "urine_protein")
    low = (egfr is not None and egfr < 60) or (protein is not None and protein >= 3)
    return low or _once_yes(facts, "q_kidney") or _coded(facts, re.compile(r"N1[789]|N083|Z49|Z940|Z992|I1[23]|E1.2"))


def no_slimming(facts: Facts) -> bool:
    """Whether weight must not be talked down: minors, from 75 on, who is thin already."""
    mass = _bmi(facts)
    return not 18 <= _age(facts) < 75 or (mass is not None and mass < 18.5)


def clinic_first(facts: Facts) -> bool:
    """Whether the plainest rows of the red-flag table apply: a doctor before any diet or exercise."""
    return any(_clinic(facts))


def _clinic(facts: Facts) -> Iterator[bool]:
    year = facts.today - timedelta(days=365)
    sys, dia = _last_within(facts, "office_bp_sys", year), _last_within(facts, "office_bp_dia", year)
    yield not facts.pressures and (sys >= 160 or dia >= 100)
    yield not _once_treated(facts, "glucose") and _last_within(facts, "hba1c", year) >= 6.5
    yield not _once_treated(facts, "lipid") and _last_within(facts, "ldl", year) >= 180
    # in the last day alone: the rules decide how long a value counts
    yield any(not 70 <= one.value < 300 and one.at.date() >= facts.today for one in facts.glucoses)


def forbidden_topic(facts: Facts, topic: str) -> bool:
    """Whether advice on this topic must not be on the screen of this person."""
    if topic == "weigh_in":
        return _coded(facts, re.compile("F50"))
    if topic in FREE:
        return False
    return no_moving(facts) if topic in MOVING else no_food(facts)


def forbidden_words(facts: Facts, kind: str, body: str) -> str:
    """Words on food, moving or the kidneys in a text of any kind to who must not read them; "" when there are none.

    Referrals and red flags are left out for food and moving: they may name what somebody told of, beside the doctor.
    """
    asked = [(KIDNEY_WORDS, kind == "advice" and no_kidney_words(facts))]
    if kind in ("advice", "praise", "information"):
        asked += [(FOOD_WORDS, no_food(facts)), (MOVING_WORDS, no_moving(facts))]
    return next((found.group() for words, must_not in asked if must_not and (found := words.search(body))), "")


def _neither(facts: Facts) -> bool:
    mass = _bmi(facts)
    medicine = _once_treated(facts, "glucose") or any(GLUCOSE_MEDICINE.match(code) for code in facts.drugs)
    extreme = mass is not None and (mass < 17 or mass >= 35)
    return _age(facts) < 18 or _once_yes(facts, "q_kidney") or _coded(facts, BOTH_CONDITIONS) or medicine or extreme


def _coded(facts: Facts, wanted: re.Pattern[str]) -> bool:
    return any(wanted.match(code.upper().replace(".", "")) for code in facts.conditions)


def _age(facts: Facts) -> int:
    turned = (facts.today.month, facts.today.day) >= (facts.birth_date.month, facts.birth_date.day)
    return facts.today.year - facts.birth_date.year - (not turned)


def _newest_checkup(facts: Facts, metric: str) -> Checkup | None:
    held = [one for one in facts.checkups if metric in one.values and one.examined_on <= facts.today]
    return max(held, key=lambda one: (one.examined_on, one.document_id), default=None)


def _newest(facts: Facts, metric: str) -> float | None:
    found = _newest_checkup(facts, metric)
    return found.values[metric] if found else None


def _last_within(facts: Facts, metric: str, since: object) -> float:
    """0 where there is none."""
    found = _newest_checkup(facts, metric)
    return found.values[metric] if found and str(found.examined_on) >= str(since) else 0


def _once_yes(facts: Facts, question: str) -> bool:
    return any(one.values.get(question) == 1 for one in facts.checkups if one.examined_on <= facts.today)


def _once_treated(facts: Facts, what: str) -> bool:
    """The newest questionnaire says yes, or the same or a later checkup asked again."""
    told, again = _newest_checkup(facts, f"q_med_{what}"), _newest_checkup(facts, f"recheck_med_{what}")
    asked = again is not None and (told is None or again.examined_on >= told.examined_on)
    group = {"glucose": ("2492", "2499", "396"), "lipid": ("218",)}[what]
    given = any(code.startswith(group) and len(code) >= 9 and code[7].isalpha() for code in facts.drugs)
    return asked or given or (told is not None and told.values[f"q_med_{what}"] == 1)


def _bmi(facts: Facts) -> float | None:
    """From three weighings of the last 30 days and the newest height; else as the checkup of two years has it."""
    month = [one.value for one in facts.days.get("weight", ()) if 0 <= (facts.today - one.day).days <= 30]
    height, told = _newest(facts, "height"), _newest_checkup(facts, "bmi")
    if height and len(month) >= 3:
        return round(median(month) / (height / 100) ** 2, 1)
    if told and told.examined_on >= facts.today - timedelta(days=730):
        return told.values["bmi"]
    return None
