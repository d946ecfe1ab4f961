"""eGFR of 45-59 twice, three months or more apart; what it means is a doctor's to say."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, graded, ground
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.kidney import course, lately, stays_low, to_specialist
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import kidney
from advice_engine.vetoes import ADULT
from advice_engine.words import by, day, number

SOURCE = kidney("3か月以上続くeGFR 60未満")


def when(facts: Facts) -> Speech | None:
    values = course(facts)
    low = stays_low(values) if lately(values, ago(facts, 2 * FRESH_DAYS)) else None
    over = graded(facts, ("egfr",), "referral") or graded(facts, ("urine_protein",), "referral")
    if low is None or over or to_specialist(facts) or facts.age < ADULT:
        return None
    before, now = low
    return Speech(
        "腎臓の値を、かかりつけ医に見てもらいましょう",
        f"eGFR(腎臓がきれいにする力)が、{day(before.on)}は{number(before.value, 1)}、"
        f"{day(now.on)}は{number(now.value, 1)}でした。目安の60より低い結果が、3か月以上あけて2回ありました。"
        "年齢とともに少しずつ下がる方も多くいます。次にかかりつけの内科に行くとき、結果を見せて相談しましょう。"
        "食事の量や水分を、ご自分の考えで大きくかえないでください。",
        f"eGFR 60未満が3か月以上あけて2回ありました。{by(SOURCE)}",
        (ground(now), ground(before)),
        English(
            "Show your kidney values to your family doctor",
            f"Your eGFR was {english.amount('egfr', before.value)} on {english.day(before.on)} and "
            f"{english.amount('egfr', now.value)} on {english.day(now.on)}: below 60 twice, three months or more "
            "apart. In many "
            "people it goes down slowly with age. Please show both results at your next visit to the family "
            "doctor. Until "
            "then, make no big changes to your meals or to how much you drink.",
        ),
    )


RULE = Rule(
    id="kidney_two_values",
    title="eGFR 60未満が3か月以上あけて2回(45以上)",
    kind="referral",
    urgency=1,
    audience="both",
    topic="checkup_kidney",
    needs=("checkups",),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="年齢なりの変化、筋肉の多い方や少ない方。すでに医師が経過をみている方。",
    renews=True,
)
