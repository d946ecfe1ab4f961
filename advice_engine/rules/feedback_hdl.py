"""Checkup HDL cholesterol below 40 mg/dL, or really moved within the range."""

from advice_engine.facts import Facts
from advice_engine.feedback import Item, feedback
from advice_engine.rule import Rule, Speech
from advice_engine.sources import checkup

ITEM = Item(
    metrics=("hdl",),
    name="HDLコレステロール",
    name_en="HDL cholesterol",
    what="血管をきれいにする方のあぶらの値です。",
    what_en="It is the fat that helps to keep blood vessels clean.",
    do="今より10分多く体を動かすことから始めてみましょう。",
    do_en="You could begin with ten more minutes of movement a day.",
    area="exercise",
    treats="lipid",
)


def when(facts: Facts) -> Speech | None:
    return feedback(facts, ITEM)


RULE = Rule(
    id="feedback_hdl",
    title="健診のHDLコレステロール 40未満、または前回から動いた",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_hdl",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=checkup("別紙5 保健指導判定値"),
    false_alarms="もともと低めの体質の方、薬の影響がある方。",
    renews=True,
)
