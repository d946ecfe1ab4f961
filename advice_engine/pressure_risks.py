"""What makes a blood pressure of 140/90 a matter for prompt consultation. Pure.

Source: 標準的な健診・保健指導プログラム(令和6年度版) (脳心血管病, 心房細動, CKD, 糖尿病 or clustered risks); that three
of age 65+, male, lipids, smoking are a cluster follows 高血圧治療ガイドライン2019 表3-2 (unverified).
"""

from __future__ import annotations

from advice_engine.checkup_values import FRESH_DAYS, OfficePressure, graded, office_pressure
from advice_engine.facts import Facts
from advice_engine.history import answered, diabetes_signs, heart_or_stroke, kidney_signs, treated
from advice_engine.home_pressure import calm_at_home

CLUSTER = 3
OLDER = 65
NOW = (160, 100)


def clinic_now(facts: Facts) -> OfficePressure | None:
    """The newest checkup's pressure if it is 160/100 or more, of the last year, and not calm at home: a red flag."""
    found = office_pressure(facts, within=FRESH_DAYS)
    return found if found and found.at_least(*NOW) and not calm_at_home(facts) else None


def pressure_risks(facts: Facts) -> tuple[str, ...]:
    """In the citizen's words; empty when nothing adds to the pressure."""
    single = (
        ("血糖のこと", diabetes_signs(facts)),
        ("腎臓のこと", kidney_signs(facts)),
        ("心臓や脳のこと", heart_or_stroke(facts)),
    )
    named = tuple(words for words, found in single if found)
    return named or _clustered(facts)


def _clustered(facts: Facts) -> tuple[str, ...]:
    """Three or more of age, sex, lipids and smoking; sex is counted and not named."""
    lipids = graded(facts, ("ldl",), "referral", "now") or graded(
        facts, ("hdl", "tg_fasting"), "guidance", "referral", "now"
    )
    parts = (
        ("年齢", facts.age >= OLDER),
        ("", facts.sex == "male"),
        ("脂質のこと", bool(lipids) or treated(facts, "lipid")),
        ("たばこのこと", answered(facts, "q_smoking", 1) is not None),
    )
    found = tuple(words for words, holds in parts if holds)
    return tuple(filter(None, found)) if len(found) >= CLUSTER else ()
