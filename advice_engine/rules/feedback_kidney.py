"""One checkup with eGFR of 45-59 or urine protein ±: have it measured again; never an illness from one value."""

from advice_engine import english
from advice_engine.change import most_moved
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, graded, ground, listed
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.kidney import course, stays_low, to_specialist
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.vetoes import ADULT
from advice_engine.words import by

SOURCE = checkup("別紙5 保健指導判定値(eGFR、尿蛋白)", verified=False)  # the strip's ± is from a secondary source


def when(facts: Facts) -> Speech | None:
    if graded(facts, ("egfr",), "referral") or graded(facts, ("urine_protein",), "referral"):
        return None
    found = graded(facts, ("egfr", "urine_protein"), "guidance")
    if not found or found[0].on < ago(facts, FRESH_DAYS) or facts.age < ADULT:
        return None
    if to_specialist(facts) or stays_low(course(facts)):
        return None  # rules of their own say it
    on, move = found[0].on, most_moved(facts, found)
    return Speech(
        "腎臓の値を、もう一度確かめましょう",
        f"{checkup_day(on)}で、{listed(found)}でした。目安は、eGFR(腎臓がきれいにする力)60以上、尿蛋白は「−」です。"
        f"{move.words if move else ''}1回の検査だけでは分かりません。水分の量や運動、年齢でも動きます。"
        "3か月ほどあけて、かかりつけの内科でもう一度調べてもらいましょう。",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Have your kidney values checked once more",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. "
            "The usual range is an eGFR of 60 or more, and no protein in the urine. "
            f"{move.english if move else ''}One test alone does not tell: water, exercise and age move it too. "
            "Please have it measured again at your family doctor's in about three months.",
        ),
    )


RULE = Rule(
    id="feedback_kidney",
    title="健診のeGFR 45〜59、または尿蛋白±(1回)",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="checkup_kidney",
    needs=("checkups",),
    when=when,
    rest_days=90,
    source=SOURCE,
    false_alarms="激しい運動や発熱のあとの尿、水分が足りないときの採血、筋肉の多い方。",
    renews=True,
)
