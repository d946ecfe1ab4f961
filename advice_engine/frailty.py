"""What speaks for keeping strength before losing weight in old age. Pure.

Items of 改訂日本版CHS基準 (J-CHS, 2020) as far as we hold them: weight lost, slow walking, no exercise in a week.
Answers to 後期高齢者の質問票 (2020; items 6, 7, 9) stand in for its measurements (unverified as a substitute). Grip
strength and tiredness are not asked. A fall in the year (item 8) is no J-CHS item and is counted apart.
"""

from __future__ import annotations

from advice_engine.facts import Facts
from advice_engine.history import Found, answered
from advice_engine.once import once
from store.metrics import checkup_items

OLDER = 65
FEW, MANY = 1, 2  # J-CHS: 1-2 of five before frailty, 3 and more frail; of three known we listen from 2 on (our choice)
CHS = (("q75_lost_weight", 1), ("q75_slower", 1), ("q75_exercise", 2))
FELL = ("q75_fell", 1)
# The answer of each question of 後期高齢者の質問票 that tells of a difficulty.
DIFFICULT = {
    **dict.fromkeys(("q75_meals", "q75_exercise", "q75_goes_out", "q75_contact", "q75_support"), (2,)),
    **dict.fromkeys(("q75_hard_food", "q75_chokes", "q75_lost_weight", "q75_slower", "q75_fell"), (1,)),
    **dict.fromkeys(("q75_forgets", "q75_date", "q75_smoking"), (1,)),
    "q75_health": (4, 5),
    "q75_mind": (3, 4),
}
_ORDER = tuple(item.metric for item in checkup_items().values() if item.metric in DIFFICULT)


def chs_items(facts: Facts) -> tuple[Found, ...]:
    """Answers of the last two years, from 65 on, that stand for an item of J-CHS."""
    found = (answered(facts, question, code) for question, code in CHS) if facts.age >= OLDER else ()
    return tuple(one for one in found if one)


@once
def strength_first(facts: Facts) -> bool:
    """Whether to speak of strength and enough food, and never of losing weight."""
    return len(chs_items(facts)) >= MANY


def difficulties(facts: Facts) -> tuple[Found, ...]:
    """Every answer of 後期高齢者の質問票 of the last two years that tells of a difficulty, in the form's order."""
    if not any(checkup.values.keys() & DIFFICULT.keys() for checkup in facts.checkups):  # nobody asked: most of a town
        return ()
    found = (answered(facts, question, *DIFFICULT[question]) for question in _ORDER)
    return tuple(one for one in found if one)
