"""Checkup glucose just below the 受診勧奨 line: fasting 110-125 mg/dL or HbA1c 6.0-6.4 %."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed, newest_with
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import Found, treated
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by

SOURCE = checkup("フィードバック文例集(血糖 境界)")
WALK = "食後に10分ほど歩くのもよい方法です。"
WALK_EN = "A walk of ten minutes after a meal is good too. "
BANDS = {"fpg": (110.0, 126.0), "hba1c": (6.0, 6.5)}


def when(facts: Facts) -> Speech | None:
    result = newest_with(facts, BANDS)
    if result is None or result.examined_on < ago(facts, 2 * FRESH_DAYS) or treated(facts, "glucose"):
        return None
    values = [Found(metric, result.values[metric], result.examined_on) for metric in BANDS if metric in result.values]
    found = [one for one in values if one.value >= BANDS[one.metric][0]]
    if not found or any(one.value >= BANDS[one.metric][1] for one in values):
        return None
    return Speech(
        "甘い飲み物を、お茶か水にかえてみませんか",
        f"{checkup_day(result.examined_on)}で、{listed(found)}でした。血糖が少し高めです。"
        "まずは、甘い飲み物や甘いコーヒーを1日1杯、お茶か水にかえてみましょう。"
        f"{'' if left_to_doctor(facts, 'exercise') else WALK}"
        "気になる方は、内科で詳しい検査(糖をとる前と後の血糖)の相談ができます。",
        f"健診の血糖が、受診の目安の少し手前です。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Tea or water in place of a sweet drink?",
            f"Your checkup on {english.day(result.examined_on)} showed {english.listed(found)}. Your blood sugar "
            "is a little high. "
            "You could begin with one sweet drink or sweet coffee a day, and have tea or water in its place. "
            f"{'' if left_to_doctor(facts, 'exercise') else WALK_EN}"
            "If you wonder about it, a doctor can do a closer test, before and after taking sugar.",
        ),
    )


RULE = Rule(
    id="checkup_glucose_border",
    title="健診の血糖が少し高め",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="meals",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="甘い飲み物をもともと飲まない方。健診のあとに値が変わった方。",
    renews=True,
)
