"""Checkup lipids at or over the 受診勧奨 line, below the line for a clinic now."""

from advice_engine import english
from advice_engine.change import told
from advice_engine.checkup_values import checkup_day, graded, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.history import treated
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by

SOURCE = checkup("別紙5 受診勧奨判定値(脂質)")
EAT = "それまでは、肉のあぶら身やバター、揚げ物を控えめにして、魚や大豆のおかずを1品選んでみましょう。"
EAT_EN = " Until then, less fatty meat, butter and fried food, and one dish of fish or soy a day, are worth a try."
METRICS = ("ldl", "non_hdl", "tg_fasting", "tg_casual")


def when(facts: Facts) -> Speech | None:
    found = graded(facts, METRICS, "referral")
    if not found or treated(facts, "lipid") or graded(facts, METRICS, "now"):
        return None
    on = found[0].on
    move, move_en = told(facts, found)
    return Speech(
        "血液のあぶらの値を、もう一度調べましょう",
        f"{checkup_day(on)}で、{listed(found)}でした。受診の目安を超えています。"
        f"{move}{since(on, facts.today)}まだ受診していない方は、内科でもう一度調べて、相談してください。"
        f"{'' if left_to_doctor(facts, 'diet') else EAT}",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Blood fats: please have them tested again",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. {move_en}That is over the line "
            "for a visit. "
            f"{english.since(on, facts.today)}If you have not been yet, please have it tested again and talk "
            "with a doctor."
            f"{'' if left_to_doctor(facts, 'diet') else EAT_EN}",
        ),
    )


RULE = Rule(
    id="checkup_lipids_month",
    title="健診の脂質が受診の目安以上",
    kind="referral",
    urgency=2,
    audience="both",
    topic="checkup_lipids",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="空腹でない採血での中性脂肪(食後3.5時間未満は除く)。医師が経過をみている方。",
    renews=True,
)
