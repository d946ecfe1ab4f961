"""What makes a blood pressure of 140/90 a matter for prompt consultation. Pure.

Source: 標準的な健診・保健指導プログラム(令和6年度版) (脳心血管病, 心房細動, CKD, 糖尿病 or clustered risks); that three
of age 65+, male, lipids, smoking are a cluster follows 高血圧治療ガイドライン2019 表3-2 (unverified).
"""

from __future__ import annotations

from advice_engine.checkup_values import graded
from advice_engine.facts import Facts
from advice_engine.history import answered, diabetes_signs, heart_or_stroke, kidney_signs, treated

CLUSTER = 3
OLDER = 65


def pressure_risks(facts: Facts) -> tuple[str, ...]:
    """In the citizen's words; empty when nothing adds to the pressure."""
    single = (
        ("血糖の値や治療", diabetes_signs(facts)),
        ("腎臓の値やこれまでの病気", kidney_signs(facts)),
        ("心臓や脳のこれまでの病気", heart_or_stroke(facts)),
    )
    named = tuple(words for words, found in single if found)
    return named or (("年齢や脂質、たばこなどの重なり",) if _clustered(facts) else ())


def _clustered(facts: Facts) -> bool:
    lipids = graded(facts, ("ldl",), "referral", "now") or graded(
        facts, ("hdl", "tg_fasting"), "guidance", "referral", "now"
    )
    parts = (
        facts.age >= OLDER,
        facts.sex == "male",
        bool(lipids) or treated(facts, "lipid"),
        answered(facts, "q_smoking", 1) is not None,
    )
    return sum(parts) >= CLUSTER
