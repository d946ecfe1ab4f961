"""Checkup glucose at or over the 受診勧奨 line, not on treatment."""

from advice_engine import english
from advice_engine.change import told
from advice_engine.checkup_values import checkup_day, graded, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.history import treated
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("別紙5 受診勧奨判定値(血糖)")
METRICS = ("fpg", "hba1c", "glucose_casual")


def when(facts: Facts) -> Speech | None:
    found = graded(facts, METRICS, "referral", "now")
    if not found or treated(facts, "glucose"):
        return None
    on = found[0].on
    move, move_en = told(facts, found)
    return Speech(
        "血糖のことで、受診をおすすめします",
        f"{checkup_day(on)}で、血糖の値が受診の目安を超えていました。{listed(found)}です。"
        "受診の目安は、HbA1c 6.5%以上、または血糖126 mg/dL以上です。"
        f"{move}{since(on, facts.today)}まだ受診していない方は、早めに内科で血糖の詳しい検査を受けてください。"
        "困った症状がなくても、相談してよい値です。健診の結果を持って行きましょう。",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Blood sugar: please see a doctor",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. {move_en}"
            "The line for a visit is an HbA1c of 6.5%, or a blood sugar of 126 mg/dL. "
            f"{english.since(on, facts.today)}If you have not been yet, please have your blood sugar tested soon. "
            "It is right to ask even if nothing troubles you. Bring the result.",
        ),
    )


RULE = Rule(
    id="checkup_glucose",
    title="健診の血糖が受診の目安以上",
    kind="referral",
    urgency=3,
    audience="both",
    topic="checkup_glucose",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="空腹でない採血(食後3.5時間未満の随時血糖は除く)。健診のあとに受診や治療を始めた方。",
    clinic_first=True,
    renews=True,
)
