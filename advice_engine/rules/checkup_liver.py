"""Checkup liver values at or over the 受診勧奨 line."""

from advice_engine import english
from advice_engine.change import told
from advice_engine.checkup_values import checkup_day, graded, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("別紙5 受診勧奨判定値(肝機能)")


def when(facts: Facts) -> Speech | None:
    found = graded(facts, ("ast", "alt", "ggt"), "referral", "now")
    if not found:
        return None
    on = found[0].on
    move, move_en = told(facts, found)
    return Speech(
        "肝臓の値で、受診をおすすめします",
        f"{checkup_day(on)}で、肝臓の値が受診の目安を超えていました。{listed(found)}です。"
        "受診の目安は、ASTとALTが51以上、γ-GTが101以上です。"
        f"{move}{since(on, facts.today)}まだ受診していない方は、1か月のうちに内科で詳しく調べてもらいましょう。"
        "通院中の方は、健診の結果を主治医に見せてください。",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Liver values: please see a doctor",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. {move_en}"
            "The lines for a visit are 51 for AST and ALT, and 101 for γ-GT. "
            f"{english.since(on, facts.today)}If you have not been yet, please have them looked into within a "
            f"month. {english.KEEP_ON}",
        ),
    )


RULE = Rule(
    id="checkup_liver",
    title="健診の肝臓の値が受診の目安以上",
    kind="referral",
    urgency=2,
    audience="both",
    topic="checkup_liver",
    needs=("checkups",),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="採血の前の飲酒や激しい運動(筋肉からもASTが出る)。すでに肝臓の治療を受けている方。",
    clinic_first=True,
    renews=True,
)
