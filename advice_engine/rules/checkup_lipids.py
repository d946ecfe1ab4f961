"""Checkup lipids that call for a clinic now: LDL of 180 mg/dL or triglycerides of 500 mg/dL and more."""

from advice_engine import english
from advice_engine.change import told
from advice_engine.checkup_values import checkup_day, graded, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.history import treated
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("フィードバック文例集(脂質 すぐに受診)", verified=False)  # LDL 180 confirmed; 500 from local criteria
METRICS = ("ldl", "tg_fasting", "tg_casual")


def when(facts: Facts) -> Speech | None:
    found = graded(facts, METRICS, "now")
    if not found or treated(facts, "lipid"):
        return None
    on = found[0].on
    move, move_en = told(facts, found)
    return Speech(
        "血液のあぶらの値で、早めに受診してください",
        f"{checkup_day(on)}で、{listed(found)}でした。"
        "すぐに受診がすすめられている値(LDLコレステロール180 mg/dL以上、中性脂肪500 mg/dL以上)です。"
        f"{move}{since(on, facts.today)}まだ受診していない方は、早めに内科に相談してください。"
        "健診の結果を持って行きましょう。",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Blood fats: please see a doctor soon",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. {move_en}At these values a visit "
            "is advised at once "
            f"(LDL cholesterol from 180 mg/dL, triglycerides from 500 mg/dL). {english.since(on, facts.today)}"
            "If you have not been yet, please ask a doctor soon, and bring the result.",
        ),
    )


RULE = Rule(
    id="checkup_lipids",
    title="健診の脂質がとても高い",
    kind="referral",
    urgency=3,
    audience="both",
    topic="checkup_lipids",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="空腹でない採血での中性脂肪(食後3.5時間未満は除く)。健診のあとに受診や治療を始めた方。",
    clinic_first=True,
    renews=True,
)
