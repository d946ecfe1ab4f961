"""Checkup glucose at the 保健指導 line (100 mg/dL, HbA1c 5.6 %), or really moved within the range."""

from advice_engine.facts import Facts
from advice_engine.feedback import Item, feedback
from advice_engine.rule import Rule, Speech
from advice_engine.sources import checkup

ITEM = Item(
    metrics=("fpg", "hba1c", "glucose_casual"),
    name="血糖",
    name_en="blood sugar",
    what="血液の中の糖の値です。",
    what_en="It is the sugar in the blood.",
    do="飲み物を、甘くないものにかえることから始めてみましょう。",
    do_en="You could begin with drinks that are not sweet.",
    area="diet",
    treats="glucose",
)


def when(facts: Facts) -> Speech | None:
    return feedback(facts, ITEM)


RULE = Rule(
    id="feedback_glucose",
    title="健診の血糖 100以上・HbA1c 5.6以上、または前回から動いた",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_glucose",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=checkup("別紙5 保健指導判定値"),
    false_alarms="かぜや寝不足の日の採血、食後の採血。",
    renews=True,
)
