"""The newest checkup, within a year: everything that was measured lies within the lines."""

from advice_engine import english
from advice_engine.checkup_lines import LINES
from advice_engine.checkup_values import FRESH_DAYS, checkup_day
from advice_engine.facts import Checkup, Facts
from advice_engine.figures import ago
from advice_engine.history import checkups
from advice_engine.intakes import thin
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.stratify import from_checkup, stratify
from advice_engine.words import by

FINDINGS = {"ecg_finding": (1,), "urine_glucose": (2, 3, 4, 5), "urine_blood": (3, 4, 5)}  # answer codes
LEAST = 6  # values with a line; a checkup of less says too little
SOURCE = checkup("別紙5 保健指導判定値")


def when(facts: Facts) -> Speech | None:
    newest = next(iter(checkups(facts)), None)
    if newest is None or newest.examined_on < ago(facts, FRESH_DAYS):
        return None
    measured = {metric: value for metric, value in newest.values.items() if metric in LINES}
    if len(measured) < LEAST or any(LINES[key].grade(value, facts.sex) != "within" for key, value in measured.items()):
        return None
    if _something_else(facts, newest):
        return None
    on = newest.examined_on
    return Speech(
        "健診の値は、どれも目安の範囲でした",
        f"{checkup_day(on)}で測った{len(measured)}項目は、どれも目安の範囲でした。何よりです。"
        "これからも年に1回、健診を受けて、体の変化を確かめましょう。"
        "治療中の方は、今までどおり通院を続けてください。",
        f"健診の値を目安と比べました。{by(SOURCE)}",
        (Ground("checkup", "健診の値", f"{len(measured)}項目が目安の範囲", on.isoformat()),),
        English(
            "Your checkup values are all within the range",
            f"At your checkup on {english.day(on)}, all {len(measured)} values with a line were within it. That "
            "is good to see. "
            "Please go on having a checkup every year. If you are under treatment, go on seeing your doctor as before.",
        ),
    )


def _something_else(facts: Facts, newest: Checkup) -> bool:
    """What has no line of its own and yet forbids to say "all is well": body size, other findings."""
    bmi, fat = newest.values.get("bmi"), stratify(from_checkup(newest, facts.sex, facts.birth_date)).step1
    found = any(newest.values.get(key) in codes for key, codes in FINDINGS.items())
    return found or fat in ("(1)", "(2)") or (bmi is not None and thin(bmi, facts.age))


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
    renews=True,
)
