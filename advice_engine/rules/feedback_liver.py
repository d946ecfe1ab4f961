"""Checkup AST or γ-GT at the 保健指導 line (ALT above 30 has a rule of its own), or really moved."""

from advice_engine.facts import Facts
from advice_engine.feedback import Item, feedback
from advice_engine.rule import Rule, Speech
from advice_engine.sources import checkup

ITEM = Item(
    metrics=("ast", "ggt"),
    name="肝臓",
    name_en="liver values",
    what="肝臓のつかれぐあいをみる値です。",
    what_en="This shows how hard the liver is working.",
    do="お酒を飲む方は、飲まない日を週に1日増やしてみましょう。",
    do_en="If you drink alcohol, try one more day a week without it.",
    area="diet",
)


def when(facts: Facts) -> Speech | None:
    return feedback(facts, ITEM)


RULE = Rule(
    id="feedback_liver",
    title="健診のAST 31以上・γ-GT 51以上、または前回から動いた",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_liver",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=checkup("別紙5 保健指導判定値"),
    false_alarms="採血の前の激しい運動、薬やサプリメントの影響。",
    renews=True,
)
