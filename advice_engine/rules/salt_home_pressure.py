"""Home blood pressure from 125/75: less salt, by the dishes of the day. Nothing on potassium (kidneys)."""

from advice_engine.facts import Facts
from advice_engine.history import kidney_signs
from advice_engine.home_pressure import HIGH, HIGHEST, home_mean
from advice_engine.rule import Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by, either

ELEVATED = (125, 75)
SOURCE = pressure("高値血圧(家庭)と生活習慣の修正(減塩)")
EVERYDAY = {"male": "1日7.5g未満", "female": "1日6.5g未満"}  # 日本人の食事摂取基準(2025年版)


def when(facts: Facts) -> Speech | None:
    mean = home_mean(facts)
    if mean is None or not mean.at_least(ELEVATED) or mean.at_least(HIGHEST):
        return None
    aim = "1日6g未満" if mean.at_least(HIGH) else EVERYDAY.get(facts.sex, "男性1日7.5g未満、女性6.5g未満")
    return Speech(
        "みそ汁は1日1杯にしてみませんか",
        f"{mean.said}塩分を少しへらすことから始めましょう。"
        f"みそ汁は1日1杯{'' if kidney_signs(facts) else '、具だくさん'}にする。"
        "めん類のつゆは残す。漬物は1日1回、小皿に少しだけ。"
        "しょうゆはかけずに、小皿につける。まずは、できそうなものをひとつ選んでください。"
        f"塩分の目安は{aim}です。",
        f"家庭血圧の平均は、{either(*ELEVATED)}の範囲です。{by(SOURCE)}",
        mean.grounds,
    )


RULE = Rule(
    id="salt_home_pressure",
    title="家庭血圧が高めのときの減塩",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="salt",
    needs=("pressures", "checkups", "conditions"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="すでに減塩している方、食事の量が少なく塩分も足りない高齢の方、汗を多くかく作業の日。",
)
