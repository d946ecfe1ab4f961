"""eGFR has lost 30 % or more within three months."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, ground
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.kidney import course, lately, quick_fall
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import kidney
from advice_engine.vetoes import ADULT
from advice_engine.words import by, day, number

SOURCE = kidney("腎臓専門医への紹介基準(3か月以内に30%以上の低下)")


def when(facts: Facts) -> Speech | None:
    values = course(facts)
    fall = quick_fall(values) if lately(values, ago(facts, FRESH_DAYS)) else None
    if fall is None or facts.age < ADULT:
        return None
    before, now = fall
    return Speech(
        "腎臓の値が短い間に変わりました。早めに受診を",
        f"eGFR(腎臓がきれいにする力)が、{day(before.on)}の{number(before.value, 1)}から、"
        f"{day(now.on)}の{number(now.value, 1)}に下がっています。"
        "3か月のうちに3割以上の変化は、早く調べることがすすめられています。数日のうちに内科に電話で相談してください。"
        "使っているお薬やサプリメントの名前を、医師に伝えましょう。お薬は今までどおり続けて、指示を聞いてください。",
        f"eGFRが3か月のうちに30%以上変わりました。{by(SOURCE)}",
        (ground(now), ground(before)),
        English(
            "Your kidney value changed quickly: please call a doctor",
            f"Your eGFR went from {english.amount('egfr', before.value)} on {english.day(before.on)} to "
            f"{english.amount('egfr', now.value)} on {english.day(now.on)}. A change of 30% within three months "
            "should be "
            "looked into soon. Please call a doctor within a few days. Tell them what medicine and supplements "
            "you take, "
            "keep taking your medicine as before and follow their advice.",
        ),
    )


RULE = Rule(
    id="kidney_fall",
    title="eGFRが3か月で30%以上下がった",
    kind="referral",
    urgency=3,
    audience="both",
    topic="kidney_course",
    needs=("checkups",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="脱水や発熱のときの採血、検査の方法や施設の違い。",
    clinic_first=True,
    renews=True,
)
