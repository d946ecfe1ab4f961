"""Checkup haemoglobin at the 受診勧奨 line: men 12.0 g/dL, women 11.0 g/dL."""

from advice_engine import english
from advice_engine.change import told
from advice_engine.checkup_values import checkup_day, graded, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("別紙5 受診勧奨判定値(血色素量)", verified=False)  # whether the line itself counts is unconfirmed


def when(facts: Facts) -> Speech | None:
    found = graded(facts, ("hemoglobin",), "referral", "now")
    if not found:
        return None
    on = found[0].on
    move, move_en = told(facts, found)
    return Speech(
        "血液の濃さの値で、受診をおすすめします",
        f"{checkup_day(on)}で、{listed(found)}でした。血液の濃さをみる値が、受診の目安より低めです。"
        "目安は、男性12.0、女性11.0 g/dL以下です。"
        f"{move}{since(on, facts.today)}まだ受診していない方は、1か月のうちに内科で理由を調べてもらいましょう。"
        "息切れや立ちくらみ、黒い便があるときは、早めに受診してください。",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Haemoglobin: please see a doctor",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. {move_en}That is low. "
            "The line is 12.0 g/dL for men and 11.0 g/dL for women. "
            f"{english.since(on, facts.today)}If you have not been yet, please have the reason looked into "
            "within a month. "
            "With breathlessness, dizziness or black stools, go soon.",
        ),
    )


RULE = Rule(
    id="checkup_anaemia",
    title="健診の血色素量が受診の目安",
    kind="referral",
    urgency=2,
    audience="both",
    topic="checkup_anaemia",
    needs=("checkups",),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="献血や月経の直後、水分のとり方。すでに治療を受けている方。",
    clinic_first=True,
    renews=True,
)
