"""After heart disease or stroke, LDL of 100-139 mg/dL at the last year's checkup: a target of one's own."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed
from advice_engine.facts import Facts
from advice_engine.history import heart_or_stroke, latest
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import arteries
from advice_engine.words import by

SOURCE = arteries("二次予防のLDLコレステロール管理目標(100 mg/dL未満)")
GOAL, REFERRAL = 100.0, 140.0


def when(facts: Facts) -> Speech | None:
    found = latest(facts, "ldl", within=FRESH_DAYS)
    if found is None or not GOAL <= found.value < REFERRAL:
        return None
    if not heart_or_stroke(facts):
        return None
    return Speech(
        "LDLコレステロールの目標を、主治医に聞きましょう",
        f"{checkup_day(found.on)}で、{listed([found])}でした。"
        "心臓や脳のことで治療を受けた方は、目標がふつうの健診の目安より低く決められることがあります。"
        "お薬がある方は今までどおり続けて、次の受診で結果を見せ、「わたしの目標はいくつですか」と聞いてみましょう。",
        f"{listed([found])}。{by(SOURCE)}",
        (ground(found),),
        English(
            "Ask your doctor about your LDL cholesterol target",
            f"Your checkup on {english.day(found.on)} showed {english.listed([found])}. After treatment for the "
            "heart or the "
            "brain, the target is often lower than the usual checkup line. If you take medicine, keep on as "
            "before. Show "
            "the result at your next visit and ask what your own target is.",
        ),
    )


RULE = Rule(
    id="lipids_after_heart",
    title="心臓や脳の治療のあとで、LDL 100〜139",
    kind="referral",
    urgency=1,
    audience="citizen",
    topic="checkup_lipids",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="目標の決め方が違う心臓の病気の方、もう主治医と目標を決めている方。",
    renews=True,
)
