"""Checkup triglycerides at the 保健指導 line, or really moved within the range."""

from advice_engine.facts import Facts
from advice_engine.feedback import Item, feedback
from advice_engine.rule import Rule, Speech
from advice_engine.sources import checkup

ITEM = Item(
    metrics=("tg_fasting", "tg_casual"),
    name="中性脂肪",
    name_en="triglycerides",
    what="体にたくわえるあぶらの値です。",
    what_en="They are the fat that the body stores.",
    do="お酒、甘い飲み物、夜おそい食事のうち、変えやすいものを1つ選んでみましょう。",
    do_en="Choose the easiest to change: alcohol, sweet drinks or late meals.",
    area="diet",
    treats="lipid",
)


def when(facts: Facts) -> Speech | None:
    return feedback(facts, ITEM)


RULE = Rule(
    id="feedback_triglycerides",
    title="健診の中性脂肪 150以上、または前回から動いた",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_triglycerides",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=180,
    source=checkup("別紙5 保健指導判定値"),
    false_alarms="前の日の夕食やお酒が多かった方、空腹でない採血。",
    renews=True,
)
