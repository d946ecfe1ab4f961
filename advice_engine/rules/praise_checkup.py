"""The newest checkup, within a year: everything that was measured lies within the lines."""

from advice_engine.checkup_lines import LINES
from advice_engine.checkup_values import FRESH_DAYS, checkup_day
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import checkups
from advice_engine.rule import Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

LEAST = 6  # values with a line; a checkup of less says too little
SOURCE = checkup("別紙5 保健指導判定値")


def when(facts: Facts) -> Speech | None:
    newest = next(iter(checkups(facts)), None)
    if newest is None or newest.examined_on < ago(facts, FRESH_DAYS):
        return None
    measured = {metric: value for metric, value in newest.values.items() if metric in LINES}
    if len(measured) < LEAST or any(LINES[key].grade(value, facts.sex) != "within" for key, value in measured.items()):
        return None
    on = newest.examined_on
    return Speech(
        "健診の値は、どれも目安の範囲でした",
        f"{checkup_day(on)}で測った{len(measured)}項目は、どれも目安の範囲でした。何よりです。"
        "これからも年に1回、健診を受けて、体の変化を確かめましょう。"
        "治療中の方は、今までどおり通院を続けてください。",
        f"健診の値を目安と比べました。{by(SOURCE)}",
        (Ground("checkup", "健診の値", f"{len(measured)}項目が目安の範囲", on.isoformat()),),
    )


RULE = Rule(
    id="praise_checkup",
    title="健診の値がすべて目安の範囲",
    kind="praise",
    urgency=0,
    audience="citizen",
    topic="praise_checkup",
    needs=("checkups",),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="健診で測らない項目(がん検診など)は見ていない。",
)
