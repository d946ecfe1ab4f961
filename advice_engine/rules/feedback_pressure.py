"""Checkup blood pressure at the 保健指導 line (130/85), or really moved within the range."""

from advice_engine.facts import Facts
from advice_engine.feedback import Item, feedback
from advice_engine.rule import Rule, Speech
from advice_engine.sources import checkup

ITEM = Item(
    metrics=("office_bp_sys", "office_bp_dia"),
    name="血圧",
    name_en="blood pressure",
    what="血管にかかる力をみる値です。",
    what_en="It shows the force on the blood vessels.",
    do="家でも朝と晩に測ると、ふだんの血圧が分かります。",
    do_en="Measuring at home, morning and evening, shows your usual blood pressure.",
    area="none",
    treats="bp",
)


def when(facts: Facts) -> Speech | None:
    return feedback(facts, ITEM)


RULE = Rule(
    id="feedback_pressure",
    title="健診の血圧 130/85以上、または前回から動いた",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="feedback_pressure",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=180,
    source=checkup("別紙5 保健指導判定値"),
    false_alarms="健診のときだけ高い方、測る前に急いだ方。",
    renews=True,
)
