"""BMI below 21.5 at 65 or older: eat enough, protein at every meal. Silent with kidney signs."""

from advice_engine.facts import Facts
from advice_engine.history import bmi, kidney_signs
from advice_engine.rule import Ground, Rule, Speech
from advice_engine.sources import diet
from advice_engine.words import by, number

OLDER, THIN = 65, 21.5
SOURCE = diet("目標とするBMI(65歳以上 21.5〜24.9)")


def when(facts: Facts) -> Speech | None:
    found = bmi(facts)
    if found is None or facts.age < OLDER or found.value >= THIN or kidney_signs(facts):
        return None
    return Speech(
        "毎食、おかずを1品しっかり食べましょう",
        f"BMI(身長に見合う体重かどうかの値)は{number(found.value, 1)}です。65歳からの目安は21.5から24.9です。"
        "少し細めの方は、しっかり食べることが大切です。"
        "毎食、卵、豆腐、納豆、魚、肉のどれか1品をとりましょう。まずは朝食に、卵1個か牛乳コップ1杯を足してみませんか。"
        "食欲がない、かみにくいときは、かかりつけの医療機関に相談してください。",
        f"BMIが21.5より低めです。{by(SOURCE)}",
        (Ground("bmi", "BMI", number(found.value, 1), found.on.isoformat()),),
    )


RULE = Rule(
    id="eat_enough",
    title="65歳以上でBMIが21.5未満",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="eating_enough",
    needs=("days:weight", "checkups", "conditions"),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="もともと細くて元気な方、背が縮んで身長の値が古い方。",
)
