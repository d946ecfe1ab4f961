"""Checkup LDL or non-HDL cholesterol at the 保健指導 line, or really moved within the range."""

from advice_engine.facts import Facts
from advice_engine.feedback import Item, feedback
from advice_engine.rule import Rule, Speech
from advice_engine.sources import checkup

ITEM = Item(
    metrics=("ldl", "non_hdl"),
    name="LDLコレステロール",
    name_en="LDL cholesterol",
    what="血管にたまりやすいあぶらの値です。",
    what_en="It is the fat that tends to build up in blood vessels.",
    do="肉のあぶら身やバターを、魚や大豆に1日1回かえてみましょう。",
    do_en="Once a day, try fish or soy in place of fatty meat or butter.",
    area="diet",
    treats="lipid",
)


def when(facts: Facts) -> Speech | None:
    return feedback(facts, ITEM)


RULE = Rule(
    id="feedback_ldl",
    title="健診のLDL 120以上・Non-HDL 150以上、または前回から動いた",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_ldl",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=checkup("別紙5 保健指導判定値"),
    false_alarms="閉経の前後で変わる時期の方、空腹でない採血での計算値。",
    renews=True,
)
