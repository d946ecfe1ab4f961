"""Lipids or HbA1c at the 保健指導 line: fibre from the staple. Silent with kidney signs, and for older thin people."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, graded, ground, listed
from advice_engine.dishes import dishes
from advice_engine.energy import enough_first
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import kidney_signs
from advice_engine.intakes import intake
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import diet
from advice_engine.words import by

METRICS = ("ldl", "tg_fasting", "hba1c")
SOURCE = diet("食物繊維の目標量。麦ごはんの量は日本食品標準成分表(八訂)からの見積もり")


def when(facts: Facts) -> Speech | None:
    found, row = graded(facts, METRICS, "guidance")[:2], intake(facts.sex, facts.age)
    if (
        not found
        or row is None
        or kidney_signs(facts)
        or enough_first(facts)
        or found[0].on < ago(facts, 2 * FRESH_DAYS)
    ):
        return None
    rice, barley = (dishes()[name].holds("fibre_g") for name in ("rice_bowl", "barley_rice"))
    return Speech(
        "ごはんに押麦を、少しまぜてみませんか",
        f"{checkup_day(found[0].on)}で、{listed(found)}でした。食物繊維をふやす工夫をひとつご紹介します。"
        "米に押麦を3割ほどまぜて、いつもの水より少し多めで炊いてみましょう。"
        f"茶わん1杯の食物繊維が、約{rice:.1f} gから約{barley:.1f} gにふえます。"
        f"目安は1日{row.fibre_g:g} g以上です。きのこや海そう、わらびなどの山菜の小鉢を足すと、さらに近づきます。"
        "おなかがはるときは、量をへらしてください。",
        f"健診の値をもとにしています。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "A little barley in the rice?",
            f"Your checkup on {english.day(found[0].on)} showed {english.listed(found)}. Here is one way to more "
            "fibre. Mix three tenths of pressed barley into the rice and add a little more water than usual. "
            f"One bowl then holds about {barley:.1f} g of fibre in place of {rice:.1f} g. "
            f"The aim is {row.fibre_g:g} g a day or more. Mushrooms, seaweed and mountain vegetables add to it. "
            "Take less if your stomach feels full of air.",
        ),
    )


RULE = Rule(
    id="fibre_staple",
    title="健診の脂質かHbA1cが保健指導の目安(麦ごはん)",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="fibre",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="玄米や麦ごはんをもともと食べている方、おなかの手術をした方。健診のあとに値が変わった方。",
    renews=True,
)
