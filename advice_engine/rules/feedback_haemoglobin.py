"""Checkup haemoglobin at the 保健指導 line (men 13.0, women 12.0 g/dL), or really moved within the range."""

from advice_engine.facts import Facts
from advice_engine.feedback import Item, feedback
from advice_engine.rule import Rule, Speech
from advice_engine.sources import checkup

ITEM = Item(
    metrics=("hemoglobin",),
    name="血液の濃さ",
    name_en="haemoglobin",
    what="体に酸素を運ぶ力をみる値です。",
    what_en="It shows how well the blood carries oxygen.",
    do="つかれや息切れが続くときは、内科で相談しましょう。",
    do_en="If tiredness or breathlessness lasts, talk with a doctor.",
    area="none",
)


def when(facts: Facts) -> Speech | None:
    return feedback(facts, ITEM)


RULE = Rule(
    id="feedback_haemoglobin",
    title="健診の血色素量 男13・女12以下、または前回から動いた",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_haemoglobin",
    needs=("checkups",),
    when=when,
    rest_days=180,
    source=checkup("別紙5 保健指導判定値"),
    false_alarms="献血や月経の直後、水分のとり方。",
    renews=True,
)
